package dev.larder.caching.quarkus;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A parameter that belongs to the key. Without any, all parameters do, in their order. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
public @interface CacheKey {

    /**
     * What of the parameter: the name of a record component, a getter's property or a public field,
     * such as {@code id}. "" is the parameter itself, by its {@code toString}.
     */
    String value() default "";
}
