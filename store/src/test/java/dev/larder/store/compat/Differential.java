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
 * list of commands says all.
 */
final class Differential {
    private static final int CONNECTIONS = 2;
    private static final int EPISODE_MAX = 600;
    private static final int BATCH_MAX = 40;
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

    /** The last command is the one that was answered differently. */
    record Difference(int protocol, List<Said> said, String ours, String theirs) {

        /** The command that was answered differently. */
        String name() {
            return Answers.name(said.getLast().words());
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
        return say(protocol, said);
    }

    /** Says all until the first difference; a batch is what one connection says in a row. */
    Optional<Difference> say(int protocol, List<Said> said) throws IOException {
        Wire[] ours = new Wire[CONNECTIONS];
        Wire[] theirs = new Wire[CONNECTIONS];
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                ours[i] = begin(ourPort, protocol, i == 0);
                theirs[i] = begin(theirPort, protocol, i == 0);
            }
            for (int from = 0; from < said.size(); ) {
                int connection = said.get(from).connection();
                int to = from;
                while (to < said.size() && said.get(to).connection() == connection) {
                    ours[connection].post(said.get(to).words());
                    theirs[connection].post(said.get(to).words());
                    to++;
                }
                ours[connection].flush();
                theirs[connection].flush();
                for (; from < to; from++) {
                    String our = reply(ours[connection]);
                    String their = reply(theirs[connection]);
                    commands++;
                    if (their.startsWith(NO_REPLY)
                            || !Answers.same(said.get(from).words(), our, their)) {
                        return Optional.of(
                                new Difference(
                                        protocol,
                                        List.copyOf(said.subList(0, from + 1)),
                                        our,
                                        their));
                    }
                }
            }
            return Optional.empty();
        } finally {
            for (int i = 0; i < CONNECTIONS; i++) {
                close(ours[i]);
                close(theirs[i]);
            }
        }
    }

    /** No reply is an answer too. */
    private static String reply(Wire wire) {
        try {
            return wire.reply();
        } catch (IOException e) {
            return NO_REPLY + e.getClass().getSimpleName();
        }
    }

    private static void close(Wire wire) throws IOException {
        if (wire != null) {
            wire.close();
        }
    }

    private static Wire begin(int port, int protocol, boolean clear) throws IOException {
        Wire wire = new Wire(port);
        if (clear) {
            wire.ask("FLUSHALL");
            wire.ask("FUNCTION", "FLUSH");
            wire.ask("SCRIPT", "FLUSH");
        }
        wire.ask("HELLO", Integer.toString(protocol));
        return wire;
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
