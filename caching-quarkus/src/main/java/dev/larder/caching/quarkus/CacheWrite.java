package dev.larder.caching.quarkus;

import jakarta.enterprise.util.Nonbinding;
import jakarta.interceptor.InterceptorBinding;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Write-through: the value that the method returns is kept once it is committed.
 *
 * <p>When the method runs within a transaction that goes on after it, the key is dropped after that
 * transaction has committed instead: what the method returned may change until then. A rolled-back
 * transaction, or a method that throws, changes nothing in the cache.
 */
@InterceptorBinding
@Retention(RetentionPolicy.RUNTIME)
// TYPE is for the interceptor; a bean is annotated method by method.
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface CacheWrite {

    /** Name of the cache: there is one bean of type {@link dev.larder.caching.Cache} with it. */
    @Nonbinding
    String cache();

    /**
     * Where the key is found in what the method returns, such as {@code id}; "" takes it from the
     * parameters.
     */
    @Nonbinding
    String keyOfResult() default "";
}
