package dev.larder.store.command;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;
import static dev.larder.store.command.Flag.BLOCKING;
import static dev.larder.store.command.Flag.DENYOOM;
import static dev.larder.store.command.Flag.FAST;
import static dev.larder.store.command.Flag.MOVABLEKEYS;
import static dev.larder.store.command.Flag.READONLY;
import static dev.larder.store.command.Flag.WRITE;

import dev.larder.store.command.SortedSetRange.By;
import dev.larder.store.reply.Numbers;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.SetValue;
import dev.larder.store.value.Slice;
import dev.larder.store.value.SortedSet;
import dev.larder.store.value.Value;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/** Sorted sets: members in order of a score. */
public final class SortedSetCommands {
    private static final int NX = 1;
    private static final int XX = 2;
    private static final int GT = 4;
    private static final int LT = 8;
    private static final int CH = 16;
    private static final int INCR = 32;
    private static final String NOT_A_NUMBER = "ERR resulting score is not a number (NaN)";
    private static final String RANGE_COST =
            "O(log(N)+M) with N the members of the set and M those returned.";
    private static final String COMBINE_COST =
            "O(N)+O(M log(M)) with N all members of all sets and M those of the result.";

    /** The three ways to combine sets. */
    private enum Operation {
        UNION("zunionstore"),
        INTERSECTION("zinterstore"),
        DIFFERENCE("zdiffstore");

        final String event;

        Operation(String event) {
            this.event = event;
        }
    }

    /** What the scores of one member in several sets come to. */
    private enum Aggregate {
        SUM,
        MIN,
        MAX;

        double of(double a, double b) {
            return switch (this) {
                case SUM -> numeric(a + b);
                // Infinity times nothing is no number, and then the other one counts.
                case MIN -> b < a ? b : a;
                case MAX -> b > a ? b : a;
            };
        }
    }

    public static final Family ALL =
            family(
                    Category.SORTEDSET,
                    command(
                                    "ZADD",
                                    "key [NX | XX] [GT | LT] [CH] [INCR] score member"
                                            + " [score member ...]")
                            .is(WRITE, DENYOOM, FAST)
                            .since("1.2.0")
                            .cost("O(log(N)) for each member added.")
                            .about("Adds members to a sorted set, or updates their scores.")
                            .does(SortedSetCommands::zadd),
                    command("ZINCRBY", "key increment member")
                            .is(WRITE, DENYOOM, FAST)
                            .since("1.2.0")
                            .cost("O(log(N))")
                            .about("Increments the score of a member in a sorted set.")
                            .does(SortedSetCommands::zincrby),
                    command("ZREM", "key member [member ...]")
                            .is(WRITE, FAST)
                            .since("1.2.0")
                            .cost("O(M*log(N)) with M the members to be removed.")
                            .about("Removes one or more members from a sorted set.")
                            .does(SortedSetCommands::zrem),
                    command("ZCARD", "key")
                            .is(READONLY, FAST)
                            .since("1.2.0")
                            .about("Returns the number of members in a sorted set.")
                            .does(SortedSetCommands::zcard),
                    command("ZCOUNT", "key min:double max:double")
                            .is(READONLY, FAST)
                            .since("2.0.0")
                            .cost("O(log(N))")
                            .about("Returns the count of members within a range of scores.")
                            .does(call -> count(call, By.SCORE)),
                    command("ZLEXCOUNT", "key min max")
                            .is(READONLY, FAST)
                            .since("2.8.9")
                            .cost("O(log(N))")
                            .about("Returns the count of members within a lexicographical range.")
                            .does(call -> count(call, By.MEMBER)),
                    command("ZSCORE", "key member")
                            .is(READONLY, FAST)
                            .since("1.2.0")
                            .about("Returns the score of a member in a sorted set.")
                            .does(SortedSetCommands::zscore),
                    command("ZMSCORE", "key member [member ...]")
                            .is(READONLY, FAST)
                            .since("6.2.0")
                            .cost("O(N) where N is the number of members requested.")
                            .about("Returns the scores of one or more members.")
                            .does(SortedSetCommands::zmscore),
                    command("ZRANK", "key member [WITHSCORE]")
                            .is(READONLY, FAST)
                            .since("2.0.0")
                            .cost("O(log(N))")
                            .about("Returns the index of a member, ordered by ascending scores.")
                            .does(call -> rank(call, false)),
                    command("ZREVRANK", "key member [WITHSCORE]")
                            .is(READONLY, FAST)
                            .since("2.0.0")
                            .cost("O(log(N))")
                            .about("Returns the index of a member, ordered by descending scores.")
                            .does(call -> rank(call, true)),
                    command(
                                    "ZRANGE",
                                    "key start:string stop:string [BYSCORE | BYLEX] [REV]"
                                            + " [LIMIT offset count] [WITHSCORES]")
                            .is(READONLY)
                            .since("1.2.0")
                            .cost(RANGE_COST)
                            .about("Returns members within a range of indexes, scores or bytes.")
                            .does(call -> range(call, null, false, true)),
                    command(
                                    "ZRANGESTORE",
                                    "destination:key source:key min max [BYSCORE | BYLEX] [REV]"
                                            + " [LIMIT offset count]")
                            .is(WRITE, DENYOOM)
                            .since("6.2.0")
                            .cost(RANGE_COST)
                            .about("Stores a range of members of a sorted set in a key.")
                            .does(SortedSetCommands::zrangestore),
                    command("ZREVRANGE", "key start stop [WITHSCORES]")
                            .is(READONLY)
                            .since("1.2.0")
                            .cost(RANGE_COST)
                            .about("Returns members within a range of indexes, highest first.")
                            .does(call -> range(call, By.RANK, true, false)),
                    command(
                                    "ZRANGEBYSCORE",
                                    "key min:double max:double [WITHSCORES] [LIMIT offset count]")
                            .is(READONLY)
                            .since("1.0.5")
                            .cost(RANGE_COST)
                            .about("Returns members within a range of scores.")
                            .does(call -> range(call, By.SCORE, false, false)),
                    command(
                                    "ZREVRANGEBYSCORE",
                                    "key max:double min:double [WITHSCORES] [LIMIT offset count]")
                            .is(READONLY)
                            .since("2.2.0")
                            .cost(RANGE_COST)
                            .about("Returns members within a range of scores, highest first.")
                            .does(call -> range(call, By.SCORE, true, false)),
                    command("ZRANGEBYLEX", "key min max [LIMIT offset count]")
                            .is(READONLY)
                            .since("2.8.9")
                            .cost(RANGE_COST)
                            .about("Returns members within a lexicographical range.")
                            .does(call -> range(call, By.MEMBER, false, false)),
                    command("ZREVRANGEBYLEX", "key max min [LIMIT offset count]")
                            .is(READONLY)
                            .since("2.8.9")
                            .cost(RANGE_COST)
                            .about("Returns members within a lexicographical range, last first.")
                            .does(call -> range(call, By.MEMBER, true, false)),
                    command("ZREMRANGEBYRANK", "key start stop")
                            .is(WRITE)
                            .since("2.0.0")
                            .cost("O(log(N)+M) with M the members removed.")
                            .about("Removes members within a range of indexes.")
                            .does(call -> removeRange(call, By.RANK, "zremrangebyrank")),
                    command("ZREMRANGEBYSCORE", "key min:double max:double")
                            .is(WRITE)
                            .since("1.2.0")
                            .cost("O(log(N)+M) with M the members removed.")
                            .about("Removes members within a range of scores.")
                            .does(call -> removeRange(call, By.SCORE, "zremrangebyscore")),
                    command("ZREMRANGEBYLEX", "key min max")
                            .is(WRITE)
                            .since("2.8.9")
                            .cost("O(log(N)+M) with M the members removed.")
                            .about("Removes members within a lexicographical range.")
                            .does(call -> removeRange(call, By.MEMBER, "zremrangebylex")),
                    command("ZPOPMIN", "key [count]")
                            .is(WRITE, FAST)
                            .since("5.0.0")
                            .cost("O(log(N)*M) with M the members popped.")
                            .about("Returns the lowest-scoring members after removing them.")
                            .does(call -> pop(call, false)),
                    command("ZPOPMAX", "key [count]")
                            .is(WRITE, FAST)
                            .since("5.0.0")
                            .cost("O(log(N)*M) with M the members popped.")
                            .about("Returns the highest-scoring members after removing them.")
                            .does(call -> pop(call, true)),
                    command("BZPOPMIN", "key [key ...] timeout")
                            .is(WRITE, BLOCKING, FAST)
                            .since("5.0.0")
                            .cost("O(log(N))")
                            .about("Pops the lowest-scoring member, or waits for one.")
                            .does(call -> blockingPop(call, false)),
                    command("BZPOPMAX", "key [key ...] timeout")
                            .is(WRITE, BLOCKING, FAST)
                            .since("5.0.0")
                            .cost("O(log(N))")
                            .about("Pops the highest-scoring member, or waits for one.")
                            .does(call -> blockingPop(call, true)),
                    command("ZMPOP", "numkeys key [key ...] <MIN | MAX> [COUNT count]")
                            .is(WRITE, MOVABLEKEYS)
                            .since("7.0.0")
                            .cost("O(K)+O(M*log(N)) with K the keys and M the members popped.")
                            .about("Pops members of the first sorted set that has any.")
                            .does(call -> popMany(call, 1, false)),
                    command("BZMPOP", "timeout numkeys key [key ...] <MIN | MAX> [COUNT count]")
                            .is(WRITE, BLOCKING, MOVABLEKEYS)
                            .since("7.0.0")
                            .cost("O(K)+O(M*log(N)) with K the keys and M the members popped.")
                            .about("Pops members of the first sorted set that has any, or waits.")
                            .does(call -> popMany(call, 2, true)),
                    combine(
                            "ZUNION",
                            "numkeys key [key ...] [WEIGHTS weight [weight ...]]"
                                    + " [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]",
                            Operation.UNION,
                            "Returns the union of sorted sets."),
                    combine(
                            "ZINTER",
                            "numkeys key [key ...] [WEIGHTS weight [weight ...]]"
                                    + " [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]",
                            Operation.INTERSECTION,
                            "Returns the intersection of sorted sets."),
                    combine(
                            "ZDIFF",
                            "numkeys key [key ...] [WITHSCORES]",
                            Operation.DIFFERENCE,
                            "Returns the first sorted set without the members of the others."),
                    store(
                                    "ZUNIONSTORE",
                                    "destination:key numkeys key [key ...]"
                                            + " [WEIGHTS weight [weight ...]]"
                                            + " [AGGREGATE <SUM | MIN | MAX>]",
                                    Operation.UNION,
                                    "Stores the union of sorted sets in a key.")
                            .since("2.0.0"),
                    store(
                                    "ZINTERSTORE",
                                    "destination:key numkeys key [key ...]"
                                            + " [WEIGHTS weight [weight ...]]"
                                            + " [AGGREGATE <SUM | MIN | MAX>]",
                                    Operation.INTERSECTION,
                                    "Stores the intersection of sorted sets in a key.")
                            .since("2.0.0"),
                    store(
                                    "ZDIFFSTORE",
                                    "destination:key numkeys key [key ...]",
                                    Operation.DIFFERENCE,
                                    "Stores the difference of sorted sets in a key.")
                            .since("6.2.0"),
                    command("ZINTERCARD", "numkeys key [key ...] [LIMIT limit]")
                            .is(READONLY, MOVABLEKEYS)
                            .since("7.0.0")
                            .cost("O(N*K) with N the smallest set and K the number of sets.")
                            .about("Returns the number of members of an intersection.")
                            .does(SortedSetCommands::zintercard),
                    command("ZRANDMEMBER", "key [count [WITHSCORES]]")
                            .is(READONLY)
                            .since("6.2.0")
                            .cost("O(N) where N is the number of members returned.")
                            .about("Returns one or more members chosen by chance.")
                            .does(SortedSetCommands::zrandmember),
                    command("ZSCAN", "key cursor [MATCH pattern] [COUNT count]")
                            .is(READONLY)
                            .since("2.8.0")
                            .cost("O(1) for every call. O(N) for a complete iteration.")
                            .about("Iterates over members and scores of a sorted set.")
                            .does(SortedSetCommands::zscan));

    private SortedSetCommands() {}

    private static Command combine(String name, String syntax, Operation operation, String about) {
        return command(name, syntax)
                .is(READONLY, MOVABLEKEYS)
                .since("6.2.0")
                .cost(COMBINE_COST)
                .about(about)
                .does(call -> combined(call, operation));
    }

    private static Command store(String name, String syntax, Operation operation, String about) {
        return command(name, syntax)
                .is(WRITE, DENYOOM, MOVABLEKEYS)
                .cost(COMBINE_COST)
                .about(about)
                .keys(1, 1, 1)
                .keysFoundBy(SortedSetCommands::storeKeys)
                .does(call -> combinedAndStored(call, operation));
    }

    private static int[] storeKeys(Args args) {
        long count = args.integer(2);
        if (count < 1 || count > args.count() - 3) {
            throw new CommandException("ERR Invalid number of keys");
        }
        int[] positions = new int[(int) count + 1];
        positions[0] = 1;
        for (int i = 1; i < positions.length; i++) {
            positions[i] = i + 2;
        }
        return positions;
    }

    static SortedSet find(Call call, Slice key) {
        return call.db().find(key, SortedSet.class);
    }

    static boolean put(Call call, SortedSet set, Slice member, double score) {
        if (set.isTable()) {
            return set.put(member, score, 0, 0);
        }
        return set.put(
                member,
                score,
                call.config().zsetListpackEntriesMax(),
                call.config().zsetListpackValueBytesMax());
    }

    /**
     * Puts {@code result} under {@code key} in place of what is there, nothing where it is empty.
     */
    static Reply store(Call call, Slice key, SortedSet result, String event) {
        if (result.size() > 0) {
            call.db().put(key, result, 0);
            call.changed(call.db(), key, 'z', event, result.size());
        } else if (call.db().remove(key)) {
            call.changed(call.db(), key, 'g', "del", 1);
        }
        return Reply.integer(result.size());
    }

    private static double numeric(double score) {
        return Double.isNaN(score) ? 0 : score;
    }

    // Adding and removing.

    private static int option(Slice word) {
        if (word.isWord("NX")) {
            return NX;
        }
        if (word.isWord("XX")) {
            return XX;
        }
        if (word.isWord("GT")) {
            return GT;
        }
        if (word.isWord("LT")) {
            return LT;
        }
        if (word.isWord("CH")) {
            return CH;
        }
        return word.isWord("INCR") ? INCR : 0;
    }

    static Reply zadd(Call call) {
        int options = 0;
        int at = 2;
        for (int option; at < call.count() && (option = option(call.arg(at))) != 0; at++) {
            options |= option;
        }
        int words = call.count() - at;
        if (words == 0 || words % 2 != 0) {
            throw Errors.syntax();
        }
        if ((options & NX) != 0 && (options & XX) != 0) {
            throw new CommandException("ERR XX and NX options at the same time are not compatible");
        }
        if (Integer.bitCount(options & (GT | LT | NX)) > 1) {
            throw new CommandException(
                    "ERR GT, LT, and/or NX options at the same time are not compatible");
        }
        if ((options & INCR) != 0 && words > 2) {
            throw new CommandException("ERR INCR option supports a single increment-element pair");
        }
        return add(call, options, at);
    }

    static Reply zincrby(Call call) {
        return add(call, INCR, 2);
    }

    /** Adds the pairs of score and member from word {@code at} on. */
    private static Reply add(Call call, int options, int at) {
        double[] scores = new double[(call.count() - at) / 2];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = call.args().number(at + i * 2);
        }
        boolean increments = (options & INCR) != 0;
        SortedSet set = find(call, call.key());
        if (increments && set != null) {
            double before = set.score(call.arg(at + 1));
            scores[0] = Double.isNaN(before) ? scores[0] : before + scores[0];
            if (Double.isNaN(scores[0]) && (options & NX) == 0) {
                throw new CommandException(NOT_A_NUMBER);
            }
        }
        if (set == null) {
            if ((options & XX) != 0) {
                return increments ? Reply.Nil.BULK : Reply.integer(0);
            }
            set = new SortedSet();
            call.db().put(call.key(), set, 0);
        }

        int added = 0;
        int updated = 0;
        boolean refused = false;
        boolean conditional = (options & (NX | XX | GT | LT)) != 0;
        for (int i = 0; i < scores.length; i++) {
            Slice member = call.arg(at + 1 + i * 2);
            if (conditional && refuses(options, set.score(member), scores[i])) {
                refused = true;
            } else {
                int size = set.size();
                boolean changed = put(call, set, member, scores[i]);
                added += set.size() - size;
                updated += changed && set.size() == size ? 1 : 0;
            }
        }
        return added(call, options, added, updated, refused ? Double.NaN : scores[0]);
    }

    /** Whether the options forbid {@code score}; {@code before} is NaN where there is none. */
    private static boolean refuses(int options, double before, double score) {
        if (Double.isNaN(before)) {
            return (options & XX) != 0;
        }
        return (options & NX) != 0
                || (options & GT) != 0 && score <= before
                || (options & LT) != 0 && score >= before;
    }

    private static Reply added(Call call, int options, int added, int updated, double score) {
        boolean increments = (options & INCR) != 0;
        call.changed(call.key(), increments ? "zincr" : "zadd", added + updated);
        if (increments) {
            return Double.isNaN(score) ? Reply.Nil.BULK : new Reply.Num(score);
        }
        return Reply.integer((options & CH) != 0 ? added + updated : added);
    }

    static Reply zrem(Call call) {
        SortedSet set = find(call, call.key());
        if (set == null) {
            return Reply.integer(0);
        }
        int removed = 0;
        for (int i = 2; i < call.count(); i++) {
            removed += set.remove(call.arg(i)) ? 1 : 0;
        }
        call.changed(call.key(), "zrem", removed);
        if (set.size() == 0) {
            call.removeEmptied(call.key());
        }
        return Reply.integer(removed);
    }

    private static Reply removeRange(Call call, By by, String event) {
        SortedSetRange range = SortedSetRange.read(call.args(), 2, 3, by);
        SortedSet set = find(call, call.key());
        int from = set == null ? 0 : range.from(set, false);
        int count = set == null ? 0 : Math.max(0, range.to(set, false) - from);
        if (count == 0) {
            return Reply.integer(0);
        }
        set.removeRange(from, count);
        call.changed(call.key(), event, count);
        if (set.size() == 0) {
            call.removeEmptied(call.key());
        }
        return Reply.integer(count);
    }

    // Looking up.

    static Reply zcard(Call call) {
        SortedSet set = find(call, call.key());
        return Reply.integer(set == null ? 0 : set.size());
    }

    private static Reply count(Call call, By by) {
        SortedSetRange range = SortedSetRange.read(call.args(), 2, 3, by);
        SortedSet set = find(call, call.key());
        return Reply.integer(
                set == null ? 0 : Math.max(0, range.to(set, false) - range.from(set, false)));
    }

    static Reply zscore(Call call) {
        SortedSet set = find(call, call.key());
        double score = set == null ? Double.NaN : set.score(call.arg(2));
        return Double.isNaN(score) ? Reply.Nil.BULK : new Reply.Num(score);
    }

    static Reply zmscore(Call call) {
        SortedSet set = find(call, call.key());
        Reply.Tape tape = call.tape().array(call.count() - 2L);
        for (int i = 2; i < call.count(); i++) {
            double score = set == null ? Double.NaN : set.score(call.arg(i));
            if (Double.isNaN(score)) {
                tape.nil();
            } else {
                tape.number(score);
            }
        }
        return tape;
    }

    private static Reply rank(Call call, boolean reverse) {
        boolean withScore = call.count() > 3;
        if (call.count() > 4) {
            throw Errors.wrongNumberOfArguments(call.command().lowerName());
        }
        if (withScore && !call.args().is(3, "WITHSCORE")) {
            throw Errors.syntax();
        }
        SortedSet set = find(call, call.key());
        int rank = set == null ? -1 : set.rank(call.arg(2));
        if (rank < 0) {
            return withScore ? Reply.Nil.ARRAY : Reply.Nil.BULK;
        }
        int shown = reverse ? set.size() - 1 - rank : rank;
        return withScore
                ? call.tape().array(2).integer(shown).number(set.score(call.arg(2)))
                : Reply.integer(shown);
    }

    // Ranges.

    /**
     * What ZRANGE and its kin ask for.
     *
     * @param limit how many members at most; negative for all
     */
    private record Query(
            SortedSetRange range, boolean reverse, boolean scores, long offset, long limit) {
        /** How many members it finds in {@code set} beginning at {@link #first}. */
        int count(SortedSet set) {
            int found = Math.max(0, range.to(set, reverse) - range.from(set, reverse));
            if (offset < 0 || offset >= found) {
                return 0;
            }
            long left = found - offset;
            return (int) (limit < 0 ? left : Math.min(limit, left));
        }

        /** The rank of the first member it shows, where it finds any. */
        int first(SortedSet set) {
            return reverse
                    ? range.to(set, true) - 1 - (int) offset
                    : range.from(set, false) + (int) offset;
        }

        void forEach(SortedSet set, SortedSet.Visitor visitor) {
            int count = count(set);
            if (count > 0 && reverse) {
                set.forEachBackwards(first(set), count, visitor);
            } else if (count > 0) {
                set.forEach(first(set), count, visitor);
            }
        }
    }

    /**
     * Reads a query whose source key is word {@code key}; {@code fixed} null where options say it.
     */
    private static Query query(
            Call call, int key, By fixed, boolean reversed, boolean reversible, boolean stores) {
        Args args = call.args();
        By by = fixed;
        boolean reverse = reversed;
        boolean scores = false;
        long offset = 0;
        long limit = -1;
        for (int i = key + 3; i < args.count(); i++) {
            if (args.is(i, "WITHSCORES") && !stores) {
                scores = true;
            } else if (args.is(i, "LIMIT") && i + 2 < args.count()) {
                offset = args.integer(++i);
                limit = args.integer(++i);
            } else if (args.is(i, "REV") && reversible && !reverse) {
                reverse = true;
            } else if (args.is(i, "BYSCORE") && by == null) {
                by = By.SCORE;
            } else if (args.is(i, "BYLEX") && by == null) {
                by = By.MEMBER;
            } else {
                throw Errors.syntax();
            }
        }
        by = by == null ? By.RANK : by;
        if (limit != -1 && by == By.RANK) {
            throw new CommandException(
                    "ERR syntax error, LIMIT is only supported in combination with either BYSCORE"
                            + " or BYLEX");
        }
        if (scores && by == By.MEMBER) {
            throw new CommandException(
                    "ERR syntax error, WITHSCORES not supported in combination with BYLEX");
        }
        boolean swapped = reverse && by != By.RANK;
        int min = swapped ? key + 2 : key + 1;
        int max = swapped ? key + 1 : key + 2;
        SortedSetRange range = SortedSetRange.read(args, min, max, by);
        return new Query(range, reverse, scores, by == By.RANK ? 0 : offset, limit);
    }

    private static Reply range(Call call, By by, boolean reverse, boolean reversible) {
        Query query = query(call, 1, by, reverse, reversible, false);
        SortedSet set = find(call, call.key());
        if (set == null) {
            return call.tape().array(0);
        }
        Reply.Tape tape = openMembers(call, query.count(set), query.scores());
        query.forEach(set, writer(call, tape, query.scores()));
        return tape;
    }

    /** Opens an array of members: with scores in pairs for RESP3, and one after another before. */
    private static Reply.Tape openMembers(Call call, int count, boolean scores) {
        return call.tape().array(scores && call.caller().protocol() < 3 ? count * 2L : count);
    }

    private static SortedSet.Visitor writer(Call call, Reply.Tape tape, boolean scores) {
        if (!scores) {
            return (member, _) -> tape.bulk(member);
        }
        return call.caller().protocol() < 3
                ? (member, score) -> tape.bulk(member).number(score)
                : (member, score) -> tape.array(2).bulk(member).number(score);
    }

    static Reply zrangestore(Call call) {
        Query query = query(call, 2, null, false, true, true);
        SortedSet set = find(call, call.arg(2));
        SortedSet result = new SortedSet();
        if (set != null) {
            query.forEach(set, (member, score) -> put(call, result, member, score));
        }
        return store(call, call.key(), result, "zrangestore");
    }

    // Popping.

    private static Reply pop(Call call, boolean highest) {
        if (call.count() > 3) {
            throw Errors.syntax();
        }
        boolean one = call.count() == 2;
        long count = 1;
        if (!one) {
            count =
                    call.args()
                            .integer(
                                    2,
                                    0,
                                    Long.MAX_VALUE,
                                    "ERR value is out of range, must be positive");
        }
        SortedSet set = find(call, call.key());
        if (set == null || count == 0) {
            return call.tape().array(0);
        }
        int popped = (int) Math.min(count, set.size());
        boolean pairs = !one && call.caller().protocol() >= 3;
        Reply.Tape tape = call.tape().array(pairs ? popped : popped * 2L);
        return popped(call, call.key(), set, popped, highest, pairs, tape);
    }

    /** Writes {@code count} members of one end on {@code tape} and removes them. */
    private static Reply popped(
            Call call,
            Slice key,
            SortedSet set,
            int count,
            boolean highest,
            boolean pairs,
            Reply.Tape tape) {
        SortedSet.Visitor writer =
                pairs
                        ? (member, score) -> tape.array(2).bulk(member).number(score)
                        : (member, score) -> tape.bulk(member).number(score);
        int size = set.size();
        if (highest) {
            set.forEachBackwards(size - 1, count, writer);
        } else {
            set.forEach(0, count, writer);
        }
        set.removeRange(highest ? size - count : 0, count);
        // Which key it was, and whether one waited for it, is chance to whoever reads the journal.
        call.journalAs(highest ? "ZPOPMAX" : "ZPOPMIN", key, count);
        call.changed(key, highest ? "zpopmax" : "zpopmin", count);
        if (set.size() == 0) {
            call.removeEmptied(key);
        }
        return tape;
    }

    private static Reply blockingPop(Call call, boolean highest) {
        int last = call.count() - 1;
        long timeout = Timeout.seconds(call, last);
        for (int i = 1; i < last; i++) {
            SortedSet set = find(call, call.arg(i));
            if (set != null) {
                Reply.Tape tape = call.tape().array(3).bulk(call.arg(i));
                return popped(call, call.arg(i), set, 1, highest, false, tape);
            }
        }
        return waitFor(call, 1, last, timeout);
    }

    private static Reply waitFor(Call call, int from, int to, long timeout) {
        byte[][] keys = new byte[to - from][];
        for (int i = from; i < to; i++) {
            keys[i - from] = call.args().bytes(i);
        }
        return new Reply.Wait(keys, timeout, Reply.Nil.ARRAY);
    }

    /** ZMPOP and BZMPOP; the number of keys stands at {@code at}. */
    private static Reply popMany(Call call, int at, boolean waits) {
        Args args = call.args();
        long keys = args.integer(at, 1, Long.MAX_VALUE, "ERR numkeys should be greater than 0");
        if (keys >= args.count() - at - 1) {
            throw Errors.syntax();
        }
        int after = at + 1 + (int) keys;
        boolean highest = args.is(after, "MAX");
        if (!highest && !args.is(after, "MIN")) {
            throw Errors.syntax();
        }
        long count = 1;
        if (after + 1 < args.count()) {
            if (!args.is(after + 1, "COUNT") || after + 2 >= args.count()) {
                throw Errors.syntax();
            }
            count =
                    args.integer(
                            after + 2, 1, Long.MAX_VALUE, "ERR count should be greater than 0");
            if (after + 3 < args.count()) {
                throw Errors.syntax();
            }
        }
        long timeout = waits ? Timeout.seconds(call, 1) : 0;
        for (int i = at + 1; i < after; i++) {
            SortedSet set = find(call, call.arg(i));
            if (set != null) {
                int popped = (int) Math.min(count, set.size());
                Reply.Tape tape = call.tape().array(2).bulk(call.arg(i)).array(popped);
                return popped(call, call.arg(i), set, popped, highest, true, tape);
            }
        }
        return waits ? waitFor(call, at + 1, after, timeout) : Reply.Nil.ARRAY;
    }

    // Combining.

    /** One set that goes into a combination, sorted or plain; of a plain one every score is 1. */
    private record Source(Value value, double weight) {
        int size() {
            return switch (value) {
                case SortedSet sorted -> sorted.size();
                case SetValue plain -> plain.size();
                case null, default -> 0;
            };
        }

        /** The score of {@code member} without its weight, NaN where it is not there. */
        double score(Slice member) {
            return switch (value) {
                case SortedSet sorted -> sorted.score(member);
                case SetValue plain -> plain.contains(member) ? 1 : Double.NaN;
                case null, default -> Double.NaN;
            };
        }

        /** Shows each member with its weighted score. */
        void forEach(SortedSet.Visitor visitor) {
            switch (value) {
                case SortedSet sorted ->
                        sorted.forEach(
                                (member, score) -> visitor.visit(member, numeric(weight * score)));
                case SetValue plain -> plain.forEach(member -> visitor.visit(member, weight));
                case null, default -> {}
            }
        }
    }

    /** A combination as it was asked for. */
    private record Combination(
            List<Source> sources, Aggregate aggregate, boolean scores, long limit) {}

    /** Reads a combination whose number of keys is word {@code at}. */
    private static Combination combination(
            Call call, int at, boolean weighs, boolean showsScores, boolean counts) {
        Args args = call.args();
        long keys = args.integer(at);
        if (keys < 1) {
            throw new CommandException(
                    "ERR at least 1 input key is needed for '"
                            + call.command().lowerName()
                            + "' command");
        }
        if (keys > args.count() - at - 1) {
            throw Errors.syntax();
        }
        int after = at + 1 + (int) keys;
        Value[] values = new Value[(int) keys];
        double[] weights = new double[(int) keys];
        for (int i = 0; i < values.length; i++) {
            values[i] = source(call, call.arg(at + 1 + i));
            weights[i] = 1;
        }
        Aggregate aggregate = Aggregate.SUM;
        boolean scores = false;
        long limit = 0;
        for (int i = after; i < args.count(); i++) {
            int left = args.count() - i;
            if (weighs && left > keys && args.is(i, "WEIGHTS")) {
                for (int w = 0; w < weights.length; w++) {
                    weights[w] = args.number(++i, "ERR weight value is not a float");
                }
            } else if (weighs && left >= 2 && args.is(i, "AGGREGATE")) {
                aggregate = aggregate(call.arg(++i));
            } else if (showsScores && args.is(i, "WITHSCORES")) {
                scores = true;
            } else if (counts && left >= 2 && args.is(i, "LIMIT")) {
                limit = args.integer(++i, 0, Long.MAX_VALUE, "ERR LIMIT can't be negative");
            } else {
                throw Errors.syntax();
            }
        }
        List<Source> sources = new ArrayList<>(values.length);
        for (int i = 0; i < values.length; i++) {
            sources.add(new Source(values[i], weights[i]));
        }
        return new Combination(sources, aggregate, scores, limit);
    }

    private static Aggregate aggregate(Slice word) {
        for (Aggregate aggregate : Aggregate.values()) {
            if (word.isWord(aggregate.name())) {
                return aggregate;
            }
        }
        throw Errors.syntax();
    }

    private static Value source(Call call, Slice key) {
        Value value = call.db().findValue(key);
        boolean fits =
                value == null
                        ? !call.db().exists(key)
                        : value instanceof SortedSet || value instanceof SetValue;
        if (!fits) {
            throw Errors.wrongType();
        }
        return value;
    }

    private static Reply combined(Call call, Operation operation) {
        Combination combination =
                combination(call, 1, operation != Operation.DIFFERENCE, true, false);
        // Not compact: the packed form has no negative zero, which is answered as such.
        SortedSet result = SortedSet.table();
        combine(call, combination, operation, result);
        Reply.Tape tape = openMembers(call, result.size(), combination.scores());
        result.forEach(writer(call, tape, combination.scores()));
        return tape;
    }

    private static Reply combinedAndStored(Call call, Operation operation) {
        Combination combination =
                combination(call, 2, operation != Operation.DIFFERENCE, false, false);
        SortedSet result = new SortedSet();
        boolean hasMinusZero = combine(call, combination, operation, result);
        if (hasMinusZero && result.isTable()) {
            // The compact form it began with has lost the sign, which a table keeps.
            result = SortedSet.table();
            combine(call, combination, operation, result);
        }
        return store(call, call.key(), result, operation.event);
    }

    /** Fills {@code result}, which is empty; whether a score of minus zero was among them. */
    private static boolean combine(
            Call call, Combination combination, Operation operation, SortedSet result) {
        List<Source> sources = combination.sources();
        Aggregate aggregate = combination.aggregate();
        boolean[] hasMinusZero = {false};
        SortedSet.Visitor keep =
                (member, score) -> {
                    hasMinusZero[0] |= score == 0 && 1 / score < 0;
                    put(call, result, member, score);
                };
        switch (operation) {
            case UNION -> {
                sources.sort(Comparator.comparingInt(Source::size));
                for (Source source : sources) {
                    source.forEach(
                            (member, score) -> {
                                double before = result.score(member);
                                if (before == 0) {
                                    // For nought and minus nought are equal to who sets a score.
                                    result.remove(member);
                                }
                                keep.visit(
                                        member,
                                        Double.isNaN(before) ? score : aggregate.of(before, score));
                            });
                }
            }
            case INTERSECTION -> {
                sources.sort(Comparator.comparingInt(Source::size));
                Source smallest = sources.getFirst();
                smallest.forEach(
                        (member, score) -> {
                            double sum = score;
                            for (int i = 1; i < sources.size() && !Double.isNaN(sum); i++) {
                                Source source = sources.get(i);
                                double other = source.score(member);
                                sum =
                                        Double.isNaN(other)
                                                ? other
                                                : aggregate.of(sum, other * source.weight());
                            }
                            if (!Double.isNaN(sum)) {
                                keep.visit(member, sum);
                            }
                        });
            }
            case DIFFERENCE ->
                    sources.getFirst()
                            .forEach(
                                    (member, score) -> {
                                        boolean alone = true;
                                        for (int i = 1; i < sources.size() && alone; i++) {
                                            alone = Double.isNaN(sources.get(i).score(member));
                                        }
                                        if (alone) {
                                            keep.visit(member, score);
                                        }
                                    });
        }
        return hasMinusZero[0];
    }

    static Reply zintercard(Call call) {
        Combination combination = combination(call, 1, false, false, true);
        List<Source> sources = combination.sources();
        sources.sort(Comparator.comparingInt(Source::size));
        long most = combination.limit() == 0 ? Long.MAX_VALUE : combination.limit();
        long[] found = {0};
        sources.getFirst()
                .forEach(
                        (member, _) -> {
                            boolean inAll = found[0] < most;
                            for (int i = 1; i < sources.size() && inAll; i++) {
                                inAll = !Double.isNaN(sources.get(i).score(member));
                            }
                            found[0] += inAll ? 1 : 0;
                        });
        return Reply.integer(found[0]);
    }

    // Chance and cursors.

    static Reply zrandmember(Call call) {
        if (call.count() == 2) {
            SortedSet set = find(call, call.key());
            if (set == null) {
                return Reply.Nil.BULK;
            }
            set.random(call.random(), (member, _) -> call.view().point(member));
            return call.found();
        }
        long count = call.args().signedCount(2);
        boolean scores = call.args().is(3, "WITHSCORES");
        if (call.count() > (scores ? 4 : 3)) {
            throw Errors.syntax();
        }
        if (scores && (count < -(Long.MAX_VALUE / 2) || count > Long.MAX_VALUE / 2)) {
            throw new CommandException(Errors.VALUE_OUT_OF_RANGE);
        }
        SortedSet set = find(call, call.key());
        if (set == null || count == 0) {
            return call.tape().array(0);
        }
        long shown = count < 0 ? -count : Math.min(count, set.size());
        if (shown > Args.CHOSEN_MAX && count < 0) {
            throw new CommandException(Errors.VALUE_OUT_OF_RANGE);
        }
        Reply.Tape tape = openMembers(call, (int) shown, scores);
        SortedSet.Visitor writer = writer(call, tape, scores);
        if (count < 0) {
            for (long i = 0; i < shown; i++) {
                set.random(call.random(), writer);
            }
        } else if (shown == set.size()) {
            set.forEachBackwards(set.size() - 1, set.size(), writer);
        } else {
            chooseDifferent(set, (int) shown, call.random(), writer);
        }
        return tape;
    }

    /**
     * Shows {@code count} different members: Floyd's choice among ranks, each set equally likely.
     */
    private static void chooseDifferent(
            SortedSet set, int count, RandomGenerator random, SortedSet.Visitor visitor) {
        BitSet chosen = new BitSet(set.size());
        for (int bound = set.size() - count; bound < set.size(); bound++) {
            int rank = random.nextInt(bound + 1);
            rank = chosen.get(rank) ? bound : rank;
            chosen.set(rank);
            set.forEach(rank, 1, visitor);
        }
    }

    static Reply zscan(Call call) {
        long cursor = KeyCommands.cursor(call.args(), 2);
        SortedSet set = find(call, call.key());
        Reply.Tape tape = call.tape().array(2);
        if (set == null) {
            return tape.bulk("0").array(0);
        }
        ScanOptions options = ScanOptions.read(call.args(), 3, ScanOptions.Of.MEMBERS);
        // The cursor comes before the members and is known after them.
        List<byte[]> members = new ArrayList<>();
        List<byte[]> scores = new ArrayList<>();
        long next =
                set.scan(
                        cursor,
                        options.count(),
                        (member, score) -> {
                            if (options.matches(member)) {
                                members.add(member.toBytes());
                                scores.add(Numbers.format(score));
                            }
                        });
        tape.bulk(Long.toUnsignedString(next)).array(members.size() * 2L);
        for (int i = 0; i < members.size(); i++) {
            tape.bulk(members.get(i)).bulk(scores.get(i));
        }
        return tape;
    }
}
