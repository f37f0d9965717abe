package dev.larder.caching;

/** A load took longer than a reader may wait; it goes on for the readers after this one. */
public final class LoadTimeoutException extends RuntimeException {

    LoadTimeoutException(String message) {
        super(message);
    }
}
