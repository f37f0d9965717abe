package dev.larder.store.script;

import dev.larder.store.engine.Engine;
import dev.larder.store.engine.Libraries;
import java.util.List;

/** The libraries of functions as the data file and dumps have them. */
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
    public void load(byte[] source, boolean replaces) {
        Functions.of(engine).load(source, replaces);
    }

    @Override
    public void restore(List<byte[]> sources, Policy policy) {
        Functions.of(engine)
                .restore(
                        sources,
                        switch (policy) {
                            case FLUSH -> Functions.Policy.FLUSH;
                            case APPEND -> Functions.Policy.APPEND;
                            case REPLACE -> Functions.Policy.REPLACE;
                        });
    }

    @Override
    public void clear() {
        restore(List.of(), Policy.FLUSH);
    }
}
