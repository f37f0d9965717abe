package dev.larder.caching;

/** The store refused, failed or took too long. */
public final class StoreAwayException extends RuntimeException {

    StoreAwayException(String message, Throwable cause) {
        super(message, cause);
    }
}
