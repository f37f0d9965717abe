package dev.larder.caching.quarkus;

import jakarta.enterprise.util.Nonbinding;
import jakarta.interceptor.InterceptorBinding;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Lazy loading: the method is only called when the cache of that name has no value for its key.
 *
 * <p>The method is the load: it blocks, and returns a value, null for none, or an {@link
 * java.util.Optional}. Called within a transaction that has announced a change of this cache it is
 * always called; within any transaction what it returns is not kept, for it may have seen what is
 * not committed.
 */
@InterceptorBinding
@Retention(RetentionPolicy.RUNTIME)
// TYPE is for the interceptor; a bean is annotated method by method.
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface CacheRead {

    /** Name of the cache: there is one bean of type {@link dev.larder.caching.Cache} with it. */
    @Nonbinding
    String cache();
}
