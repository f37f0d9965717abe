package dev.larder.store.compat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** When two servers have answered the same: what is random or a clock's is left out. */
final class Answers {
    /** Their items come in the order of a hash table, which is seeded by chance. */
    private static final Set<String> UNORDERED =
            Set.of(
                    "SMEMBERS",
                    "SUNION",
                    "SINTER",
                    "SDIFF",
                    "SRANDMEMBER",
                    "SPOP",
                    "SSCAN",
                    "SORT",
                    "SORT_RO",
                    "HGETALL",
                    "HKEYS",
                    "HVALS",
                    "HRANDFIELD",
                    "HSCAN",
                    "ZRANDMEMBER",
                    "ZSCAN",
                    "KEYS",
                    "SCAN");

    /** Tell times that go on between the one server's answer and the other's. */
    private static final Set<String> TIMED = Set.of("TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME");

    private static final long TIME_APART_MAX = 5_000;
    private static final long TIME_LEAST = 100_000;
    private static final Pattern NUMBER = Pattern.compile("\\d{6,19}");
    private static final Pattern NODES = Pattern.compile("(radix-tree-nodes\r\n:)\\d+");
    private static final Pattern KEYS_OF_NONE =
            Pattern.compile("(length\r\n:0\r\n\\$15\r\nradix-tree-keys\r\n:)\\d+");
    private static final Pattern CONSUMERS = Pattern.compile("(consumers\r\n:)\\d+");
    private static final Pattern COUNTED =
            Pattern.compile("((?:entries-read|lag)\r\n)(\\$-1|_|:-?\\d+)\r\n");
    private static final Pattern IMPOSSIBLE_LAG = Pattern.compile("lag\r\n:-");
    private static final Pattern IDLE = Pattern.compile(":\\d+\r\n(:\\d+\r\n)");
    private static final Pattern ENCODING =
            Pattern.compile("\\$\\d+\r\n(listpack|quicklist|hashtable)");

    /** Commands whose scores a server before 7.2 writes with 17 digits. */
    private static final Pattern SCORED = Pattern.compile("Z.*|BZ.*|SORT.*");

    private static final Pattern SCORE =
            Pattern.compile("(?:\\$\\d+\r\n|,)(-?\\d+(?:\\.\\d+)?(?:e[-+]?\\d+)?)(?=\r\n)");

    private Answers() {}

    static boolean same(String[] words, String ours, String theirs) {
        if (ours.equals(theirs)) {
            return true;
        }
        if (changedSince70(name(words), ours, theirs)) {
            return true;
        }
        String our = normal(words, ours);
        String their = normal(words, theirs);
        if (name(words).equals("XINFO")) {
            // More read than was ever added (ENTRIESREAD says what it likes): newer servers count
            // from what there is, 7.0 from what it was told.
            if (IMPOSSIBLE_LAG.matcher(their).find()) {
                our = COUNTED.matcher(our).replaceAll("$1");
                their = COUNTED.matcher(their).replaceAll("$1");
            }
            their = withoutLagWhereUnknown(our, their);
        }
        return our.equals(their) || TIMED.contains(name(words)) && sameButForTime(our, their);
    }

    /**
     * The same for the answers to all commands of a transaction, each by itself; none where it was
     * not carried out.
     */
    static boolean same(List<String[]> queued, String ours, String theirs) {
        List<String> our = items(ours);
        List<String> their = items(theirs);
        if (queued.isEmpty() || our.size() != queued.size() || their.size() != queued.size()) {
            return ours.equals(theirs);
        }
        for (int i = 0; i < queued.size(); i++) {
            if (!same(queued.get(i), our.get(i), their.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** What is in an array, or nothing. */
    private static List<String> items(String reply) {
        List<String> items = new ArrayList<>();
        if (reply.startsWith("*")) {
            for (int at = reply.indexOf('\n') + 1; at < reply.length(); ) {
                int end = end(reply, at);
                items.add(reply.substring(at, end));
                at = end;
            }
        }
        return items;
    }

    /** Where the reply that begins at {@code from} has ended. */
    private static int end(String reply, int from) {
        int at = from;
        for (long left = 1; left > 0; left--) {
            int line = reply.indexOf('\r', at);
            String number = reply.substring(at + 1, line);
            char kind = reply.charAt(at);
            at = line + 2;
            switch (kind) {
                case '$', '=', '!' ->
                        at += number.startsWith("-") ? 0 : Integer.parseInt(number) + 2;
                case '*', '~', '>' -> left += Math.max(0, Integer.parseInt(number));
                case '%' -> left += 2L * Integer.parseInt(number);
                default -> {}
            }
        }
        return at;
    }

    /**
     * Whether an answer depends on an error number that an earlier command has left, a number out
     * of range most of all: SORT takes that for one of its own.
     */
    static boolean looksAtErrorNumber(String[] words) {
        for (String word : words) {
            if (word.toUpperCase(Locale.ROOT).startsWith("SORT") || word.contains("'SORT'")) {
                return true;
            }
        }
        return false;
    }

    /**
     * Where an entry behind the last delivered one was deleted, it is unknown how many are not read
     * yet; the first servers of 7 counted all the same.
     */
    private static String withoutLagWhereUnknown(String ours, String theirs) {
        Matcher our = COUNTED.matcher(ours);
        return COUNTED.matcher(theirs)
                .replaceAll(
                        their ->
                                Matcher.quoteReplacement(
                                        our.find() && !our.group(2).startsWith(":")
                                                ? our.group()
                                                : their.group()));
    }

    /** What 7.2 does otherwise than 7.0, which is the real server on many machines. */
    private static boolean changedSince70(String name, String ours, String theirs) {
        return switch (name) {
            // Looked for the key before it looked at its arguments. Valkey 8 counts without an end.
            case "BITCOUNT" ->
                    ours.startsWith("-") && theirs.startsWith(":")
                            || ours.startsWith(":") && theirs.startsWith("-ERR syntax");
            case "BITPOS" -> ours.startsWith("-") && theirs.startsWith(":");
            // Did not look at what was deleted before.
            case "XSETID" ->
                    ours.startsWith("-ERR The ID specified in XSETID is smaller than current");
            // Said of an id past the last that the entry is too large, mostly: it looked at an
            // error
            // number that nobody had set.
            case "XADD" ->
                    ours.startsWith("-ERR The ID specified in XADD is equal or smaller")
                            && theirs.startsWith("-ERR Elements are too large");
            // Took a rank that has no opposite.
            case "LPOS" -> ours.startsWith("-ERR value is out of range");
            // XREADGROUP has created the consumer, even when there was nothing to read.
            case "XGROUP" -> ours.matches(":\\d+\r\n") && theirs.matches(":\\d+\r\n");
            case "XREAD", "XREADGROUP" ->
                    ours.startsWith("-ERR Unbalanced") && theirs.startsWith("-ERR Unbalanced");
            default -> false;
        };
    }

    static String normal(String[] words, String reply) {
        String name = name(words);
        String known = reply;
        // How many nodes a radix tree has is nobody's business; and since 7.2 a claim that gets
        // nothing creates its consumer, before it did not.
        if (name.equals("XINFO")) {
            known = NODES.matcher(known).replaceAll("$1?");
            // A stream without entries may keep its last block, full of deleted ones, or may not.
            known = KEYS_OF_NONE.matcher(known).replaceAll("$1?");
            known = CONSUMERS.matcher(known).replaceAll("$1?");
        }
        if (name.equals("XPENDING")) {
            known = IDLE.matcher(known).replaceAll(":?\r\n$1");
        }
        if (SCORED.matcher(name).matches()) {
            known =
                    SCORE.matcher(known)
                            .replaceAll(m -> ",score " + Double.parseDouble(m.group(1)));
        }
        if (name.equals("OBJECT")) {
            // Encodings of small lists and sets differ between versions of the real server.
            known = ENCODING.matcher(known).replaceAll("compact or not");
        }
        if (words.length == 2 && words[1].equalsIgnoreCase("HELP")) {
            // The one word that 7.2 has changed.
            known = known.replace("+    Prints this help.", "+    Print this help.");
        }
        if (UNORDERED.contains(name)) {
            String[] lines = known.split("\r\n", -1);
            Arrays.sort(lines);
            known = String.join("\n", lines);
        }
        return known;
    }

    /** Of a command that a script asks for, the name of that. */
    static String name(String[] words) {
        String name = words[0].toUpperCase(Locale.ROOT);
        if (name.equals("EVAL") && words.length > 1 && words[1].contains("HGETALL")) {
            return "HGETALL";
        }
        if (words.length > 3 && name.startsWith("EVAL") && words[1].contains("unpack(ARGV)")) {
            return words[3].toUpperCase(Locale.ROOT);
        }
        return name;
    }

    private static boolean sameButForTime(String ours, String theirs) {
        if (!NUMBER.matcher(ours).replaceAll("#").equals(NUMBER.matcher(theirs).replaceAll("#"))) {
            return false;
        }
        long[] our = numbers(ours);
        long[] their = numbers(theirs);
        for (int i = 0; i < our.length; i++) {
            if (our[i] != their[i]
                    && (our[i] < TIME_LEAST || Math.abs(our[i] - their[i]) > TIME_APART_MAX)) {
                return false;
            }
        }
        return true;
    }

    private static long[] numbers(String text) {
        return NUMBER.matcher(text)
                .results()
                .mapToLong(m -> Long.parseUnsignedLong(m.group()))
                .toArray();
    }
}
