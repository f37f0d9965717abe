package dev.larder.kit;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** A store of one test alone, which it may stop and start. */
public final class OwnStore implements QuarkusTestResourceLifecycleManager {

    private Store store;
    private int port;

    @Override
    public Map<String, String> start() {
        store = Store.start(new StoreConfig().with("port", 0));
        port = store.port();
        return Map.of("quarkus.redis.hosts", store.url());
    }

    /** After the shared backends, whose store this replaces. */
    @Override
    public int order() {
        return 100;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(this, new TestInjector.MatchesType(OwnStore.class));
    }

    public void down() {
        store.close();
    }

    /** On the same port, with nothing in it. */
    public void up() {
        store = Store.start(new StoreConfig().with("port", port));
    }

    @Override
    public void stop() {
        store.close();
    }
}
