package dev.larder.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BinaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One option of the configuration: its names, what a value may be, and how a value is written back.
 * Values are kept as the text that CONFIG GET answers.
 */
final class Option {
    enum Kind {
        YES_NO,
        TEXT,
        CHOICE,
        /** Several of a list of words, in one value. */
        CHOICES,
        NUMBER,
        MEMORY,
        /** Bytes, or a share of maxmemory, which is kept as a negative number. */
        MEMORY_OR_PERCENT,
        OCTAL
    }

    private static final Pattern INTEGER = Pattern.compile("-?[1-9]\\d{0,19}|0");
    private static final Pattern SIZE = Pattern.compile("(\\d{0,20})([a-zA-Z]*)");

    private final String name;
    private final Kind kind;
    private final String initial;
    private final long least;
    private final long most;
    private final List<String> words;
    private String alias;
    private boolean unsigned;
    private boolean immutable;
    private boolean hidden;
    private boolean secret;
    private boolean guarded;
    private boolean refusedWhileLoading;
    private boolean inert;
    private BinaryOperator<String> reader = (value, _) -> value;

    private Option(
            String name, Kind kind, String initial, long least, long most, List<String> words) {
        this.name = name;
        this.kind = kind;
        this.initial = initial;
        this.least = least;
        this.most = most;
        this.words = words;
    }

    static Option yesNo(String name, boolean initial) {
        return new Option(name, Kind.YES_NO, initial ? "yes" : "no", 0, 0, List.of());
    }

    static Option text(String name, String initial) {
        return new Option(name, Kind.TEXT, initial, 0, 0, List.of());
    }

    static Option choice(String name, String initial, String... words) {
        return new Option(name, Kind.CHOICE, initial, 0, 0, List.of(words));
    }

    static Option choices(String name, String initial, String... words) {
        return new Option(name, Kind.CHOICES, initial, 0, 0, List.of(words));
    }

    static Option number(String name, long initial, long least, long most) {
        return new Option(name, Kind.NUMBER, Long.toString(initial), least, most, List.of());
    }

    static Option memory(String name, long initial, long least, long most) {
        return new Option(name, Kind.MEMORY, Long.toString(initial), least, most, List.of());
    }

    static Option memoryOrPercent(String name, long initial, long percentMost) {
        return new Option(
                name,
                Kind.MEMORY_OR_PERCENT,
                Long.toString(initial),
                -percentMost,
                Long.MAX_VALUE,
                List.of());
    }

    static Option octal(String name, long initial, long most) {
        return new Option(name, Kind.OCTAL, Long.toOctalString(initial), 0, most, List.of());
    }

    /** A second name, as an older version of the real server has it. */
    Option alias(String other) {
        alias = other;
        return this;
    }

    Option unsigned() {
        unsigned = true;
        return this;
    }

    /** Not to be set while the store runs. */
    Option immutable() {
        immutable = true;
        return this;
    }

    /** Shown by CONFIG GET only to who names it in full. */
    Option hidden() {
        hidden = true;
        return this;
    }

    /** A password: kept out of logs. */
    Option secret() {
        secret = true;
        return this;
    }

    /** Set only where {@code enable-protected-configs} allows it. */
    Option guarded() {
        guarded = true;
        return this;
    }

    Option refusedWhileLoading() {
        refusedWhileLoading = true;
        return this;
    }

    /** Accepted and kept, without effect here; docs/compatibility.md lists these. */
    Option inert() {
        inert = true;
        return this;
    }

    /**
     * Checks a text and gives it in its canonical form; shown the new value and the one before.
     * Refuses by {@link IllegalArgumentException}.
     */
    Option reads(BinaryOperator<String> how) {
        reader = how;
        return this;
    }

    String name() {
        return name;
    }

    /** The second name, or null. */
    String alias() {
        return alias;
    }

    Kind kind() {
        return kind;
    }

    String initial() {
        return initial;
    }

    boolean isImmutable() {
        return immutable;
    }

    boolean isHidden() {
        return hidden;
    }

    boolean isSecret() {
        return secret;
    }

    boolean isGuarded() {
        return guarded;
    }

    boolean isRefusedWhileLoading() {
        return refusedWhileLoading;
    }

    boolean isInert() {
        return inert;
    }

    boolean isNumber() {
        return switch (kind) {
            case NUMBER, MEMORY, MEMORY_OR_PERCENT, OCTAL -> true;
            case YES_NO, TEXT, CHOICE, CHOICES -> false;
        };
    }

    /**
     * {@code value} in the form in which it is kept.
     *
     * @throws IllegalArgumentException with the reason as the real server words it
     */
    String canonical(String value, String before) {
        return switch (kind) {
            case YES_NO -> {
                if (!value.equalsIgnoreCase("yes") && !value.equalsIgnoreCase("no")) {
                    throw new IllegalArgumentException("argument must be 'yes' or 'no'");
                }
                yield value.toLowerCase(Locale.ROOT);
            }
            case TEXT -> reader.apply(value, before);
            case CHOICE -> reader.apply(word(value), before);
            case CHOICES -> {
                List<String> chosen = new ArrayList<>();
                for (String each : value.isBlank() ? new String[] {""} : value.split(" ")) {
                    chosen.add(word(each));
                }
                List<String> ordered = words.stream().skip(1).filter(chosen::contains).toList();
                yield reader.apply(
                        ordered.isEmpty() ? words.getFirst() : String.join(" ", ordered), before);
            }
            case NUMBER, MEMORY, MEMORY_OR_PERCENT, OCTAL ->
                    reader.apply(format(bounded(parse(value))), before);
        };
    }

    private String word(String value) {
        for (String word : words) {
            if (word.equalsIgnoreCase(value)) {
                return word;
            }
        }
        throw new IllegalArgumentException(
                "argument(s) must be one of the following: " + String.join(", ", words));
    }

    private long parse(String value) {
        return switch (kind) {
            case NUMBER -> {
                if (!INTEGER.matcher(value).matches()) {
                    throw new IllegalArgumentException(
                            "argument couldn't be parsed into an integer");
                }
                try {
                    yield Long.parseLong(value);
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException(
                            "argument couldn't be parsed into an integer", e);
                }
            }
            case MEMORY -> bytes(value, "argument must be a memory value");
            case MEMORY_OR_PERCENT -> {
                String number = value.substring(0, Math.max(0, value.length() - 1));
                if (value.endsWith("%")
                        && INTEGER.matcher(number).matches()
                        && number.length() < 19
                        && number.charAt(0) != '-') {
                    yield -Long.parseLong(number);
                }
                yield bytes(value, "argument must be a memory or percent value");
            }
            case OCTAL -> {
                try {
                    yield Long.parseLong(value, 8);
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException(
                            "argument couldn't be parsed as an octal number", e);
                }
            }
            case YES_NO, TEXT, CHOICE, CHOICES ->
                    throw new IllegalStateException(name + " is no number");
        };
    }

    /**
     * Bytes of a size such as {@code 1gb} (2^30) or {@code 1g} (10^9), as redis.conf counts; up to
     * 2^64, so to be read as unsigned.
     */
    static long bytes(String value, String error) {
        Matcher matcher = SIZE.matcher(value);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(error);
        }
        long unit =
                switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
                    case "", "b" -> 1;
                    case "k" -> 1000;
                    case "kb" -> 1024;
                    case "m" -> 1_000_000;
                    case "mb" -> 1L << 20;
                    case "g" -> 1_000_000_000;
                    case "gb" -> 1L << 30;
                    default -> throw new IllegalArgumentException(error);
                };
        if (matcher.group(1).isEmpty()) {
            return 0;
        }
        try {
            return Long.parseUnsignedLong(matcher.group(1)) * unit;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(error, e);
        }
    }

    private long bounded(long value) {
        if (kind == Kind.MEMORY_OR_PERCENT && value < 0) {
            if (value < least) {
                throw new IllegalArgumentException(
                        "percentage argument must be less or equal to " + -least);
            }
            return value;
        }
        boolean inside =
                unsigned
                        ? Long.compareUnsigned(value, least) >= 0
                                && Long.compareUnsigned(value, most) <= 0
                        : value >= least && value <= most;
        if (!inside) {
            throw new IllegalArgumentException(
                    "argument must be between "
                            + bound(least)
                            + " and "
                            + bound(most)
                            + " inclusive");
        }
        return value;
    }

    private String bound(long value) {
        if (kind == Kind.OCTAL) {
            return Long.toOctalString(value);
        }
        return unsigned ? Long.toUnsignedString(value) : Long.toString(value);
    }

    private String format(long value) {
        return switch (kind) {
            case OCTAL -> Long.toOctalString(value);
            case MEMORY -> Long.toUnsignedString(value);
            case MEMORY_OR_PERCENT -> value < 0 ? -value + "%" : Long.toUnsignedString(value);
            case NUMBER, YES_NO, TEXT, CHOICE, CHOICES -> Long.toString(value);
        };
    }

    /** The number that a canonical value stands for; a share of maxmemory is negative. */
    long number(String canonical) {
        if (kind == Kind.OCTAL) {
            return Long.parseLong(canonical, 8);
        }
        if (canonical.endsWith("%")) {
            return -Long.parseLong(canonical, 0, canonical.length() - 1, 10);
        }
        return kind == Kind.MEMORY ? Long.parseUnsignedLong(canonical) : Long.parseLong(canonical);
    }
}
