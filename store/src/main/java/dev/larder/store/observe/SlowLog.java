package dev.larder.store.observe;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.Command;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Utf8;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * The commands that took longer than {@code slowlog-log-slower-than}, newest first, and SLOWLOG,
 * which shows them. Of a command's words the first 32 are kept, and 128 bytes of each.
 */
public final class SlowLog {
    private static final Flag[] ADMIN = {Flag.ADMIN, Flag.LOADING, Flag.STALE};

    public static final Family ALL =
            family(
                    Category.SERVER,
                    command("SLOWLOG", "<subcommand> [argument ...]")
                            .since("2.2.12")
                            .cost("Depends on subcommand.")
                            .about("A container for slow log commands."),
                    slowlog("GET", "[count]", "Lists the newest slow commands.")
                            .shownAs("[<count>]")
                            .cost("O(N) where N is the number of entries returned")
                            .does(SlowLog::get),
                    slowlog("LEN", "", "Counts the slow commands that are kept.")
                            .does(call -> Reply.integer(of(call).entries.size())),
                    slowlog("RESET", "", "Forgets the slow commands.")
                            .cost("O(N) where N is the number of entries in the slowlog")
                            .does(SlowLog::reset));

    private static final int WORDS_MAX = 32;
    private static final int WORD_BYTES_MAX = 128;
    private static final long SHOWN_DEFAULT = 10;

    private record Entry(
            long id, long second, long micros, List<byte[]> words, String address, String name) {}

    private final Engine engine;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private long nextId;

    public SlowLog(Engine engine) {
        this.engine = engine;
        engine.add(SlowLog.class, this);
        for (String option : List.of("slowlog-log-slower-than", "latency-monitor-threshold")) {
            engine.config().onChange(option, _ -> listen());
        }
        engine.config().onChange("slowlog-max-len", _ -> trim());
        listen();
    }

    private static Command slowlog(String name, String syntax, String about) {
        return command("SLOWLOG|" + name, syntax).is(ADMIN).since("2.2.12").about(about);
    }

    private static SlowLog of(Call call) {
        return Engine.of(call).part(SlowLog.class);
    }

    /** From the lower of the two thresholds on, a command is worth a look. */
    private void listen() {
        long slow = engine.config().slowlogMicros();
        long late = engine.config().latencyMonitorMillis();
        long slowNanos = slow < 0 || slow > Long.MAX_VALUE / 1000 ? Long.MAX_VALUE : slow * 1000;
        long lateNanos =
                late == 0 || late > Long.MAX_VALUE / 1_000_000 ? Long.MAX_VALUE : late * 1_000_000;
        engine.onSlow(Math.min(slowNanos, lateNanos), this::ran);
    }

    private void ran(Call call, Client client, long nanos) {
        engine.latency().took(call.command().has(Flag.FAST) ? "fast-command" : "command", nanos);
        long slow = engine.config().slowlogMicros();
        if (slow >= 0 && nanos / 1000 >= slow && !call.command().has(Flag.SKIP_SLOWLOG)) {
            entries.addFirst(
                    new Entry(
                            nextId++,
                            call.now() / 1000,
                            nanos / 1000,
                            words(call),
                            client.address(),
                            client.name()));
            trim();
        }
    }

    private void trim() {
        while (entries.size() > engine.config().integer("slowlog-max-len")) {
            entries.removeLast();
        }
    }

    private static List<byte[]> words(Call call) {
        int count = call.count();
        List<byte[]> kept = new ArrayList<>();
        for (int i = 0; i < Math.min(count, WORDS_MAX); i++) {
            if (count > WORDS_MAX && i == WORDS_MAX - 1) {
                kept.add(utf8("... (" + (count - WORDS_MAX + 1) + " more arguments)"));
            } else if (Secrets.hides(call, i)) {
                kept.add(utf8("(redacted)"));
            } else {
                kept.add(clipped(call.args().bytes(i)));
            }
        }
        return kept;
    }

    private static byte[] clipped(byte[] word) {
        if (word.length <= WORD_BYTES_MAX) {
            return word;
        }
        byte[] note = utf8("... (" + (word.length - WORD_BYTES_MAX) + " more bytes)");
        byte[] clipped = Arrays.copyOf(word, WORD_BYTES_MAX + note.length);
        System.arraycopy(note, 0, clipped, WORD_BYTES_MAX, note.length);
        return clipped;
    }

    private static byte[] utf8(String text) {
        return Utf8.encode(text);
    }

    static Reply get(Call call) {
        if (call.count() > 3) {
            throw Errors.subcommandSyntax(call.args().text(1), "SLOWLOG");
        }
        Deque<Entry> entries = of(call).entries;
        long count =
                call.count() == 2
                        ? SHOWN_DEFAULT
                        : call.args()
                                .integer(
                                        2,
                                        -1,
                                        Long.MAX_VALUE,
                                        "ERR count should be greater than or equal to -1");
        long shown = count == -1 ? entries.size() : Math.min(count, entries.size());
        List<Reply> replies = new ArrayList<>();
        Iterator<Entry> newest = entries.iterator();
        for (long i = 0; i < shown; i++) {
            Entry entry = newest.next();
            replies.add(
                    Reply.array(
                            Reply.integer(entry.id()),
                            Reply.integer(entry.second()),
                            Reply.integer(entry.micros()),
                            Reply.array(entry.words().stream().map(Reply::bulk).toList()),
                            Reply.bulk(entry.address()),
                            Reply.bulk(entry.name())));
        }
        return Reply.array(replies);
    }

    static Reply reset(Call call) {
        of(call).entries.clear();
        return Reply.OK;
    }
}
