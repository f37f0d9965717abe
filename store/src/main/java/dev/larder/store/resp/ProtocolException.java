package dev.larder.store.resp;

/** A request that is no RESP: answered with its text, after which the connection is closed. */
public final class ProtocolException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ProtocolException(String text) {
        super(text, null, false, false);
    }
}
