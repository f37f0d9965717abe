package dev.larder.store.command;

import dev.larder.store.value.Slice;
import dev.larder.store.value.SortedSet;

/**
 * A part of a sorted set between two words of a command: two ranks, two scores or two members. It
 * is read before the set is known, and then says which ranks it means there.
 */
final class SortedSetRange {
    /** What the two words are. */
    enum By {
        RANK,
        SCORE,
        MEMBER
    }

    private static final String NOT_A_SCORE = "ERR min or max is not a float";
    private static final String NOT_A_MEMBER = "ERR min or max not valid string range item";
    private static final Slice LOWEST = Slice.of("-");
    private static final Slice HIGHEST = Slice.of("+");

    private final By by;
    private long start;
    private long stop;
    private double least;
    private double most;
    private Slice leastMember;
    private Slice mostMember;
    private boolean leastOpen;
    private boolean mostOpen;

    private SortedSetRange(By by) {
        this.by = by;
    }

    /** Reads the lower bound at {@code min} and the upper one at {@code max}. */
    static SortedSetRange read(Args args, int min, int max, By by) {
        SortedSetRange range = new SortedSetRange(by);
        switch (by) {
            case RANK -> {
                range.start = args.integer(min);
                range.stop = args.integer(max);
            }
            case SCORE -> {
                range.leastOpen = isOpen(args.slice(min));
                range.mostOpen = isOpen(args.slice(max));
                range.least = score(args.slice(min), range.leastOpen);
                range.most = score(args.slice(max), range.mostOpen);
            }
            case MEMBER -> {
                range.leastOpen = isOpen(args.slice(min));
                range.mostOpen = isOpen(args.slice(max));
                range.leastMember = member(args.slice(min));
                range.mostMember = member(args.slice(max));
            }
        }
        return range;
    }

    private static boolean isOpen(Slice word) {
        return !word.isEmpty() && word.at(0) == '(';
    }

    private static double score(Slice word, boolean open) {
        Slice number =
                open ? new Slice().point(word.array(), word.offset() + 1, word.length() - 1) : word;
        // Nothing at all counts as zero, as strtod has it.
        double score = number.isEmpty() ? 0 : Numerals.parseDouble(Numerals.behindBlanks(number));
        if (Double.isNaN(score)) {
            throw new CommandException(NOT_A_SCORE);
        }
        return score;
    }

    /** The member behind the bracket, or the word itself where it is {@code -} or {@code +}. */
    private static Slice member(Slice word) {
        char first = word.isEmpty() ? ' ' : (char) word.at(0);
        return switch (first) {
            case '(', '[' -> new Slice().point(word.array(), word.offset() + 1, word.length() - 1);
            case '-', '+' -> {
                if (word.length() > 1) {
                    throw new CommandException(NOT_A_MEMBER);
                }
                yield first == '-' ? LOWEST : HIGHEST;
            }
            default -> throw new CommandException(NOT_A_MEMBER);
        };
    }

    /** The rank of the first member inside; where {@code reverse}, ranks count from the highest. */
    int from(SortedSet set, boolean reverse) {
        return switch (by) {
            case RANK -> reverse ? set.size() - stopAfter(set) : startIn(set);
            case SCORE -> set.rankOfScore(least, leastOpen);
            case MEMBER -> rank(set, leastMember, leastOpen);
        };
    }

    /** The rank after the last member inside; not above {@link #from} where nothing is. */
    int to(SortedSet set, boolean reverse) {
        return switch (by) {
            case RANK -> reverse ? set.size() - startIn(set) : stopAfter(set);
            case SCORE -> set.rankOfScore(most, !mostOpen);
            case MEMBER -> rank(set, mostMember, !mostOpen);
        };
    }

    private static int rank(SortedSet set, Slice member, boolean inclusive) {
        if (member == LOWEST) {
            return 0;
        }
        return member == HIGHEST ? set.size() : set.rankOfMember(member, inclusive);
    }

    private int startIn(SortedSet set) {
        int size = set.size();
        return (int) Math.min(size, start < 0 ? Math.max(0, size + start) : start);
    }

    private int stopAfter(SortedSet set) {
        int size = set.size();
        long last = stop < 0 ? size + stop : Math.min(stop, size - 1);
        return (int) Math.max(0, last + 1);
    }
}
