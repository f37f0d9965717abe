package dev.larder.store.script;

import dev.larder.store.command.Args;
import dev.larder.store.command.Command;
import dev.larder.store.engine.Engine;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What scripts and functions say of themselves before they run, for CLIENT PAUSE. */
public final class Promises {
    private static final String FLAGS = "flags=";

    private Promises() {}

    /**
     * Whether what {@code args} run may write: it does unless it promises that it does not. What is
     * not known will fail, and may wait.
     */
    public static boolean mayWrite(Engine engine, Command command, Args args) {
        return switch (command.name()) {
            case "EVAL" -> !promisesNoWrites(args.bytes(1));
            case "EVALSHA" ->
                    mayWrite(Scripts.of(engine).find(args.text(1).toLowerCase(Locale.ROOT)));
            case "FCALL" -> mayWrite(Functions.of(engine).find(args.text(1)));
            default -> true;
        };
    }

    private static boolean mayWrite(Routine routine) {
        return routine == null || !routine.has(ScriptFlag.NO_WRITES);
    }

    private static boolean promisesNoWrites(byte[] source) {
        Shebang line = Shebang.isIn(source) ? Shebang.of(source) : null;
        return line != null
                && Arrays.stream(line.words())
                        .filter(word -> word.startsWith(FLAGS))
                        .map(word -> List.of(word.substring(FLAGS.length()).split(",")))
                        .anyMatch(flags -> flags.contains(ScriptFlag.NO_WRITES.word()));
    }
}
