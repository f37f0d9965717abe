package dev.larder.store.script;

/** A script that cannot be compiled, or scripts that are not available on this machine. */
public final class ScriptException extends Exception {
    private static final long serialVersionUID = 1;

    /** {@code text} is the error as the client sees it, its code first. */
    public ScriptException(String text) {
        super(text, null, false, false);
    }
}
