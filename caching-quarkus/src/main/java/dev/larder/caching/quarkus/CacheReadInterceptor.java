package dev.larder.caching.quarkus;

import dev.larder.caching.Cache;
import dev.larder.caching.Outcome;
import dev.larder.caching.StoreAwayException;
import jakarta.annotation.Priority;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;
import java.util.Optional;

/**
 * Outside of the method's own transaction, so that what it loads is read from what is committed.
 */
@CacheRead(cache = "")
@Interceptor
@Priority(Interceptor.Priority.PLATFORM_BEFORE + 100)
class CacheReadInterceptor {

    private final Caches caches;

    CacheReadInterceptor(Caches caches) {
        this.caches = caches;
    }

    @AroundInvoke
    Object read(InvocationContext call) throws Exception {
        String name = Plan.annotation(call.getMethod(), CacheRead.class).cache();
        Cache<Object> cache = caches.named(name);
        Plan plan = caches.plan(call.getMethod());
        String key = plan.key(call.getParameters());
        if (caches.withinTransaction(call.getMethod())) {
            return withinTransaction(cache, key, plan, call);
        }
        try {
            return plan.wrapped(
                    cache.read(
                                    key,
                                    missing ->
                                            Optional.ofNullable(
                                                    plan.unwrapped(Passage.proceed(call))))
                            .value());
        } catch (Passage passage) {
            throw passage.checked();
        }
    }

    private Object withinTransaction(
            Cache<Object> cache, String key, Plan plan, InvocationContext call) throws Exception {
        if (!caches.changedWithin(cache.name())) {
            try {
                Optional<Outcome<Object>> cached = cache.peek(key);
                if (cached.isPresent() && !cached.get().stale()) {
                    return plan.wrapped(cached.get().value());
                }
            } catch (StoreAwayException e) {
                // Then the database answers, as it does for all who find no store.
            }
        }
        return call.proceed();
    }
}
