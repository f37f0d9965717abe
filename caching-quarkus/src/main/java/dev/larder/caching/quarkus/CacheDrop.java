package dev.larder.caching.quarkus;

import jakarta.enterprise.util.Nonbinding;
import jakarta.interceptor.InterceptorBinding;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Write-around: drops what the cache has, after the commit.
 *
 * <p>Without {@link #tags} it drops the key of the method, with them all values that carry one of
 * the tags. A rolled-back transaction, or a method that throws, drops nothing.
 */
@InterceptorBinding
@Retention(RetentionPolicy.RUNTIME)
// TYPE is for the interceptor; a bean is annotated method by method.
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface CacheDrop {

    /** Name of the cache: there is one bean of type {@link dev.larder.caching.Cache} with it. */
    @Nonbinding
    String cache();

    /** Drop what carries these tags; "{0}" stands for the first {@link CacheKey} parameter. */
    @Nonbinding
    String[] tags() default {};

    /** Drop everything. */
    @Nonbinding
    boolean all() default false;
}
