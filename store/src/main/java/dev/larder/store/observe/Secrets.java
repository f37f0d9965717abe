package dev.larder.store.observe;

import dev.larder.store.command.Args;
import dev.larder.store.command.Call;

/** Which words of a command are passwords or the like, and stay out of every log. */
final class Secrets {
    private Secrets() {}

    /** Whether the word at {@code index} is to be hidden. */
    static boolean hides(Call call, int index) {
        Args args = call.args();
        return switch (call.command().name()) {
            case "AUTH" -> index > 0;
            case "HELLO" -> follows(args, index, "AUTH", 1) || follows(args, index, "AUTH", 2);
            case "MIGRATE" ->
                    index > 5
                            && (follows(args, index, "AUTH", 1)
                                    || follows(args, index, "AUTH2", 1)
                                    || follows(args, index, "AUTH2", 2));
            case "ACL|SETUSER" -> index > 1;
            case "ACL|GETUSER", "ACL|DELUSER" -> index > 1;
            case "CONFIG|SET" ->
                    index > 2 && index % 2 == 1 && call.config().isSecret(args.text(index - 1));
            default -> false;
        };
    }

    private static boolean follows(Args args, int index, String word, int distance) {
        return index - distance > 0 && args.is(index - distance, word);
    }
}
