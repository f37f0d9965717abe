package dev.larder.caching;

/** No place in front of the database came free in time: answer "try again soon", not an error. */
public final class DatabaseBusyException extends RuntimeException {

    DatabaseBusyException(String message) {
        super(message);
    }
}
