package dev.larder.store.script;

import java.util.Set;

/**
 * A function that a library has registered.
 *
 * @param description what its author says of it; null where he says nothing
 */
public record LibraryFunction(String name, String description, Set<ScriptFlag> flags, int handle)
        implements Routine {
    @Override
    public boolean isDeclared() {
        return true;
    }
}
