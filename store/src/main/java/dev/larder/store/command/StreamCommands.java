package dev.larder.store.command;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;
import static dev.larder.store.command.Flag.BLOCKING;
import static dev.larder.store.command.Flag.DENYOOM;
import static dev.larder.store.command.Flag.FAST;
import static dev.larder.store.command.Flag.LOADING;
import static dev.larder.store.command.Flag.MOVABLEKEYS;
import static dev.larder.store.command.Flag.READONLY;
import static dev.larder.store.command.Flag.STALE;
import static dev.larder.store.command.Flag.WRITE;

import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import dev.larder.store.value.Stream;
import dev.larder.store.value.StreamId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;

/** Streams: logs of entries in the order of their ids, and groups of consumers that share them. */
public final class StreamCommands {
    /*
     * The journal never keeps a `*`, a `~` or a clock: XADD is kept with its id and a trim as the
     * length it came to. What a group has read is kept as on the real servers: an XCLAIM with its
     * time and count for each entry, and an XGROUP SETID for the place that was reached.
     */
    private static final String BAD_ID =
            "ERR Invalid stream ID specified as stream command argument";
    private static final int ID_LENGTH_MAX = 127;
    private static final int AUTOCLAIM_COUNT = 100;
    private static final int AUTOCLAIM_LOOKS = 10;
    private static final int FULL_COUNT = 10;

    public static final Family ALL =
            family(
                    Category.STREAM,
                    command(
                                    "XADD",
                                    "key [NOMKSTREAM] [<MAXLEN | MINID> [= | ~] threshold [LIMIT"
                                            + " count]] <* | id> field value [field value ...]")
                            .is(WRITE, DENYOOM, FAST)
                            .since("5.0.0")
                            .cost("O(1) when adding a new entry, O(N) when trimming N entries.")
                            .about("Appends a new message to a stream.")
                            .does(StreamCommands::xadd),
                    command("XLEN", "key")
                            .is(READONLY, FAST)
                            .since("5.0.0")
                            .about("Returns the number of messages in a stream.")
                            .does(StreamCommands::xlen),
                    command("XRANGE", "key start:string end:string [COUNT count]")
                            .is(READONLY)
                            .since("5.0.0")
                            .cost("O(log(M)+N), N entries returned of M.")
                            .about("Returns the messages of a stream within a range of IDs.")
                            .does(call -> range(call, false)),
                    command("XREVRANGE", "key end:string start:string [COUNT count]")
                            .is(READONLY)
                            .since("5.0.0")
                            .cost("O(log(M)+N), N entries returned of M.")
                            .about(
                                    "Returns the messages of a stream within a range of IDs in"
                                            + " reverse order.")
                            .does(call -> range(call, true)),
                    command(
                                    "XREAD",
                                    "[COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id"
                                            + " [id ...]")
                            .is(READONLY, BLOCKING, MOVABLEKEYS)
                            .since("5.0.0")
                            .cost("O(N) with N being the number of elements returned.")
                            .about("Returns messages of streams with IDs greater than those given.")
                            .keysFoundBy(StreamCommands::streamKeys)
                            .does(call -> read(call, false)),
                    command("XDEL", "key id [id ...]")
                            .is(WRITE, FAST)
                            .since("5.0.0")
                            .cost("O(log(M)) for each entry deleted of M.")
                            .about("Removes messages from a stream and returns how many.")
                            .does(StreamCommands::xdel),
                    command("XTRIM", "key <MAXLEN | MINID> [= | ~] threshold [LIMIT count]")
                            .is(WRITE)
                            .since("5.0.0")
                            .cost("O(N), N evicted entries.")
                            .about("Deletes messages from the beginning of a stream.")
                            .does(StreamCommands::xtrim),
                    command(
                                    "XSETID",
                                    "key last-id [ENTRIESADDED entries-added] [MAXDELETEDID"
                                            + " max-deleted-id]")
                            .is(WRITE, DENYOOM, FAST)
                            .since("5.0.0")
                            .about("An internal command for replicating stream values.")
                            .does(StreamCommands::xsetid),
                    command("XGROUP", "")
                            .since("5.0.0")
                            .cost("Depends on subcommand.")
                            .about("A container for consumer groups commands."),
                    command(
                                    "XGROUP|CREATE",
                                    "key groupname <id | $> [MKSTREAM] [ENTRIESREAD entries-read]")
                            .is(WRITE, DENYOOM)
                            .since("5.0.0")
                            .about("Creates a consumer group.")
                            .does(StreamCommands::groupCreate),
                    command("XGROUP|SETID", "key groupname <id | $> [ENTRIESREAD entries-read]")
                            .is(WRITE)
                            .since("5.0.0")
                            .about("Sets the last-delivered ID of a consumer group.")
                            .does(StreamCommands::groupSetId),
                    command("XGROUP|DESTROY", "key groupname")
                            .is(WRITE)
                            .since("5.0.0")
                            .cost("O(N) where N is the number of pending entries.")
                            .about("Destroys a consumer group.")
                            .does(StreamCommands::groupDestroy),
                    command("XGROUP|CREATECONSUMER", "key groupname consumername")
                            .is(WRITE, DENYOOM)
                            .since("6.2.0")
                            .about("Creates a consumer in a consumer group.")
                            .does(StreamCommands::groupCreateConsumer),
                    command("XGROUP|DELCONSUMER", "key groupname consumername")
                            .is(WRITE)
                            .since("5.0.0")
                            .about("Deletes a consumer from a consumer group.")
                            .does(StreamCommands::groupDeleteConsumer),
                    command("XGROUP|HELP", "")
                            .is(LOADING, STALE)
                            .since("5.0.0")
                            .about("Returns helpful text about the different subcommands.")
                            .does(_ -> help(StreamCommands.GROUP_HELP)),
                    command(
                                    "XREADGROUP",
                                    "GROUP group consumer [COUNT count] [BLOCK milliseconds]"
                                            + " [NOACK] STREAMS key [key ...] id [id ...]")
                            .is(WRITE, BLOCKING, MOVABLEKEYS)
                            .since("5.0.0")
                            .cost("O(M) with M being the number of elements returned.")
                            .about(
                                    "Returns new or historical messages of streams for a consumer"
                                            + " in a group.")
                            .keysFoundBy(StreamCommands::streamKeys)
                            .does(call -> read(call, true)),
                    command("XACK", "key group id [id ...]")
                            .is(WRITE, FAST)
                            .since("5.0.0")
                            .cost("O(1) for each message ID processed.")
                            .about(
                                    "Returns the number of messages that were successfully"
                                            + " acknowledged by a consumer group.")
                            .does(StreamCommands::xack),
                    command(
                                    "XPENDING",
                                    "key group [[IDLE min-idle-time:integer] start:string end:string count [consumer]]")
                            .is(READONLY)
                            .since("5.0.0")
                            .cost("O(N) with N being the number of elements returned.")
                            .about("Returns what is pending for the consumers of a group.")
                            .does(StreamCommands::xpending),
                    command(
                                    "XCLAIM",
                                    "key group consumer min-idle-time id [id ...] [IDLE ms] [TIME"
                                            + " unix-time-milliseconds] [RETRYCOUNT count] [FORCE]"
                                            + " [JUSTID] [LASTID id]")
                            .is(WRITE, FAST)
                            .since("5.0.0")
                            .cost("O(log N) with N being the number of messages pending.")
                            .about("Gives pending messages to another consumer.")
                            .does(StreamCommands::xclaim),
                    command(
                                    "XAUTOCLAIM",
                                    "key group consumer min-idle-time start:string [COUNT count] [JUSTID]")
                            .is(WRITE, FAST)
                            .since("6.2.0")
                            .cost("O(1) if COUNT is small.")
                            .about("Gives pending messages that match to another consumer.")
                            .does(StreamCommands::xautoclaim),
                    command("XINFO", "")
                            .since("5.0.0")
                            .cost("Depends on subcommand.")
                            .about("A container for stream introspection commands."),
                    command("XINFO|STREAM", "key [FULL [COUNT count]]")
                            .is(READONLY)
                            .since("5.0.0")
                            .about("Returns information about a stream.")
                            .does(StreamCommands::infoStream),
                    command("XINFO|GROUPS", "key")
                            .is(READONLY)
                            .since("5.0.0")
                            .about("Returns a list of the consumer groups of a stream.")
                            .does(StreamCommands::infoGroups),
                    command("XINFO|CONSUMERS", "key groupname")
                            .is(READONLY)
                            .since("5.0.0")
                            .about("Returns a list of the consumers in a consumer group.")
                            .does(StreamCommands::infoConsumers),
                    command("XINFO|HELP", "")
                            .is(LOADING, STALE)
                            .since("5.0.0")
                            .about("Returns helpful text about the different subcommands.")
                            .does(_ -> help(StreamCommands.INFO_HELP)));

    private static final String[] GROUP_HELP = {
        "XGROUP <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CREATE <key> <groupname> <id|$> [option]",
        "    Create a new consumer group. Options are:",
        "    * MKSTREAM",
        "      Create the empty stream if it does not exist.",
        "    * ENTRIESREAD entries_read",
        "      Set the group's entries_read counter (internal use).",
        "CREATECONSUMER <key> <groupname> <consumer>",
        "    Create a new consumer in the specified group.",
        "DELCONSUMER <key> <groupname> <consumer>",
        "    Remove the specified consumer.",
        "DESTROY <key> <groupname>",
        "    Remove the specified group.",
        "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
        "    Set the current group ID and entries_read counter.",
        "HELP",
        "    Print this help.",
    };

    private static final String[] INFO_HELP = {
        "XINFO <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CONSUMERS <key> <groupname>",
        "    Show consumers of <groupname>.",
        "GROUPS <key>",
        "    Show the stream consumer groups.",
        "STREAM <key> [FULL [COUNT <count>]",
        "    Show information about the stream.",
        "HELP",
        "    Print this help.",
    };

    private StreamCommands() {}

    private static Reply help(String[] lines) {
        List<Reply> replies = new ArrayList<>();
        for (String line : lines) {
            replies.add(Reply.status(line));
        }
        return Reply.array(replies);
    }

    private static void lag(Reply.Tape tape, Stream stream, Stream.Group group) {
        long lag = stream.lag(group);
        if (lag == Stream.UNKNOWN) {
            tape.nil();
        } else {
            tape.integer(lag);
        }
    }

    // Ids.

    /** An id, with {@code missing} for a number within the milliseconds that is not given. */
    private static StreamId strictId(Slice word, long missing) {
        StreamId id = parseId(word, missing);
        if (id == null) {
            throw new CommandException(BAD_ID);
        }
        return id;
    }

    /** The id, or null where the word is none. */
    private static StreamId parseId(Slice word, long missing) {
        if (word.length() > ID_LENGTH_MAX) {
            return null;
        }
        int dash = 0;
        while (dash < word.length() && word.at(dash) != '-') {
            dash++;
        }
        if (!isUnsigned(word, 0, dash)) {
            return null;
        }
        long millis = unsigned(word, 0, dash);
        if (dash == word.length()) {
            return new StreamId(millis, missing);
        }
        return isUnsigned(word, dash + 1, word.length())
                ? new StreamId(millis, unsigned(word, dash + 1, word.length()))
                : null;
    }

    /** As strtoull has it: blanks and a sign may come first. */
    private static boolean isUnsigned(Slice word, int from, int to) {
        int start = digitsFrom(word, from, to);
        if (start >= to) {
            return false;
        }
        long value = 0;
        for (int i = start; i < to; i++) {
            int digit = word.at(i) - '0';
            if (digit < 0
                    || digit > 9
                    || Long.compareUnsigned(value, Long.divideUnsigned(-1 - digit, 10)) > 0) {
                return false;
            }
            value = value * 10 + digit;
        }
        return true;
    }

    private static int digitsFrom(Slice word, int from, int to) {
        int start = from;
        while (start < to && Numerals.isBlank(word.at(start))) {
            start++;
        }
        return start < to && (word.at(start) == '+' || word.at(start) == '-') ? start + 1 : start;
    }

    private static long unsigned(Slice word, int from, int to) {
        int start = digitsFrom(word, from, to);
        long value = 0;
        for (int i = start; i < to; i++) {
            value = value * 10 + word.at(i) - '0';
        }
        return start > from && word.at(start - 1) == '-' ? -value : value;
    }

    private static boolean isSign(Slice word, char sign) {
        return word.length() == 1 && word.at(0) == sign;
    }

    /**
     * The first id of a range: {@code -}, {@code +}, an id, or {@code (} and an id for after it.
     */
    private static StreamId from(Slice word) {
        if (!word.isEmpty() && word.at(0) == '(') {
            StreamId id = strictId(behind(word), 0);
            if (id.equals(StreamId.MAX)) {
                throw new CommandException("ERR invalid start ID for the interval");
            }
            return id.next();
        }
        return bound(word, 0);
    }

    /** The last id of a range. */
    private static StreamId to(Slice word) {
        if (!word.isEmpty() && word.at(0) == '(') {
            StreamId id = strictId(behind(word), -1);
            if (id.equals(StreamId.ZERO)) {
                throw new CommandException("ERR invalid end ID for the interval");
            }
            return id.previous();
        }
        return bound(word, -1);
    }

    private static Slice behind(Slice word) {
        return new Slice().point(word.array(), word.offset() + 1, word.length() - 1);
    }

    private static StreamId bound(Slice word, long missing) {
        if (isSign(word, '-')) {
            return StreamId.ZERO;
        }
        return isSign(word, '+') ? StreamId.MAX : strictId(word, missing);
    }

    // Adding, removing, ranges.

    /** The options of XADD and XTRIM, and where the word after them stands. */
    private static final class Options {
        boolean noMakeStream;
        boolean byLength;
        boolean byId;
        boolean approximate;
        long length;
        StreamId least;
        long limit;
        int next;

        boolean trims() {
            return byLength || byId;
        }

        long trim(Stream stream) {
            return byLength
                    ? stream.trimToLength(length, approximate, limit)
                    : stream.trimToId(least, approximate, limit);
        }
    }

    private static Options options(Call call, boolean adding) {
        Args args = call.args();
        Options options = new Options();
        boolean limited = false;
        int i = 2;
        for (; i < args.count(); i++) {
            boolean more = i + 1 < args.count();
            boolean byLength = args.is(i, "MAXLEN");
            if (adding && isSign(args.slice(i), '*')) {
                break;
            } else if (more && (byLength || args.is(i, "MINID"))) {
                if (options.trims()) {
                    throw new CommandException(
                            "ERR syntax error, MAXLEN and MINID options at the same time are not"
                                    + " compatible");
                }
                boolean even = i + 2 < args.count();
                options.approximate = even && isSign(args.slice(i + 1), '~');
                if (options.approximate || even && isSign(args.slice(i + 1), '=')) {
                    i++;
                }
                i++;
                if (byLength) {
                    options.length = args.integer(i);
                    if (options.length < 0) {
                        throw new CommandException("ERR The MAXLEN argument must be >= 0.");
                    }
                } else {
                    options.least = strictId(args.slice(i), 0);
                }
                options.byLength = byLength;
                options.byId = !byLength;
            } else if (more && args.is(i, "LIMIT")) {
                options.limit = args.integer(++i);
                if (options.limit < 0) {
                    throw new CommandException("ERR The LIMIT argument must be >= 0.");
                }
                limited = true;
            } else if (adding && args.is(i, "NOMKSTREAM")) {
                options.noMakeStream = true;
            } else if (adding) {
                break;
            } else {
                throw Errors.syntax();
            }
        }
        options.next = i;
        if (adding && i < args.count() && !isSign(args.slice(i), '*')) {
            newId(args.slice(i));
        }
        check(call, options, adding, limited);
        return options;
    }

    private static void check(Call call, Options options, boolean adding, boolean limited) {
        if (options.limit != 0 && !options.trims()) {
            throw new CommandException(
                    "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
        }
        if (!adding && !options.trims()) {
            throw new CommandException(
                    "ERR syntax error, XTRIM must be called with a trimming strategy");
        }
        if (limited && !options.approximate) {
            throw new CommandException(
                    "ERR syntax error, LIMIT cannot be used without the special ~ option");
        }
        if (!limited && options.approximate) {
            // As on the real servers: no more than a hundred nodes at once.
            long entries = call.config().streamNodeEntriesMax();
            options.limit = entries <= 0 ? 10_000 : Math.min(entries * 100, 1_000_000);
        }
    }

    /** An id for a new entry; {@code 5-*} has its milliseconds only. */
    private static StreamId newId(Slice word) {
        return strictId(isOpen(word) ? millisOf(word) : word, 0);
    }

    private static boolean isOpen(Slice word) {
        int length = word.length();
        return length > 2 && word.at(length - 1) == '*' && word.at(length - 2) == '-';
    }

    private static Slice millisOf(Slice word) {
        return new Slice().point(word.array(), word.offset(), word.length() - 2);
    }

    static Reply xadd(Call call) {
        Args args = call.args();
        Options options = options(call, true);
        int fields = options.next + 1;
        if (args.count() - fields < 2 || (args.count() - fields) % 2 != 0) {
            throw Errors.wrongNumberOfArguments("xadd");
        }
        Slice word = args.slice(options.next);
        boolean auto = isSign(word, '*');
        boolean open = !auto && isOpen(word);
        StreamId given = auto ? null : newId(word);
        if (!auto && !open && given.equals(StreamId.ZERO)) {
            throw new CommandException("ERR The ID specified in XADD must be greater than 0-0");
        }
        Stream stream = find(call, call.key());
        if (stream == null && options.noMakeStream) {
            return Reply.Nil.BULK;
        }
        StreamId last = stream == null ? StreamId.ZERO : stream.lastId();
        if (last.equals(StreamId.MAX)) {
            throw new CommandException(
                    "ERR The stream has exhausted the last possible ID, unable to add more items");
        }
        StreamId id = given;
        if (auto) {
            StreamId now = new StreamId(call.wallNow(), 0);
            id = Long.compareUnsigned(now.millis(), last.millis()) > 0 ? now : last.next();
        } else if (open && given.millis() == last.millis() && last.sequence() != -1) {
            id = last.next();
        }
        if (!id.isAfter(last)) {
            throw new CommandException(
                    "ERR The ID specified in XADD is equal or smaller than the target stream top"
                            + " item");
        }
        if (stream == null) {
            stream = new Stream();
            call.db().put(call.key(), stream, 0);
        }
        stream.append(
                id,
                index -> args.slice(fields + index),
                args.count() - fields,
                call.config().streamNodeBytesMax(),
                call.config().streamNodeEntriesMax());
        long trimmed = options.trims() ? options.trim(stream) : 0;
        if (call.isJournalled()) {
            List<Object> effect = new ArrayList<>(List.of("XADD", call.key(), id));
            for (int i = fields; i < args.count(); i++) {
                effect.add(args.slice(i));
            }
            call.journalAs(effect.toArray());
        }
        call.changed(call.key(), "xadd", 1);
        if (trimmed > 0) {
            trimmed(call, stream, trimmed);
        }
        return Reply.bulk(id.toBytes());
    }

    private static void trimmed(Call call, Stream stream, long count) {
        call.journalAs("XTRIM", call.key(), "MAXLEN", "=", stream.size());
        call.changed(call.key(), "xtrim", count);
    }

    static Reply xtrim(Call call) {
        Options options = options(call, false);
        Stream stream = find(call, call.key());
        if (stream == null) {
            return Reply.integer(0);
        }
        long count = options.trim(stream);
        if (count > 0) {
            trimmed(call, stream, count);
        }
        return Reply.integer(count);
    }

    static Reply xlen(Call call) {
        Stream stream = find(call, call.key());
        return Reply.integer(stream == null ? 0 : stream.size());
    }

    static Reply xdel(Call call) {
        Stream stream = find(call, call.key());
        List<StreamId> ids = stream == null ? List.of() : ids(call.args(), 2);
        long deleted = 0;
        for (StreamId id : ids) {
            deleted += stream.delete(id) ? 1 : 0;
        }
        call.changed(call.key(), "xdel", deleted);
        return Reply.integer(deleted);
    }

    private static List<StreamId> ids(Args args, int from) {
        List<StreamId> ids = new ArrayList<>(args.count() - from);
        for (int i = from; i < args.count(); i++) {
            ids.add(strictId(args.slice(i), 0));
        }
        return ids;
    }

    private static Reply range(Call call, boolean reverse) {
        Args args = call.args();
        StreamId from = from(args.slice(reverse ? 3 : 2));
        StreamId to = to(args.slice(reverse ? 2 : 3));
        long count = -1;
        for (int i = 4; i < args.count(); i += 2) {
            if (!args.is(i, "COUNT") || i + 1 == args.count()) {
                throw Errors.syntax();
            }
            count = Math.max(0, args.integer(i + 1));
        }
        Stream stream = find(call, call.key());
        if (stream == null) {
            return call.tape().array(0);
        }
        if (count == 0) {
            return Reply.Nil.ARRAY;
        }
        Reply.Tape tape = call.tape();
        entries(tape, stream, from, to, count, reverse);
        return tape;
    }

    /** Writes at most {@code count} entries of a range, any number for one below 1. */
    private static void entries(
            Reply.Tape tape,
            Stream stream,
            StreamId from,
            StreamId to,
            long count,
            boolean reverse) {
        int mark = tape.openArray();
        long[] written = {0};
        Stream.Visitor visitor =
                (id, fields) -> {
                    entry(tape, id, fields);
                    return ++written[0] != count;
                };
        if (from.compareTo(to) <= 0) {
            if (reverse) {
                stream.reverse(from, to, visitor);
            } else {
                stream.range(from, to, visitor);
            }
        }
        tape.close(mark, written[0]);
    }

    private static void entry(Reply.Tape tape, StreamId id, Stream.Fields fields) {
        byte[] text = id.toBytes();
        tape.array(2).bulk(text, 0, text.length).array(fields.count());
        fields.forEach(tape::bulk);
    }

    static Reply xsetid(Call call) {
        Args args = call.args();
        StreamId id = strictId(args.slice(2), 0);
        StreamId maxDeleted = null;
        long added = -1;
        for (int i = 3; i < args.count(); i += 2) {
            boolean more = i + 1 < args.count();
            if (more && args.is(i, "ENTRIESADDED")) {
                added = args.integer(i + 1);
                if (added < 0) {
                    throw new CommandException("ERR entries_added must be positive");
                }
            } else if (more && args.is(i, "MAXDELETEDID")) {
                maxDeleted = strictId(args.slice(i + 1), 0);
                if (maxDeleted.isAfter(id)) {
                    throw new CommandException(
                            "ERR The ID specified in XSETID is smaller than the provided"
                                    + " max_deleted_entry_id");
                }
            } else {
                throw Errors.syntax();
            }
        }
        Stream stream = findOrRefuse(call, 1);
        if (stream.maxDeletedId().isAfter(id)) {
            throw new CommandException(
                    "ERR The ID specified in XSETID is smaller than current"
                            + " max_deleted_entry_id");
        }
        if (stream.size() > 0) {
            if (stream.topId().isAfter(id)) {
                throw new CommandException(
                        "ERR The ID specified in XSETID is smaller than the target stream top"
                                + " item");
            }
            if (added != -1 && stream.size() > added) {
                throw new CommandException(
                        "ERR The entries_added specified in XSETID is smaller than the target"
                                + " stream length");
            }
        }
        stream.lastId(id);
        if (added != -1) {
            stream.entriesAdded(added);
        }
        if (maxDeleted != null && !maxDeleted.equals(StreamId.ZERO)) {
            stream.maxDeletedId(maxDeleted);
        }
        call.noted(call.key(), 't', "xsetid");
        return Reply.OK;
    }

    private static Stream find(Call call, Slice key) {
        return call.db().find(key, Stream.class);
    }

    private static Stream findOrRefuse(Call call, int at) {
        Stream stream = find(call, call.arg(at));
        if (stream == null) {
            throw new CommandException(Errors.NO_SUCH_KEY);
        }
        return stream;
    }

    // Groups.

    private static CommandException subcommandSyntax(Call call) {
        String name = call.command().name();
        return new CommandException(
                "ERR unknown subcommand or wrong number of arguments for '"
                        + Errors.clip(call.args().text(1))
                        + "'. Try "
                        + name.substring(0, name.indexOf('|'))
                        + " HELP.");
    }

    private static Stream groupStream(Call call) {
        Stream stream = find(call, call.arg(2));
        if (stream == null) {
            throw new CommandException(
                    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you"
                            + " may want to use the MKSTREAM option to create an empty stream"
                            + " automatically.");
        }
        return stream;
    }

    private static Stream.Group group(Call call, Stream stream) {
        Stream.Group group = stream.group(call.arg(3));
        if (group == null) {
            throw new CommandException(
                    "NOGROUP No such consumer group '"
                            + call.arg(3)
                            + "' for key name '"
                            + call.arg(2)
                            + "'");
        }
        return group;
    }

    /** ENTRIESREAD of XGROUP, -1 where it is not given; MKSTREAM goes to {@code make}. */
    private static long groupOptions(Call call, boolean[] make) {
        Args args = call.args();
        long read = -1;
        for (int i = 5; i < args.count(); i++) {
            if (make != null && args.is(i, "MKSTREAM")) {
                make[0] = true;
            } else if (args.is(i, "ENTRIESREAD") && i + 1 < args.count()) {
                read = args.integer(++i);
                if (read < -1) {
                    throw new CommandException("ERR value for ENTRIESREAD must be positive or -1");
                }
            } else {
                throw subcommandSyntax(call);
            }
        }
        return read;
    }

    private static StreamId groupId(Call call, Stream stream) {
        Slice word = call.arg(4);
        if (isSign(word, '$')) {
            return stream == null ? StreamId.ZERO : stream.lastId();
        }
        return strictId(word, 0);
    }

    static Reply groupCreate(Call call) {
        boolean[] make = {false};
        long read = groupOptions(call, make);
        Slice key = call.arg(2);
        Stream stream = make[0] ? find(call, key) : groupStream(call);
        StreamId id = groupId(call, stream);
        boolean isNew = stream == null;
        if (isNew) {
            stream = new Stream();
            call.db().put(key, stream, 0);
        }
        if (stream.createGroup(call.arg(3), id, read) == null) {
            throw new CommandException("BUSYGROUP Consumer Group name already exists");
        }
        call.journalAs("XGROUP", "CREATE", key, call.arg(3), id, "MKSTREAM", "ENTRIESREAD", read);
        if (isNew) {
            call.changed(key, "xgroup-create", 1);
        } else {
            // Of what is known about a stream, not of what it holds: no watcher hears of it.
            call.noted(key, 't', "xgroup-create");
        }
        return Reply.OK;
    }

    static Reply groupSetId(Call call) {
        long read = groupOptions(call, null);
        Stream stream = groupStream(call);
        Stream.Group group = group(call, stream);
        Slice word = call.arg(4);
        StreamId id = isSign(word, '$') ? stream.lastId() : bound(word, 0);
        group.lastDelivered(id);
        group.entriesRead(read);
        call.journalAs("XGROUP", "SETID", call.arg(2), call.arg(3), id, "ENTRIESREAD", read);
        call.noted(call.arg(2), 't', "xgroup-setid");
        return Reply.OK;
    }

    static Reply groupDestroy(Call call) {
        Stream stream = groupStream(call);
        if (!stream.removeGroup(call.arg(3))) {
            return Reply.integer(0);
        }
        // Readers are refused now; who watches the key hears nothing, for its entries are as
        // before.
        call.noted(call.arg(2), 't', "xgroup-destroy");
        call.awaited(call.arg(2));
        return Reply.integer(1);
    }

    static Reply groupCreateConsumer(Call call) {
        Stream.Group group = group(call, groupStream(call));
        if (group.consumer(call.arg(4)) != null) {
            return Reply.integer(0);
        }
        group.createConsumer(call.arg(4), call.wallNow());
        call.noted(call.arg(2), 't', "xgroup-createconsumer");
        return Reply.integer(1);
    }

    static Reply groupDeleteConsumer(Call call) {
        Stream.Group group = group(call, groupStream(call));
        if (group.consumer(call.arg(4)) == null) {
            return Reply.integer(0);
        }
        int pending = group.removeConsumer(call.arg(4));
        call.noted(call.arg(2), 't', "xgroup-delconsumer");
        return Reply.integer(pending);
    }

    /** The consumer of this name, created where there is none, and seen now. */
    private static Stream.Consumer consumer(
            Call call, Slice key, Slice groupName, Stream.Group group, Slice name) {
        return consumer(call, key, groupName, group, name, false);
    }

    /** The same; {@code claims} where claims follow in the journal, which create it as well. */
    private static Stream.Consumer consumer(
            Call call, Slice key, Slice groupName, Stream.Group group, Slice name, boolean claims) {
        Stream.Consumer consumer = group.consumer(name);
        if (consumer == null) {
            consumer = group.createConsumer(name, call.wallNow());
            if (!claims) {
                call.journalAs("XGROUP", "CREATECONSUMER", key, groupName, name);
            }
            call.noted(key, 't', "xgroup-createconsumer");
        }
        consumer.seen(call.wallNow());
        return consumer;
    }

    private static void journalClaim(
            Call call, Slice key, Slice groupName, StreamId id, Stream.Pending pending) {
        if (call.isJournalled()) {
            call.journalAs(
                    "XCLAIM",
                    key,
                    groupName,
                    pending.consumer().name(),
                    0,
                    id,
                    "TIME",
                    pending.deliveredAt(),
                    "RETRYCOUNT",
                    pending.deliveries(),
                    "FORCE",
                    "JUSTID");
        }
        call.counted(1);
    }

    // Reading.

    /** The places of the keys of XREAD and XREADGROUP: the first half of what follows STREAMS. */
    private static int[] streamKeys(Args args) {
        int at = 1;
        while (at < args.count() && !args.is(at, "STREAMS")) {
            at += args.is(at, "GROUP") ? 3 : args.is(at, "NOACK") ? 1 : 2;
        }
        int count = (args.count() - at - 1) / 2;
        int[] places = new int[Math.max(0, count)];
        for (int i = 0; i < places.length; i++) {
            places[i] = at + 1 + i;
        }
        return places;
    }

    /** The words of XREAD and XREADGROUP, read. */
    private static final class Reading {
        private final Call call;
        private final Args args;
        private long count;
        private long block = -1;
        private int groupAt;
        private boolean noAck;
        private int streamsAt;
        private int streams;
        private StreamId[] after;
        private Stream.Group[] groups;
        private boolean[] isNew;

        Reading(Call call) {
            this.call = call;
            this.args = call.args();
        }

        void parse(boolean grouped) {
            for (int i = 1; i < args.count() && streamsAt == 0; i++) {
                boolean more = i + 1 < args.count();
                if (args.is(i, "BLOCK") && more) {
                    block = Timeout.millis(call, ++i);
                } else if (args.is(i, "COUNT") && more) {
                    count = Math.max(0, args.integer(++i));
                } else if (args.is(i, "STREAMS") && more) {
                    streamsAt = i + 1;
                } else if (args.is(i, "GROUP") && i + 2 < args.count()) {
                    onlyOfGroup(grouped, "GROUP");
                    groupAt = i + 1;
                    i += 2;
                } else if (args.is(i, "NOACK")) {
                    onlyOfGroup(grouped, "NOACK");
                    noAck = true;
                } else {
                    throw Errors.syntax();
                }
            }
            if (streamsAt == 0) {
                throw Errors.syntax();
            }
            int words = args.count() - streamsAt;
            if (words % 2 != 0) {
                throw new CommandException(
                        "ERR Unbalanced '"
                                + call.command().lowerName()
                                + "' list of streams: for each stream key an ID or '"
                                + (grouped ? '>' : '$')
                                + "' must be specified.");
            }
            if (grouped && groupAt == 0) {
                throw new CommandException("ERR Missing GROUP option for XREADGROUP");
            }
            streams = words / 2;
            after = new StreamId[streams];
            groups = new Stream.Group[streams];
            isNew = new boolean[streams];
            for (int i = 0; i < streams; i++) {
                resolve(i, grouped);
            }
        }

        private static void onlyOfGroup(boolean grouped, String option) {
            if (!grouped) {
                throw new CommandException(
                        "ERR The "
                                + option
                                + " option is only supported by XREADGROUP. You called XREAD"
                                + " instead.");
            }
        }

        Slice key(int i) {
            return args.slice(streamsAt + i);
        }

        private void resolve(int i, boolean grouped) {
            Stream stream = find(call, key(i));
            if (grouped) {
                groups[i] = stream == null ? null : stream.group(args.slice(groupAt));
                if (groups[i] == null) {
                    throw new CommandException(
                            "NOGROUP No such key '"
                                    + key(i)
                                    + "' or consumer group '"
                                    + args.slice(groupAt)
                                    + "' in XREADGROUP with GROUP option");
                }
            }
            Slice word = args.slice(streamsAt + streams + i);
            if (isSign(word, '$') || isSign(word, '+')) {
                if (grouped) {
                    throw new CommandException(
                            "ERR The "
                                    + word
                                    + " ID is meaningless in the context of XREADGROUP: you want"
                                    + " to read the history of this consumer by specifying a"
                                    + " proper ID, or use the > ID to get new messages. The "
                                    + word
                                    + " ID would just return an empty result set.");
                }
                after[i] = stream == null ? StreamId.ZERO : stream.lastId();
                if (word.at(0) == '+' && stream != null && stream.size() > 0) {
                    after[i] = stream.topId().previous();
                }
            } else if (isSign(word, '>')) {
                if (!grouped) {
                    throw new CommandException(
                            "ERR The > ID can be specified only when calling XREADGROUP using the"
                                    + " GROUP <group> <consumer> option.");
                }
                isNew[i] = true;
                after[i] = groups[i].lastDelivered();
            } else {
                after[i] = strictId(word, 0);
                if (grouped && after[i].equals(StreamId.MAX)) {
                    // After the last of all ids means after the last delivered.
                    isNew[i] = true;
                    after[i] = groups[i].lastDelivered();
                }
            }
        }

        /** Whether stream {@code i} has something to answer: history always has. */
        boolean answers(int i) {
            if (groups[i] != null && !isNew[i]) {
                return true;
            }
            Stream stream = find(call, key(i));
            // A group may have been given entries for an earlier word of this very command.
            StreamId seen = groups[i] == null ? after[i] : groups[i].lastDelivered();
            return stream != null && stream.size() > 0 && stream.topId().isAfter(seen);
        }

        Reply waitFor() {
            byte[][] keys = new byte[streams][];
            List<byte[]> again = args.words();
            for (int i = 0; i < streams; i++) {
                keys[i] = args.bytes(streamsAt + i);
                if (groups[i] == null) {
                    again.set(
                            streamsAt + streams + i,
                            after[i].toString().getBytes(StandardCharsets.US_ASCII));
                }
            }
            return new Reply.Wait(keys, block, Reply.Nil.ARRAY, again);
        }
    }

    private static Reply read(Call call, boolean grouped) {
        Reading reading = new Reading(call);
        reading.parse(grouped);
        int answering = 0;
        Reply.Tape tape = call.tape();
        boolean asMap = call.caller().protocol() == 3;
        int mark = asMap ? tape.openMap() : tape.openArray();
        for (int i = 0; i < reading.streams; i++) {
            boolean answers = reading.answers(i);
            Stream.Consumer consumer =
                    grouped
                            ? consumer(
                                    call,
                                    reading.key(i),
                                    call.arg(reading.groupAt),
                                    reading.groups[i],
                                    call.arg(reading.groupAt + 1),
                                    answers && reading.isNew[i] && !reading.noAck)
                            : null;
            if (!answers) {
                continue;
            }
            answering++;
            if (!asMap) {
                tape.array(2);
            }
            tape.bulk(reading.key(i));
            Stream stream = find(call, reading.key(i));
            if (!grouped) {
                entries(tape, stream, reading.after[i].next(), StreamId.MAX, reading.count, false);
            } else if (reading.isNew[i]) {
                deliver(reading, i, tape, stream, consumer);
            } else {
                history(reading, i, tape, stream, consumer);
            }
        }
        if (answering > 0) {
            return tape.close(mark, answering);
        }
        return reading.block < 0 ? Reply.Nil.ARRAY : reading.waitFor();
    }

    /** Gives entries that nobody in the group has been given yet. */
    private static void deliver(
            Reading reading, int i, Reply.Tape tape, Stream stream, Stream.Consumer consumer) {
        Call call = reading.call;
        Slice key = reading.key(i);
        Slice groupName = call.arg(reading.groupAt);
        Stream.Group group = reading.groups[i];
        int mark = tape.openArray();
        long[] written = {0};
        stream.range(
                group.lastDelivered().next(),
                StreamId.MAX,
                (id, fields) -> {
                    entry(tape, id, fields);
                    stream.readBy(group, id);
                    if (!reading.noAck) {
                        Stream.Pending pending = group.deliver(id, consumer, call.wallNow(), 1);
                        journalClaim(call, key, groupName, id, pending);
                    }
                    return ++written[0] != reading.count;
                });
        tape.close(mark, written[0]);
        consumer.active(call.wallNow());
        call.journalAs(
                "XGROUP",
                "SETID",
                key,
                groupName,
                group.lastDelivered(),
                "ENTRIESREAD",
                group.entriesRead());
        call.counted(1);
    }

    /** Gives once more what is pending for one consumer. */
    private static void history(
            Reading reading, int i, Reply.Tape tape, Stream stream, Stream.Consumer consumer) {
        Call call = reading.call;
        int mark = tape.openArray();
        long written = 0;
        for (var each : consumer.pending().tailMap(reading.after[i], false).entrySet()) {
            Stream.Fields fields = stream.get(each.getKey());
            if (fields == null) {
                tape.array(2).bulk(each.getKey().toString()).nilArray();
            } else {
                entry(tape, each.getKey(), fields);
                Stream.Pending pending = each.getValue();
                pending.delivered(call.wallNow(), pending.deliveries() + 1);
                journalClaim(
                        call, reading.key(i), call.arg(reading.groupAt), each.getKey(), pending);
            }
            if (++written == reading.count) {
                break;
            }
        }
        tape.close(mark, written);
    }

    // What is pending.

    static Reply xack(Call call) {
        Stream stream = find(call, call.key());
        Stream.Group group = stream == null ? null : stream.group(call.arg(2));
        if (group == null) {
            return Reply.integer(0);
        }
        long acknowledged = 0;
        for (StreamId id : ids(call.args(), 3)) {
            acknowledged += group.acknowledge(id) ? 1 : 0;
        }
        call.counted(acknowledged);
        return Reply.integer(acknowledged);
    }

    private static CommandException noGroup(Call call) {
        return new CommandException(
                "NOGROUP No such key '" + call.key() + "' or consumer group '" + call.arg(2) + "'");
    }

    private static Stream.Group groupOrRefuse(Call call) {
        Stream stream = find(call, call.key());
        Stream.Group group = stream == null ? null : stream.group(call.arg(2));
        if (group == null) {
            throw noGroup(call);
        }
        return group;
    }

    static Reply xpending(Call call) {
        Args args = call.args();
        if (args.count() == 3) {
            return pendingSummary(call, groupOrRefuse(call));
        }
        if (args.count() < 6 || args.count() > 9) {
            throw Errors.syntax();
        }
        int at = 3;
        long idle = 0;
        if (args.is(3, "IDLE")) {
            idle = args.integer(4);
            if (args.count() < 8) {
                throw Errors.syntax();
            }
            at = 5;
        }
        long count = Math.max(0, args.integer(at + 2));
        StreamId from = from(args.slice(at));
        StreamId to = to(args.slice(at + 1));
        Stream.Group group = groupOrRefuse(call);
        NavigableMap<StreamId, Stream.Pending> pending = group.pending();
        if (at + 3 < args.count()) {
            Stream.Consumer consumer = group.consumer(args.slice(at + 3));
            if (consumer == null) {
                return call.tape().array(0);
            }
            pending = consumer.pending();
        }
        Reply.Tape tape = call.tape();
        int mark = tape.openArray();
        long written = 0;
        if (from.compareTo(to) <= 0) {
            for (var each : pending.subMap(from, true, to, true).entrySet()) {
                if (written == count) {
                    break;
                }
                long waited = call.wallNow() - each.getValue().deliveredAt();
                if (idle != 0 && waited < idle) {
                    continue;
                }
                tape.array(4)
                        .bulk(each.getKey().toString())
                        .bulk(each.getValue().consumer().name())
                        .integer(Math.max(0, waited))
                        .integer(each.getValue().deliveries());
                written++;
            }
        }
        return tape.close(mark, written);
    }

    private static Reply pendingSummary(Call call, Stream.Group group) {
        Reply.Tape tape = call.tape().array(4).integer(group.pending().size());
        if (group.pending().isEmpty()) {
            return tape.nil().nil().nilArray();
        }
        tape.bulk(group.pending().firstKey().toString());
        tape.bulk(group.pending().lastKey().toString());
        int mark = tape.openArray();
        int consumers = 0;
        for (Stream.Consumer consumer : group.consumers().values()) {
            if (!consumer.pending().isEmpty()) {
                tape.array(2)
                        .bulk(consumer.name())
                        .bulk(Integer.toString(consumer.pending().size()));
                consumers++;
            }
        }
        return tape.close(mark, consumers);
    }

    static Reply xclaim(Call call) {
        Args args = call.args();
        Stream.Group group = groupOrRefuse(call);
        Stream stream = find(call, call.key());
        long idle = Math.max(0, args.integer(4, "ERR Invalid min-idle-time argument for XCLAIM"));
        int at = 5;
        List<StreamId> ids = new ArrayList<>();
        for (; at < args.count(); at++) {
            StreamId id = parseId(args.slice(at), 0);
            if (id == null) {
                break;
            }
            ids.add(id);
        }
        long now = call.wallNow();
        long deliveredAt = -1;
        long deliveries = -1;
        boolean force = false;
        boolean justId = false;
        StreamId lastId = StreamId.ZERO;
        for (; at < args.count(); at++) {
            boolean more = at + 1 < args.count();
            if (args.is(at, "FORCE")) {
                force = true;
            } else if (args.is(at, "JUSTID")) {
                justId = true;
            } else if (args.is(at, "IDLE") && more) {
                deliveredAt =
                        now - args.integer(++at, "ERR Invalid IDLE option argument for XCLAIM");
            } else if (args.is(at, "TIME") && more) {
                deliveredAt = args.integer(++at, "ERR Invalid TIME option argument for XCLAIM");
            } else if (args.is(at, "RETRYCOUNT") && more) {
                deliveries =
                        args.integer(++at, "ERR Invalid RETRYCOUNT option argument for XCLAIM");
            } else if (args.is(at, "LASTID") && more) {
                lastId = strictId(args.slice(++at), 0);
            } else {
                throw new CommandException(
                        "ERR Unrecognized XCLAIM option '" + args.slice(at) + "'");
            }
        }
        // Only now is it certain that the command will not be refused.
        if (lastId.isAfter(group.lastDelivered())) {
            group.lastDelivered(lastId);
            call.journalAs(
                    "XGROUP",
                    "SETID",
                    call.key(),
                    call.arg(2),
                    lastId,
                    "ENTRIESREAD",
                    group.entriesRead());
            call.counted(1);
        }
        long at2 = deliveredAt < 0 || deliveredAt > now ? now : deliveredAt;
        Stream.Consumer consumer = consumer(call, call.key(), call.arg(2), group, call.arg(3));
        Reply.Tape tape = call.tape();
        int mark = tape.openArray();
        int claimed = 0;
        for (StreamId id : ids) {
            Stream.Pending pending = group.pending().get(id);
            Stream.Fields fields = stream.get(id);
            if (fields == null) {
                forget(call, group, id);
                continue;
            }
            if (pending == null && !force
                    || pending != null && idle > 0 && now - pending.deliveredAt() < idle) {
                continue;
            }
            long before = pending == null ? 1 : pending.deliveries();
            long after = deliveries >= 0 ? deliveries : justId ? before : before + 1;
            claim(call, group, id, consumer, at2, after);
            claimed(tape, id, fields, justId);
            claimed++;
        }
        return tape.close(mark, claimed);
    }

    /** An entry that is pending and no longer in the stream is forgotten. */
    private static boolean forget(Call call, Stream.Group group, StreamId id) {
        if (!group.acknowledge(id)) {
            return false;
        }
        call.journalAs("XACK", call.key(), call.arg(2), id);
        call.counted(1);
        return true;
    }

    private static void claim(
            Call call,
            Stream.Group group,
            StreamId id,
            Stream.Consumer consumer,
            long at,
            long deliveries) {
        Stream.Pending pending = group.deliver(id, consumer, at, deliveries);
        consumer.active(call.wallNow());
        journalClaim(call, call.key(), call.arg(2), id, pending);
    }

    private static void claimed(
            Reply.Tape tape, StreamId id, Stream.Fields fields, boolean justId) {
        if (justId) {
            tape.bulk(id.toString());
        } else {
            entry(tape, id, fields);
        }
    }

    static Reply xautoclaim(Call call) {
        Args args = call.args();
        long idle =
                Math.max(0, args.integer(4, "ERR Invalid min-idle-time argument for XAUTOCLAIM"));
        StreamId from = from(args.slice(5));
        long count = AUTOCLAIM_COUNT;
        boolean justId = false;
        for (int i = 6; i < args.count(); i++) {
            if (args.is(i, "COUNT") && i + 1 < args.count()) {
                count = args.integer(++i, 1, Long.MAX_VALUE / 16, "ERR COUNT must be > 0");
            } else if (args.is(i, "JUSTID")) {
                justId = true;
            } else {
                throw Errors.syntax();
            }
        }
        Stream.Group group = groupOrRefuse(call);
        Stream stream = find(call, call.key());
        Stream.Consumer consumer = consumer(call, call.key(), call.arg(2), group, call.arg(3));
        long looks = count * AUTOCLAIM_LOOKS;
        List<StreamId> deleted = new ArrayList<>();
        List<StreamId> taken = new ArrayList<>();
        StreamId at = group.pending().ceilingKey(from);
        while (at != null && looks-- > 0 && count > 0) {
            Stream.Pending pending = group.pending().get(at);
            if (stream.get(at) == null) {
                forget(call, group, at);
                deleted.add(at);
                count--;
            } else if (idle == 0 || call.wallNow() - pending.deliveredAt() >= idle) {
                long deliveries = pending.deliveries() + (justId ? 0 : 1);
                claim(call, group, at, consumer, call.wallNow(), deliveries);
                taken.add(at);
                count--;
            }
            at = group.pending().higherKey(at);
        }
        Reply.Tape tape = call.tape().array(3);
        tape.bulk((at == null ? StreamId.ZERO : at).toString()).array(taken.size());
        for (StreamId id : taken) {
            claimed(tape, id, stream.get(id), justId);
        }
        tape.array(deleted.size());
        deleted.forEach(id -> tape.bulk(id.toString()));
        return tape;
    }

    // Information.

    static Reply infoStream(Call call) {
        Args args = call.args();
        Stream stream = findOrRefuse(call, 2);
        boolean full = args.count() > 3;
        long count = FULL_COUNT;
        if (full) {
            boolean counted = args.count() == 6;
            if (args.count() != 4 && !counted
                    || !args.is(3, "FULL")
                    || counted && !args.is(4, "COUNT")) {
                throw subcommandSyntax(call);
            }
            if (counted) {
                count = args.integer(5);
                count = count < 0 ? FULL_COUNT : count;
            }
        }
        Reply.Tape tape = call.tape().map(full ? 9 : 10);
        tape.bulk("length").integer(stream.size());
        tape.bulk("radix-tree-keys").integer(stream.blocks());
        tape.bulk("radix-tree-nodes").integer(stream.blocks() + 1L);
        tape.bulk("last-generated-id").bulk(stream.lastId().toString());
        tape.bulk("max-deleted-entry-id").bulk(stream.maxDeletedId().toString());
        tape.bulk("entries-added").integer(stream.entriesAdded());
        tape.bulk("recorded-first-entry-id").bulk(stream.firstId().toString());
        if (full) {
            tape.bulk("entries");
            entries(tape, stream, StreamId.ZERO, StreamId.MAX, count, false);
            tape.bulk("groups").array(stream.groups().size());
            for (var each : stream.groups().entrySet()) {
                fullGroup(tape, stream, each.getKey(), each.getValue(), count);
            }
        } else {
            tape.bulk("groups").integer(stream.groups().size());
            tape.bulk("first-entry");
            entryOrNil(tape, stream, stream.firstId());
            tape.bulk("last-entry");
            entryOrNil(tape, stream, stream.topId());
        }
        return tape;
    }

    private static void entryOrNil(Reply.Tape tape, Stream stream, StreamId id) {
        if (stream.size() == 0) {
            tape.nil();
        } else {
            entry(tape, id, stream.get(id));
        }
    }

    private static void knownOrNil(Reply.Tape tape, long number) {
        if (number == -1) {
            tape.nil();
        } else {
            tape.integer(number);
        }
    }

    private static void fullGroup(
            Reply.Tape tape, Stream stream, Slice name, Stream.Group group, long count) {
        tape.map(7).bulk("name").bulk(name);
        tape.bulk("last-delivered-id").bulk(group.lastDelivered().toString());
        tape.bulk("entries-read");
        knownOrNil(tape, group.entriesRead());
        tape.bulk("lag");
        lag(tape, stream, group);
        tape.bulk("pel-count").integer(group.pending().size());
        tape.bulk("pending");
        pendingList(tape, group.pending(), count, true);
        tape.bulk("consumers").array(group.consumers().size());
        for (Stream.Consumer consumer : group.consumers().values()) {
            tape.map(5).bulk("name").bulk(consumer.name());
            tape.bulk("seen-time").integer(consumer.seenAt());
            tape.bulk("active-time").integer(consumer.activeAt());
            tape.bulk("pel-count").integer(consumer.pending().size());
            tape.bulk("pending");
            pendingList(tape, consumer.pending(), count, false);
        }
    }

    private static void pendingList(
            Reply.Tape tape,
            NavigableMap<StreamId, Stream.Pending> pending,
            long count,
            boolean withConsumer) {
        int mark = tape.openArray();
        long written = 0;
        for (var each : pending.entrySet()) {
            tape.array(withConsumer ? 4 : 3).bulk(each.getKey().toString());
            if (withConsumer) {
                tape.bulk(each.getValue().consumer().name());
            }
            tape.integer(each.getValue().deliveredAt()).integer(each.getValue().deliveries());
            if (++written == count) {
                break;
            }
        }
        tape.close(mark, written);
    }

    static Reply infoGroups(Call call) {
        Stream stream = findOrRefuse(call, 2);
        Reply.Tape tape = call.tape().array(stream.groups().size());
        for (var each : stream.groups().entrySet()) {
            Stream.Group group = each.getValue();
            tape.map(6).bulk("name").bulk(each.getKey());
            tape.bulk("consumers").integer(group.consumers().size());
            tape.bulk("pending").integer(group.pending().size());
            tape.bulk("last-delivered-id").bulk(group.lastDelivered().toString());
            tape.bulk("entries-read");
            knownOrNil(tape, group.entriesRead());
            tape.bulk("lag");
            lag(tape, stream, group);
        }
        return tape;
    }

    static Reply infoConsumers(Call call) {
        Stream stream = findOrRefuse(call, 2);
        Stream.Group group = stream.group(call.arg(3));
        if (group == null) {
            throw new CommandException(
                    "NOGROUP No such consumer group '"
                            + call.arg(3)
                            + "' for key name '"
                            + call.arg(2)
                            + "'");
        }
        Reply.Tape tape = call.tape().array(group.consumers().size());
        for (Stream.Consumer consumer : group.consumers().values()) {
            long active = consumer.activeAt();
            tape.map(4).bulk("name").bulk(consumer.name());
            tape.bulk("pending").integer(consumer.pending().size());
            tape.bulk("idle").integer(Math.max(0, call.wallNow() - consumer.seenAt()));
            tape.bulk("inactive").integer(active < 0 ? -1 : Math.max(0, call.wallNow() - active));
        }
        return tape;
    }
}
