package dev.larder.caching.quarkus;

/** Carries a method's checked exception through a cache, which knows none. */
final class Passage extends RuntimeException {

    Passage(Exception checked) {
        super(null, checked, false, false);
    }

    Exception checked() {
        return (Exception) getCause();
    }
}
