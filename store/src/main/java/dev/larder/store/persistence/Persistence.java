package dev.larder.store.persistence;

import dev.larder.store.command.Call;
import dev.larder.store.engine.Engine;
import java.util.logging.Logger;

/** What the engine knows of its files: when they were written, and whether one is being written. */
public final class Persistence {
    static final Logger LOG = Logger.getLogger(Persistence.class.getName());

    private boolean checksDumps = true;

    public Persistence(Engine engine) {
        engine.add(Persistence.class, this);
    }

    public static Persistence of(Engine engine) {
        return engine.part(Persistence.class);
    }

    static boolean checksDumps(Call call) {
        return of(Engine.of(call)).checksDumps;
    }

    /** DEBUG SET-SKIP-CHECKSUM-VALIDATION: whether RESTORE looks at checksums. */
    public void checksDumps(boolean yes) {
        checksDumps = yes;
    }
}
