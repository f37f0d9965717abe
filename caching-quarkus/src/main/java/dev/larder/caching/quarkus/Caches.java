package dev.larder.caching.quarkus;

import dev.larder.caching.Cache;
import dev.larder.caching.StoreAwayException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import jakarta.transaction.Transactional;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** The caches of this application by name, and what is to be told to them after a commit. */
@ApplicationScoped
class Caches {

    private static final Logger LOG = Logger.getLogger(Caches.class);

    /** Under this, a transaction remembers of which caches it has announced changes. */
    private static final String CHANGED = Caches.class.getName() + ".changed:";

    private final Map<Method, Plan> plans = new ConcurrentHashMap<>();
    private final Map<String, Cache<?>> byName = new HashMap<>();

    @Inject TransactionSynchronizationRegistry transactions;

    @Inject
    Caches(@Any Instance<Cache<?>> beans) {
        for (Cache<?> cache : beans) {
            if (byName.put(cache.name(), cache) != null) {
                throw new IllegalStateException("there are two caches named " + cache.name());
            }
        }
    }

    @SuppressWarnings("unchecked")
    Cache<Object> named(String name) {
        Cache<?> cache = byName.get(name);
        if (cache == null) {
            throw new IllegalStateException(
                    "there is no cache named " + name + "; there are " + byName.keySet());
        }
        return (Cache<Object>) cache;
    }

    Plan plan(Method method) {
        return plans.computeIfAbsent(method, Plan::new);
    }

    /** Whether a transaction is under way that the method will take part in. */
    boolean withinTransaction(Method method) {
        return transactions.getTransactionStatus() != Status.STATUS_NO_TRANSACTION
                && !hasItsOwn(method);
    }

    private static boolean hasItsOwn(Method method) {
        Transactional how = method.getAnnotation(Transactional.class);
        if (how == null) {
            how = method.getDeclaringClass().getAnnotation(Transactional.class);
        }
        return how != null
                && (how.value() == Transactional.TxType.REQUIRES_NEW
                        || how.value() == Transactional.TxType.NOT_SUPPORTED);
    }

    boolean changedWithin(String cache) {
        return transactions.getResource(CHANGED + cache) != null;
    }

    /** Has {@code tell} run once the transaction has committed, and not if it does not. */
    void afterCommit(String cache, Runnable tell) {
        transactions.putResource(CHANGED + cache, Boolean.TRUE);
        transactions.registerInterposedSynchronization(
                new Synchronization() {
                    @Override
                    public void beforeCompletion() {}

                    @Override
                    public void afterCompletion(int status) {
                        if (status == Status.STATUS_COMMITTED) {
                            told(cache, tell);
                        }
                    }
                });
    }

    /** Nobody is failed by the store after the database has committed. */
    void told(String cache, Runnable tell) {
        try {
            tell.run();
        } catch (StoreAwayException e) {
            LOG.warnf(
                    "The store was not told of a change of %s; what it has ends by its TTL: %s",
                    cache, e.getMessage());
        }
    }
}
