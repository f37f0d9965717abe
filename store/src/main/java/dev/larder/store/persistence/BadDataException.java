package dev.larder.store.persistence;

/** Bytes that are no valid dump or file; the message says what is wrong. Carries no stack. */
public final class BadDataException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadDataException(String message) {
        super(message, null, false, false);
    }
}
