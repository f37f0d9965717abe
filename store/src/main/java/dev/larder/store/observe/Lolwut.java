package dev.larder.store.observe;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.engine.ConnectionCommands;
import dev.larder.store.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/**
 * LOLWUT: a larder, drawn anew each time. VERSION 5 and 6 give other pictures; the last line is the
 * version, which is what the command is for.
 */
public final class Lolwut {
    public static final Family ALL =
            family(
                    Category.SERVER,
                    command("LOLWUT", "[VERSION version]")
                            .is(Flag.READONLY, Flag.FAST)
                            .since("5.0.0")
                            .about("Draws something, and tells the version.")
                            .differs("Another picture.")
                            .does(Lolwut::draw));

    private static final String[] JARS = {"(~~)", "[##]", "{::}", "(oo)", "[==]", "|%%|", "<**>"};
    private static final int JARS_MAX = 60;
    private static final int SHELVES_MAX = 40;

    private Lolwut() {}

    static Reply draw(Call call) {
        boolean asked = call.count() > 2 && call.args().is(1, "VERSION");
        long version = asked ? call.args().integer(2) : 7;
        // Only these two pictures have sizes; to the others any words are welcome.
        int at = version == 5 || version == 6 ? 3 : call.count();
        int width = (int) size(call, at, version == 5 ? 16 : 10, JARS_MAX);
        int height = (int) size(call, at + 1, version == 6 ? 6 : 4, SHELVES_MAX);
        String picture = shelves(call.random(), width, height);
        return new Reply.Verbatim(
                "txt",
                (picture + "Redis ver. " + ConnectionCommands.REDIS_VERSION + "\n")
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static long size(Call call, int index, int usual, int most) {
        if (index >= call.count()) {
            return usual;
        }
        return Math.clamp(call.args().integer(index, Errors.NOT_AN_INTEGER), 1, most);
    }

    /** Jars stand on shelves, closer together the lower the shelf. */
    private static String shelves(RandomGenerator random, int width, int height) {
        StringBuilder picture = new StringBuilder();
        for (int shelf = 0; shelf < height; shelf++) {
            picture.append('|');
            for (int place = 0; place < width; place++) {
                boolean stands = random.nextInt(height + 1) <= shelf + 1;
                picture.append(stands ? JARS[random.nextInt(JARS.length)] : "    ");
            }
            picture.append("|\n+").repeat("-", width * 4).append("+\n");
        }
        return picture.toString();
    }
}
