package dev.larder.caching.quarkus;

import dev.larder.caching.Cache;
import jakarta.annotation.Priority;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;
import java.util.List;

/** Outside of the method's own transaction: when the method has returned, it has committed. */
@CacheDrop(cache = "")
@Interceptor
@Priority(Interceptor.Priority.PLATFORM_BEFORE + 100)
class CacheDropInterceptor {

    private final Caches caches;

    CacheDropInterceptor(Caches caches) {
        this.caches = caches;
    }

    @AroundInvoke
    Object drop(InvocationContext call) throws Exception {
        CacheDrop drop = Plan.annotation(call.getMethod(), CacheDrop.class);
        Cache<Object> cache = caches.named(drop.cache());
        Plan plan = caches.plan(call.getMethod());
        Object[] arguments = call.getParameters().clone();
        Runnable tell = () -> tell(cache, drop, plan, arguments);
        boolean within = caches.withinTransaction(call.getMethod());
        Object result = call.proceed();
        if (within) {
            caches.afterCommit(cache.name(), tell);
        } else {
            caches.told(cache.name(), tell);
        }
        return result;
    }

    private static void tell(Cache<Object> cache, CacheDrop drop, Plan plan, Object[] arguments) {
        if (drop.all()) {
            cache.flush();
            return;
        }
        if (drop.tags().length == 0) {
            cache.invalidateAfterCommit(List.of(plan.key(arguments)));
            return;
        }
        for (String tag : drop.tags()) {
            cache.invalidateTag(plan.tag(tag, arguments));
        }
    }
}
