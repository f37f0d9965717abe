package dev.larder.store.script;

import dev.larder.store.command.CommandException;
import dev.larder.store.engine.Engine;
import dev.larder.store.engine.Libraries;
import java.util.List;

/** The libraries of functions as the data file has them. */
public final class StoredLibraries implements Libraries {
    private final Engine engine;

    public StoredLibraries(Engine engine) {
        this.engine = engine;
    }

    @Override
    public List<byte[]> sources() {
        return Functions.of(engine).libraries().stream().map(Library::code).toList();
    }

    @Override
    public void load(byte[] source) {
        try {
            Functions.of(engine).load(source, true);
        } catch (CommandException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    @Override
    public void clear() {
        Functions.of(engine).restore(List.of(), Functions.Policy.FLUSH);
    }
}
