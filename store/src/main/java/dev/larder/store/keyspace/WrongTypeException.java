package dev.larder.store.keyspace;

/** The key holds a value of another type than the command works on. Carries no stack. */
public final class WrongTypeException extends RuntimeException {
    private static final long serialVersionUID = 1;
    static final WrongTypeException INSTANCE = new WrongTypeException();

    private WrongTypeException() {
        super("wrong type", null, false, false);
    }
}
