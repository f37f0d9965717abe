package dev.larder.store.compat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;

/**
 * Says the same to two servers, episode by episode, and shrinks the first difference to as few
 * commands as still show one. An episode begins with empty servers and new connections, so that a
 * list of commands says all; at its end the data are compared, too.
 *
 * <p>What one connection says in a row is sent to both before a reply is read, so that many
 * commands cost one round trip and the two servers work at once.
 */
final class Differential {
    private static final int CONNECTIONS = 2;
    private static final int EPISODE_MAX = 800;
    private static final int BATCH_MAX = 150;
    private static final String NO_REPLY = "no reply: ";

    /** A command and which connection says it. */
    record Said(int connection, String[] words) {
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            if (connection > 0) {
                text.append("(other connection) ");
            }
            for (String word : words) {
                text.append(quoted(word)).append(' ');
            }
            return text.toString().stripTrailing();
        }
    }

    /**
     * The last command is the one that was answered differently; or all were answered alike, and
     * the {@code data} they left are different.
     */
    record Difference(int protocol, List<Said> said, boolean data, String ours, String theirs) {

        /** The command that was answered differently, or has left other data. */
        String name() {
            return (data ? "data of " : "") + Answers.name(said.getLast().words());
        }

        /** Whether the real server gave no answer: it has waited too long, or ended. */
        boolean theirsIsMissing() {
            return theirs.startsWith(NO_REPLY);
        }

        /** What differences of one cause have in common, more or less. */
        String signature() {
            return name() + " " + kind(ours) + " / " + kind(theirs);
        }

        private static String kind(String reply) {
            String begin = reply.substring(0, Math.min(reply.length(), 60));
            return reply.startsWith("-")
                    ? begin.strip().replaceAll("f_[0-9a-f]{40}|\\d+", "#")
                    : begin.replaceAll("[^-+:$*~%,_#(]", "").replaceAll("(.)\\1+", "$1");
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder("RESP" + protocol + "\n");
            said.forEach(one -> text.append("    ").append(one).append('\n'));
            text.append(data ? "    DEBUG DIGEST\n" : "");
            text.append("ours:   ").append(quoted(ours)).append('\n');
            return text.append("theirs: ").append(quoted(theirs)).append('\n').toString();
        }
    }

    private final int ourPort;
    private final int theirPort;
    private long commands;

    Differential(int ourPort, int theirPort) {
        this.ourPort = ourPort;
        this.theirPort = theirPort;
    }

    /** How many commands were compared so far. */
    long commands() {
        return commands;
    }

    /** Whether the server at the port has a command; the newest are not everywhere. */
    static Predicate<String> known(int port) {
        return name -> {
            try (Wire wire = new Wire(port)) {
                return !wire.ask("COMMAND", "INFO", name).equals("*1\r\n*-1\r\n");
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        };
    }

    /** One episode; its difference, if there is one, is not shrunk yet. */
    Optional<Difference> episode(RandomCommands source, Random random) throws IOException {
        int protocol = random.nextInt(3) == 0 ? 2 : 3;
        int length = 1 + random.nextInt(EPISODE_MAX);
        List<Said> said = new ArrayList<>(length);
        int connection = 0;
        while (said.size() < length) {
            for (int batch = 1 + random.nextInt(BATCH_MAX); batch > 0; batch--) {
                said.add(new Said(connection, source.next()));
            }
            connection = random.nextInt(3) == 0 ? 1 : 0;
        }
        Optional<Difference> difference = say(protocol, said);
        commands += difference.map(found -> found.said().size()).orElse(said.size());
        return difference;
    }

    /** Says all until the first difference; a batch is what one connection says in a row. */
    Optional<Difference> say(int protocol, List<Said> said) throws IOException {
        try (Talk ours = new Talk(ourPort, protocol);
                Talk theirs = new Talk(theirPort, protocol)) {
            for (int from = 0; from < said.size(); ) {
                int connection = said.get(from).connection();
                int to = from;
                while (to < said.size() && said.get(to).connection() == connection) {
                    ours.post(connection, said.get(to).words());
                    theirs.post(connection, said.get(to).words());
                    to++;
                }
                theirs.wires[connection].flush();
                ours.wires[connection].flush();
                for (; from < to; from++) {
                    String[] words = said.get(from).words();
                    String our = ours.reply(connection, words);
                    String their = theirs.reply(connection, words);
                    boolean same =
                            Answers.name(words).equals("EXEC")
                                    ? Answers.same(theirs.queued(connection), our, their)
                                    : Answers.same(words, our, their);
                    theirs.note(connection, words, their);
                    if (their.startsWith(NO_REPLY) || !same) {
                        return different(protocol, said.subList(0, from + 1), false, our, their);
                    }
                }
            }
            String our = ours.digest();
            String their = theirs.digest();
            return our.equals(their)
                    ? Optional.empty()
                    : different(protocol, said, true, our, their);
        }
    }

    private static Optional<Difference> different(
            int protocol, List<Said> said, boolean data, String ours, String theirs) {
        return Optional.of(new Difference(protocol, List.copyOf(said), data, ours, theirs));
    }

    /** The connections to one server, which has been emptied. */
    private static final class Talk implements AutoCloseable {
        private static final String[][] CLEAR = {
            {"FLUSHALL"}, {"FUNCTION", "FLUSH"}, {"SCRIPT", "FLUSH"}
        };

        /** Sets the error number to none, by a number that is in range but for signed ones. */
        private static final String[] FORGET = {
            "XRANGE", "gone", Long.toUnsignedString(-1) + "-0", "+"
        };

        private final Wire[] wires = new Wire[CONNECTIONS];

        /** What transactions are to do, by connection. */
        private final List<List<String[]>> queued = new ArrayList<>();

        /** Neither in a transaction nor in another database, whatever is said. */
        private final Wire aside;

        Talk(int port, int protocol) throws IOException {
            aside = new Wire(port);
            for (int i = 0; i < CONNECTIONS; i++) {
                wires[i] = new Wire(port);
                wires[i].send("HELLO", Integer.toString(protocol));
                queued.add(new ArrayList<>());
            }
            for (String[] words : CLEAR) {
                aside.post(words);
            }
            aside.flush();
            for (Wire wire : wires) {
                wire.reply();
            }
            for (int i = 0; i < CLEAR.length; i++) {
                aside.reply();
            }
        }

        /** Is sent when the wire is flushed. */
        void post(int connection, String[] words) throws IOException {
            if (Answers.looksAtErrorNumber(words)) {
                wires[connection].post(FORGET);
            }
            wires[connection].post(words);
        }

        /** No reply is an answer too. */
        String reply(int connection, String[] words) {
            try {
                if (Answers.looksAtErrorNumber(words)) {
                    note(connection, FORGET, wires[connection].reply());
                }
                return wires[connection].reply();
            } catch (IOException e) {
                return NO_REPLY + e.getClass().getSimpleName();
            }
        }

        /** Keeps what is queued. */
        void note(int connection, String[] words, String reply) {
            if (reply.equals("+QUEUED\r\n")) {
                queued.get(connection).add(words);
            } else if (words[0].equalsIgnoreCase("EXEC") || words[0].equalsIgnoreCase("DISCARD")) {
                queued.get(connection).clear();
            }
        }

        List<String[]> queued(int connection) {
            return queued.get(connection);
        }

        /** A hash of all data of all databases. */
        String digest() throws IOException {
            return aside.ask("DEBUG", "DIGEST");
        }

        @Override
        public void close() throws IOException {
            aside.close();
            for (Wire wire : wires) {
                wire.close();
            }
        }
    }

    /** Leaves out ever smaller pieces as long as some difference is left (delta debugging). */
    Difference shrunk(Difference difference) throws IOException {
        Difference best = difference;
        int piece = Math.max(1, best.said().size() / 2);
        while (true) {
            boolean less = false;
            for (int from = 0; from < best.said().size(); ) {
                List<Said> said = new ArrayList<>(best.said());
                said.subList(from, Math.min(said.size(), from + piece)).clear();
                Optional<Difference> left =
                        said.isEmpty() ? Optional.empty() : say(best.protocol(), said);
                if (left.isPresent()) {
                    best = left.get();
                    less = true;
                } else {
                    from += piece;
                }
            }
            if (piece == 1 && !less) {
                return best;
            }
            piece = Math.max(1, piece / 2);
        }
    }

    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder();
        boolean plain = !text.isEmpty();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            plain &= c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '\'';
            switch (c) {
                case '\r' -> quoted.append("\\r");
                case '\n' -> quoted.append("\\n");
                case '"', '\\' -> quoted.append('\\').append(c);
                default -> {
                    if (c < ' ' || c >= 0x7f) {
                        quoted.append(String.format("\\x%02x", (int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return plain ? quoted.toString() : '"' + quoted.toString() + '"';
    }
}
