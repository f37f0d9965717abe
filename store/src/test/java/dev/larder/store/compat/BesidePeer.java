package dev.larder.store.compat;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** A store and a real server beside it, for all tests of a class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BesidePeer {
    Store store;
    Peer peer;

    @BeforeAll
    void start() throws Exception {
        peer = Peer.start();
        store = Store.start(new StoreConfig().with("port", 0));
    }

    @AfterAll
    void stop() {
        if (store != null) {
            store.close();
        }
        if (peer != null) {
            peer.close();
        }
    }
}
