package dev.larder.catalog;

import dev.larder.caching.Batch;
import dev.larder.caching.JdbcProgress;
import dev.larder.caching.StoreAwayException;
import dev.larder.caching.Write;
import dev.larder.caching.WriteBehind;
import dev.larder.caching.WriteBehindWorker;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/**
 * Write-behind for products: a change is accepted by the store, where every reader sees it at once,
 * and brought to PostgreSQL afterwards, also when that is away meanwhile.
 */
@ApplicationScoped
class ProductQueue {

    private static final Logger LOG = Logger.getLogger(ProductQueue.class);
    private static final Duration START_AGAIN = Duration.ofSeconds(1);

    /** Other instances' writes are looked for so often; our own wake the worker. */
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final DataSource database;
    private final WriteBehind<ProductDetail> queue;
    private final JdbcProgress progress = new JdbcProgress();
    private final CountDownLatch closing = new CountDownLatch(1);
    private Thread starter;
    private WriteBehindWorker<ProductDetail> worker;

    ProductQueue(DataSource database, CatalogCaches caches) {
        this.database = database;
        queue = caches.products.cache().writeBehind().idle(LOOK_EVERY).build();
    }

    void start(@Observes StartupEvent begin) {
        starter = Thread.ofVirtual().name("start of write-behind").start(this::untilStarted);
    }

    void stop(@Observes ShutdownEvent end) throws InterruptedException {
        closing.countDown();
        starter.join();
        if (worker != null) {
            worker.close();
        }
    }

    /** Queued when it returns; throws what {@link WriteBehind#put} throws. */
    void put(ProductDetail product) {
        queue.put(Long.toString(product.id()), product);
    }

    /** Null while the store is away. */
    CacheStats.Queue stats() {
        try {
            WriteBehind.Backlog backlog = queue.backlog();
            return new CacheStats.Queue(backlog.depth(), backlog.lag().toMillis(), backlog.dead());
        } catch (StoreAwayException e) {
            return null;
        }
    }

    /** The store may come after this service. */
    private void untilStarted() {
        while (closing.getCount() > 0) {
            try {
                worker = queue.start(this::store);
                return;
            } catch (StoreAwayException e) {
                LOG.debugf("write-behind waits for the store: %s", e.getMessage());
            }
            try {
                closing.await(START_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** One transaction: what the database does not have yet, and how far it is then. */
    private void store(Batch<ProductDetail> batch) throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("set local search_path = catalog");
                }
                update(connection, Batch.latestPerKey(progress.advance(connection, batch)));
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        }
    }

    /**
     * Somebody else may have changed the row meanwhile: the queue's write is the later one and
     * stays, but under a version above both, so that change capture drops the entry of this one.
     */
    private static void update(Connection connection, List<Write<ProductDetail>> writes)
            throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        """
                        update catalog.product set name = ?, description = ?, price_cents = ?,
                          stock = ?, version = greatest(version + 1, ?), updated_at = ?
                        where id = ?
                        """)) {
            for (Write<ProductDetail> write : writes) {
                ProductDetail product = write.value();
                statement.setString(1, product.name());
                statement.setString(2, product.description());
                statement.setLong(3, product.priceCents());
                statement.setInt(4, product.stock());
                statement.setLong(5, product.version());
                statement.setTimestamp(6, Timestamp.from(product.updatedAt()));
                statement.setLong(7, product.id());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }
}
