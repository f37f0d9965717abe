package dev.larder.bench;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What was asked on the command line, after the name of the bench. */
record Options(
        Optional<String> peer,
        int rounds,
        double seconds,
        boolean quick,
        Set<String> only,
        boolean write,
        long keys,
        boolean large,
        String heap,
        List<String> rest) {
    private static final int ROUNDS = 5;
    private static final double SECONDS = 1.5;
    private static final double QUICK_SECONDS = 0.3;

    static Options parse(List<String> words, String heap) {
        Optional<String> peer = Optional.empty();
        int rounds = 0;
        double seconds = 0;
        boolean quick = false;
        Set<String> only = new HashSet<>();
        boolean write = false;
        long keys = 1_000_000;
        boolean large = false;
        List<String> rest = new java.util.ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            switch (word) {
                case "--quick" -> quick = true;
                case "--write" -> write = true;
                case "--large" -> large = true;
                case "--peer", "--rounds", "--seconds", "--only", "--keys", "--heap" -> {
                    if (++i == words.size()) {
                        throw new Refusal(word + " wants a value; see ./larder help.");
                    }
                    String value = words.get(i);
                    switch (word) {
                        case "--peer" -> peer = Optional.of(value);
                        case "--rounds" -> rounds = (int) number(word, value);
                        case "--seconds" -> seconds = number(word, value);
                        case "--only" -> only.addAll(List.of(value.split(",")));
                        case "--keys" -> keys = (long) number(word, value);
                        default -> heap = value;
                    }
                }
                default -> {
                    if (word.startsWith("--")) {
                        throw new Refusal("there is no option " + word + "; see ./larder help.");
                    }
                    rest.add(word);
                }
            }
        }
        return new Options(
                peer,
                rounds > 0 ? rounds : quick ? 1 : ROUNDS,
                seconds > 0 ? seconds : quick ? QUICK_SECONDS : SECONDS,
                quick,
                only,
                write,
                keys,
                large,
                heap,
                rest);
    }

    /** {@code --only} names workloads, whole or by how they begin. */
    boolean wants(String name) {
        return only.isEmpty()
                || only.stream().anyMatch(part -> name.equals(part) || name.startsWith(part + "-"));
    }

    /** A peer that runs already, as HOST:PORT; a path has a slash or names a file here. */
    Optional<String> runningPeer() {
        return peer.filter(text -> text.matches("[^/]+:\\d+"));
    }

    private static double number(String option, String value) {
        try {
            double number = Double.parseDouble(value);
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw new Refusal(option + " wants a number above 0, not " + value + ".");
    }
}
