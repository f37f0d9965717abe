package dev.larder.caching.quarkus;

import jakarta.interceptor.InvocationContext;

/** Carries a method's checked exception through a cache, which knows none. */
final class Passage extends RuntimeException {

    Passage(Exception checked) {
        super(null, checked, false, false);
    }

    /** Calls the method; a checked exception comes wrapped, to be unwrapped on the other side. */
    static Object proceed(InvocationContext call) {
        try {
            return call.proceed();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new Passage(e);
        }
    }

    Exception checked() {
        return (Exception) getCause();
    }
}
