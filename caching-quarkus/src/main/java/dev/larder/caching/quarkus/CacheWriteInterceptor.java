package dev.larder.caching.quarkus;

import dev.larder.caching.Cache;
import jakarta.annotation.Priority;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;
import java.util.List;

/** Outside of the method's own transaction: when the method has returned, it has committed. */
@CacheWrite(cache = "")
@Interceptor
@Priority(Interceptor.Priority.PLATFORM_BEFORE + 100)
class CacheWriteInterceptor {

    private final Caches caches;

    CacheWriteInterceptor(Caches caches) {
        this.caches = caches;
    }

    @AroundInvoke
    Object write(InvocationContext call) throws Exception {
        CacheWrite write = Plan.annotation(call.getMethod(), CacheWrite.class);
        Cache<Object> cache = caches.named(write.cache());
        Plan plan = caches.plan(call.getMethod());
        boolean byResult = !write.keyOfResult().isEmpty();
        if (caches.withinTransaction(call.getMethod())) {
            Object result = call.proceed();
            String key =
                    byResult
                            ? plan.keyOf(result, write.keyOfResult())
                            : plan.key(call.getParameters());
            caches.afterCommit(cache.name(), () -> cache.invalidateAfterCommit(List.of(key)));
            return result;
        }
        if (byResult) {
            Object result = call.proceed();
            Object value = plan.unwrapped(result);
            if (value != null) {
                cache.write(plan.keyOf(value, write.keyOfResult()), () -> value);
            }
            return result;
        }
        String key = plan.key(call.getParameters());
        Object[] result = new Object[1];
        try {
            cache.write(
                    key,
                    () -> {
                        result[0] = Passage.proceed(call);
                        Object value = plan.unwrapped(result[0]);
                        if (value == null) {
                            throw new Nothing();
                        }
                        return value;
                    });
        } catch (Nothing nothing) {
            // Committed, but there is no value to keep: whatever was there is not the truth.
            cache.invalidateAfterCommit(List.of(key));
        } catch (Passage passage) {
            throw passage.checked();
        }
        return result[0];
    }

    /** The method has committed and returned no value. */
    private static final class Nothing extends RuntimeException {
        Nothing() {
            super(null, null, false, false);
        }
    }
}
