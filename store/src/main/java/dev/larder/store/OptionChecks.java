package dev.larder.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What the values of single options must be like. Each gives the value in its canonical form, or
 * refuses it by {@link IllegalArgumentException} with the words of the real server.
 */
final class OptionChecks {
    private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,18}");
    private static final String EVENT_CLASSES = "g$lshzxetd";
    private static final int BIND_ADDRESSES_MAX = 16;
    private static final int HOSTNAME_LENGTH_MAX = 255;
    private static final int OOM_SCORE_MAX = 2000;

    private OptionChecks() {}

    private static String[] words(String value) {
        return value.isBlank() ? new String[0] : value.strip().split("\\s+");
    }

    static String required(String name, String value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException(name + " can't be empty");
        }
        return value;
    }

    static String baseName(String name, String value, String what) {
        if (value.indexOf('/') >= 0 || value.indexOf('\\') >= 0) {
            throw new IllegalArgumentException(name + " can't be a path, just " + what);
        }
        return value;
    }

    static String hostname(String value) {
        if (value.length() > HOSTNAME_LENGTH_MAX) {
            throw new IllegalArgumentException("Hostnames must be less than 256 characters");
        }
        if (!value.matches("[A-Za-z0-9.-]*")) {
            throw new IllegalArgumentException(
                    "Hostnames may only contain alphanumeric characters, hyphens or dots");
        }
        return value;
    }

    /** A hint rather than an order: what is out of range is taken as the nearest that is not. */
    static String hertz(String value) {
        return Long.toString(Math.clamp(Long.parseLong(value), 1, 500));
    }

    static String saveOrNot(String value) {
        List<String> chosen = List.of(value.split(" "));
        if (chosen.contains("save") && chosen.contains("nosave")) {
            throw new IllegalArgumentException(
                    "shutdown options SAVE and NOSAVE can't be used simultaneously");
        }
        return value;
    }

    /** The JVM moves objects by itself; what the option asks for cannot be had here. */
    static String noDefrag(String value) {
        if (value.equals("yes")) {
            throw new IllegalArgumentException(
                    "Active defragmentation cannot be enabled: it requires a Redis server compiled"
                            + " with a modified Jemalloc like the one shipped by default with the"
                            + " Redis source distribution");
        }
        return value;
    }

    static String noCluster(String value) {
        if (value.equals("yes")) {
            throw new IllegalArgumentException("this store has no cluster mode yet");
        }
        return value;
    }

    static String directory(String value) {
        Path path = Path.of(value).toAbsolutePath().normalize();
        if (!Files.exists(path)) {
            throw new IllegalArgumentException("No such file or directory");
        }
        if (!Files.isDirectory(path)) {
            throw new IllegalArgumentException("Not a directory");
        }
        return path.toString();
    }

    /** Pairs of seconds and changes. */
    static String savePoints(String value) {
        String[] words = value.equals("\"\"") ? new String[0] : words(value);
        boolean valid = words.length % 2 == 0;
        for (int i = 0; valid && i < words.length; i++) {
            valid = WHOLE.matcher(words[i]).matches() && Long.parseLong(words[i]) >= 1 - i % 2;
        }
        if (!valid) {
            throw new IllegalArgumentException("Invalid save parameters");
        }
        return String.join(" ", words);
    }

    /** Class, hard limit, soft limit and seconds in turn; a class not named keeps its limits. */
    static String bufferLimits(String value, String before) {
        String[] words = words(value);
        if (words.length % 4 != 0) {
            throw new IllegalArgumentException(
                    "Wrong number of arguments in buffer limit configuration.");
        }
        String[] limits = before.split(" ");
        for (int i = 0; i < words.length; i += 4) {
            int at =
                    switch (words[i].toLowerCase(Locale.ROOT)) {
                        case "normal" -> 0;
                        case "slave", "replica" -> 4;
                        case "pubsub" -> 8;
                        default ->
                                throw new IllegalArgumentException(
                                        "Invalid client class specified in buffer limit"
                                                + " configuration.");
                    };
            String error =
                    "Error in hard, soft or soft_seconds setting in buffer limit"
                            + " configuration.";
            if (!WHOLE.matcher(words[i + 3]).matches() || Long.parseLong(words[i + 3]) < 0) {
                throw new IllegalArgumentException(error);
            }
            limits[at + 1] = Long.toUnsignedString(Option.bytes(words[i + 1], error));
            limits[at + 2] = Long.toUnsignedString(Option.bytes(words[i + 2], error));
            limits[at + 3] = Long.toString(Long.parseLong(words[i + 3]));
        }
        return String.join(" ", limits);
    }

    static String oomScores(String value) {
        String[] words = words(value);
        if (words.length != 3) {
            throw new IllegalArgumentException("wrong number of arguments");
        }
        for (String word : words) {
            if (!WHOLE.matcher(word).matches() || Math.abs(Long.parseLong(word)) > OOM_SCORE_MAX) {
                throw new IllegalArgumentException(
                        "Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
            }
        }
        return String.join(" ", words);
    }

    /** The letters of keyspace events, in the order in which the real server prints them. */
    static String eventClasses(String value) {
        for (int i = 0; i < value.length(); i++) {
            if ("AKEmn".indexOf(value.charAt(i)) < 0
                    && EVENT_CLASSES.indexOf(value.charAt(i)) < 0) {
                throw new IllegalArgumentException(
                        "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
            }
        }
        boolean all =
                value.indexOf('A') >= 0
                        || EVENT_CLASSES.chars().allMatch(c -> value.indexOf(c) >= 0);
        StringBuilder letters = new StringBuilder();
        for (char c :
                ((all ? "A" : EVENT_CLASSES + "n") + "KEm" + (all ? "n" : "")).toCharArray()) {
            if (c == 'A' || value.indexOf(c) >= 0) {
                letters.append(c);
            }
        }
        return letters.toString();
    }

    static String addresses(String value) {
        String[] words = words(value);
        if (words.length > BIND_ADDRESSES_MAX) {
            throw new IllegalArgumentException("Too many bind addresses specified.");
        }
        return String.join(" ", words);
    }

    /** The master, as host and port; empty for none. */
    static String primary(String value) {
        String[] words = words(value);
        if (words.length == 0) {
            return "";
        }
        if (words.length != 2) {
            throw new IllegalArgumentException("wrong number of arguments");
        }
        if (words[0].equalsIgnoreCase("no") && words[1].equalsIgnoreCase("one")) {
            return "";
        }
        int port;
        try {
            port = Integer.parseInt(words[1]);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("Invalid master port", e);
        }
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("Invalid master port");
        }
        return words[0] + " " + port;
    }

    static String percentiles(String value) {
        List<String> printed = new ArrayList<>();
        for (String word : words(value)) {
            double percentile;
            try {
                percentile = Double.parseDouble(word);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "Invalid latency-tracking-info-percentiles parameters", e);
            }
            if (!(percentile >= 0 && percentile <= 100)) {
                throw new IllegalArgumentException(
                        "latency-tracking-info-percentiles parameters should sit between"
                                + " [0.0,100.0]");
            }
            String text = String.format(Locale.ROOT, "%f", percentile);
            printed.add(text.replaceAll("0+$", "").replaceAll("\\.$", ""));
        }
        return String.join(" ", printed);
    }
}
