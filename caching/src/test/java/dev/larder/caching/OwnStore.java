package dev.larder.caching;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;

/** A store that a test may stop and start again on its port. */
final class OwnStore implements AutoCloseable {
    private Store store;

    private OwnStore(Store store) {
        this.store = store;
    }

    static OwnStore start() {
        return new OwnStore(Store.start(new StoreConfig().with("port", 0)));
    }

    String url() {
        return store.url();
    }

    void down() {
        store.close();
    }

    void up() {
        store = Store.start(new StoreConfig().with("port", store.port()));
    }

    @Override
    public void close() {
        down();
    }
}
