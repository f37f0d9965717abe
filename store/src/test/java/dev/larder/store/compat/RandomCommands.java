package dev.larder.store.compat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Predicate;

/**
 * Commands by chance whose answers owe nothing to chance or to a clock. What they are made of is in
 * {@code random.txt}; a few are then spoilt, or asked by a script instead.
 */
public final class RandomCommands {
    private static final String[] FAMILIES = {"s", "h", "l", "e", "z", "g", "x"};
    private static final int KEYS_EACH = 2;
    private static final int SPOILT_IN = 40;
    private static final int SCRIPTED_IN = 40;

    /** What waits takes as long as some hundred others. */
    private static final int WAITS_IN = 4;

    /** A second of the year 2100. */
    private static final long THEN = 4_102_444_800L;

    private static final String[] EDGES = {
        "0",
        "1",
        "-1",
        "10",
        "127",
        "128",
        "255",
        "2147483647",
        "2147483648",
        "-2147483649",
        "4294967296",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "18446744073709551616",
        "1.5",
        "1e2",
        "+5",
        " 5",
        "5 ",
        "05",
        "-0",
        "",
        "abc",
        "nan",
        "inf",
        "0x10"
    };
    private static final String[] SCORES = {
        "0",
        "1",
        "2",
        "3",
        "-1",
        "1.5",
        "0.1",
        "3.3",
        "1e20",
        "-1e-7",
        "1e300",
        "inf",
        "-inf",
        "+inf",
        "17179869184.5",
        "123456789.123456789",
        "2.3e-308",
        "nan",
        "abc",
        "-0",
        "0x1p3"
    };
    private static final String[] NAME_BOUNDS = {
        "-", "+", "[a", "(a", "[c", "(e", "[", "(", "[b\u00ff", "a", "[z"
    };
    private static final String[] WORDS = {
        "0",
        "-1",
        "abc",
        "",
        "LEN",
        "COUNT",
        "nan",
        "1.1",
        "k",
        "WITHSCORES",
        "NX",
        "*",
        "9".repeat(30)
    };

    /**
     * Beginnings of names that stay as they are: what would wait for ever, cursors that are each
     * server's own, what takes other arguments since 7.2, and what would make texts of 256 MB.
     */
    private static final String[] UNSPOILT = {
        "BL",
        "BR",
        "BZ",
        "MULTI",
        "EXEC",
        "FUNCTION",
        "SCAN",
        "SSCAN",
        "HSCAN",
        "ZSCAN",
        "ZRANK",
        "ZREVRANK",
        "COMMAND",
        "CLIENT",
        "SORT",
        "SPOP",
        "SRANDMEMBER",
        "HRANDFIELD",
        "ZRANDMEMBER",
        "RANDOMKEY",
        "PEXPIRE",
        "PSETEX",
        "EXPIRE",
        "SETEX",
        "BITCOUNT",
        "BITPOS",
        "WAIT",
        "SETBIT",
        "BITFIELD"
    };

    /** Which ask for milliseconds in word {@link #MIN_IDLE}: but for 0 the clock would decide. */
    private static final String[] IDLE_LONG_ENOUGH = {"XCLAIM", "XAUTOCLAIM", "XPENDING"};

    private static final int MIN_IDLE = 4;

    /** Since 7.2 a script may ask for what waits. */
    private static final String[] UNSCRIPTED = {"EVAL", "FCALL", "BL", "BR", "BZ", "COMMAND"};

    private record Template(String family, String line, boolean waits) {}

    private final Random random;
    private final List<Template> templates = new ArrayList<>();
    private String family;

    /** All but those that wait. */
    public RandomCommands(Random random) {
        this(random, false, _ -> true);
    }

    /**
     * @param waiting whether commands are among them that may wait some milliseconds
     * @param known says of a command's name whether the server asked has it
     */
    RandomCommands(Random random, boolean waiting, Predicate<String> known) {
        this.random = random;
        String letter = "";
        for (String line : lines()) {
            if (line.startsWith("== ")) {
                letter = line.substring(3);
            } else {
                boolean waits = line.startsWith("wait ");
                String text = waits ? line.substring("wait ".length()) : line;
                if ((waiting || !waits) && known.test(text.split(" ")[0])) {
                    templates.add(new Template(letter, text, waits));
                }
            }
        }
    }

    public String[] next() {
        Template template = oneOf(templates);
        if (template.waits() && random.nextInt(WAITS_IN) > 0) {
            template = oneOf(templates);
        }
        family = template.family();
        List<String> words = new ArrayList<>();
        expand(template.line(), words);
        if (random.nextInt(SPOILT_IN) == 0) {
            spoil(words);
        }
        if (random.nextInt(SCRIPTED_IN) == 0 && mayBeScripted(words.getFirst())) {
            words.addAll(
                    0,
                    List.of(
                            "EVAL",
                            random.nextInt(4) == 0
                                    ? "return redis.pcall(unpack(ARGV))"
                                    : "return redis.call(unpack(ARGV))",
                            "0"));
        }
        return words.toArray(String[]::new);
    }

    private static boolean mayBeScripted(String name) {
        return !begins(name, UNSCRIPTED);
    }

    private static boolean begins(String name, String[] beginnings) {
        for (String beginning : beginnings) {
            if (name.startsWith(beginning)) {
                return true;
            }
        }
        return false;
    }

    private void spoil(List<String> words) {
        String name = words.getFirst();
        if (begins(name, UNSPOILT) || words.contains("PX") || words.contains("EX")) {
            return;
        }
        boolean apart = keepsApart();
        if (apart && (name.equals("ZADD") || name.contains("STORE") || name.equals("COPY"))) {
            return;
        }
        int at = words.size() == 1 ? 0 : 1 + random.nextInt(words.size() - 1);
        if (apart && at == 1) {
            if (words.size() == 2) {
                return;
            }
            at = 2;
        }
        if (at == MIN_IDLE && begins(name, IDLE_LONG_ENOUGH)) {
            return;
        }
        switch (random.nextInt(5)) {
            case 0 -> words.add(oneOf(WORDS));
            case 1 -> {
                if (at > 0) {
                    words.remove(at);
                }
            }
            case 2 -> words.set(0, name.toLowerCase(Locale.ROOT));
            case 3 -> {
                if (at > 0) {
                    words.set(at, oneOf(EDGES));
                }
            }
            default -> {
                if (at > 0) {
                    words.add(at, oneOf(WORDS));
                }
            }
        }
        if (name.equals("XADD")) {
            // An id of its own would be the time.
            words.replaceAll(word -> word.equals("*") ? "?" : word);
        }
    }

    // The little language of the templates.

    /** Appends the words of {@code text}, which may hold alternatives and options. */
    private void expand(String text, List<String> words) {
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == ' ') {
                at++;
                continue;
            }
            int end = end(text, at);
            String piece = text.substring(at, end);
            if (c == '"') {
                words.add(piece.substring(1, piece.length() - 1).replace("\\n", "\n"));
            } else if (c == '[' && piece.endsWith("]") && optional(piece)) {
                if (random.nextInt(3) == 0) {
                    expand(piece.substring(1, piece.length() - 1), words);
                }
            } else if (c == '(' && piece.endsWith(")")) {
                List<String> choices = choices(piece.substring(1, piece.length() - 1));
                expandChoice(oneOf(choices), words);
            } else {
                words.add(word(piece));
            }
            at = end;
        }
    }

    /** A choice may be a bound of ids or scores, which begins with a bracket of its own. */
    private void expandChoice(String choice, List<String> words) {
        if (choice.startsWith("(") && !choice.endsWith(")")) {
            words.add("(" + word(choice.substring(1)));
        } else if (choice.startsWith("[") || choice.contains("\"")) {
            words.add(choice);
        } else {
            expand(choice, words);
        }
    }

    private static boolean optional(String piece) {
        return Character.isUpperCase(piece.charAt(1))
                || piece.charAt(1) == '('
                || piece.charAt(1) == '['
                || Character.isLowerCase(piece.charAt(1)) && !piece.contains("-");
    }

    /** Where the piece that begins at {@code at} ends: at a blank outside brackets and quotes. */
    private static int end(String text, int at) {
        if (text.charAt(at) == '"') {
            return text.indexOf("\"", at + 1) + 1;
        }
        int depth = 0;
        for (int i = at; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean bound = c == '(' && i > 0 && text.charAt(i - 1) == '|';
            if (c == '[' || c == '(' && !bound) {
                depth++;
            } else if (c == ']' || c == ')') {
                depth--;
            } else if (c == ' ' && depth == 0) {
                return i;
            }
        }
        return text.length();
    }

    private static List<String> choices(String text) {
        List<String> choices = new ArrayList<>();
        int depth = 0;
        int begin = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '[') {
                depth++;
            } else if (c == ']') {
                depth--;
            } else if (c == '|' && depth == 0) {
                choices.add(text.substring(begin, i));
                begin = i + 1;
            }
        }
        choices.add(text.substring(begin));
        return choices;
    }

    private String word(String piece) {
        return switch (piece) {
            case "k" -> random.nextInt(8) == 0 && !keepsApart() ? anyKey() : key(family);
            case "K" -> anyKey();
            case "hk" -> key("h");
            case "v" -> value();
            case "f" -> String.valueOf((char) ('a' + random.nextInt(5)));
            case "g" -> random.nextInt(6) == 0 ? "h" : "g";
            case "n" ->
                    random.nextInt(20) == 0
                            ? oneOf(EDGES)
                            : Integer.toString(random.nextInt(13) - 5);
            case "i" -> Integer.toString(random.nextInt(8));
            case "#i" -> "#" + random.nextInt(8);
            case "i-*" -> random.nextInt(8) + "-*";
            case "o" ->
                    random.nextInt(20) == 0
                            ? oneOf(new String[] {"-1", "4294967296", "abc", "9223372036854775807"})
                            : Integer.toString(random.nextInt(120));
            case "x" -> random.nextInt(3) == 0 ? oneOf(SCORES) : "" + (random.nextInt(9) - 2);
            case "X" -> (random.nextInt(4) == 0 ? "(" : "") + word("x");
            case "L" -> oneOf(NAME_BOUNDS);
            case "b" -> random.nextInt(2) == 0 ? oneOf(EDGES) : "" + (random.nextInt(40) - 10);
            case "w" -> oneOf(WORDS);
            case "t" -> Long.toString(THEN + random.nextInt(3));
            case "T" -> Long.toString(THEN * 1000 + random.nextInt(3));
            case "d" -> Integer.toString(1_000_000 * (1 + random.nextInt(3)) + apart(10));
            case "D" ->
                    Integer.toString(
                            1_000_000_000 + 500_000_000 * random.nextInt(3) + apart(10_000));
            case "id" -> id();
            case "lon" -> random.nextInt(12) == 0 ? oneOf(SCORES) : degrees(180);
            case "lat" -> random.nextInt(12) == 0 ? oneOf(SCORES) : degrees(85);
            default -> piece;
        };
    }

    /**
     * An order of names is one only among equal scores, and a real server reads behind the end of a
     * damaged HyperLogLog: no key of another family may come in.
     */
    private boolean keepsApart() {
        return family.equals("y") || family.equals("p");
    }

    /**
     * Ten seconds or more between two times, which GT and LT compare, are more than a clock goes.
     */
    private int apart(int tenSeconds) {
        return tenSeconds * random.nextInt(10_000);
    }

    private String id() {
        return switch (random.nextInt(12)) {
            case 0 -> Integer.toString(random.nextInt(8));
            case 1 ->
                    oneOf(
                            new String[] {
                                "0-0",
                                "18446744073709551615-18446744073709551615",
                                "-1-1",
                                "a-b",
                                "1-",
                                "-",
                                "18446744073709551616-0",
                                "5-18446744073709551615"
                            });
            default -> random.nextInt(8) + "-" + random.nextInt(3);
        };
    }

    private String degrees(int most) {
        return String.format(Locale.ROOT, "%.3f", (2 * random.nextDouble() - 1) * most);
    }

    private String key(String letter) {
        return (letter.equals("K") ? oneOf(FAMILIES) : letter) + random.nextInt(KEYS_EACH);
    }

    private String anyKey() {
        return random.nextInt(30) == 0 ? "gone" : key("K");
    }

    private String value() {
        return switch (random.nextInt(14)) {
            case 0 -> "";
            case 1 -> "x".repeat(random.nextInt(100));
            case 2 -> Integer.toString(random.nextInt(100));
            case 3 -> "\u00ff\u0000\r\n";
            case 4 -> oneOf(EDGES);
            default -> String.valueOf((char) ('a' + random.nextInt(6)));
        };
    }

    private String oneOf(String[] choices) {
        return choices[random.nextInt(choices.length)];
    }

    private <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private static List<String> lines() {
        try (InputStream in = RandomCommands.class.getResourceAsStream("random.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
