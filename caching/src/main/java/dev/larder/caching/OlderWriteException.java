package dev.larder.caching;

/** A newer version of the key was accepted before: nothing was done. */
public final class OlderWriteException extends RuntimeException {

    OlderWriteException(String key, long version, String newest) {
        super("version " + version + " of " + key + " is older than " + newest);
    }
}
