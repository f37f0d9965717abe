package dev.larder.store.resp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.command.Args;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever comes, the parser finds the same in it however it is cut, or refuses it, and takes no
 * memory for lengths that are only claimed.
 */
class RequestParserFuzzTest {
    private static final int ROUNDS = Integer.getInteger("fuzz.rounds", 20_000);

    private static final String[] SEEDS = {
        "*1\r\n$4\r\nPING\r\n",
        "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\r\nbc\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
        "*2\r\n$3\r\nGET\r\n$0\r\n\r\n",
        "PING\r\nSET a 'b c'\r\nGET \"\\x41\\n\"\n*1\r\n$4\r\nPING\r\n",
        "*0\r\n*-1\r\n\r\n*1\r\n$2147483647\r\n",
        "*1000000\r\n$1\r\na\r\n",
    };

    private static final char[] LIKELY = "*$\r\n-0123456789\"'\\x \0".toCharArray();

    private static byte[] message(Random random) {
        StringBuilder text = new StringBuilder();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            text.append(SEEDS[random.nextInt(SEEDS.length)]);
        }
        for (int n = random.nextInt(4); n > 0; n--) {
            int at = random.nextInt(text.length());
            char c = LIKELY[random.nextInt(LIKELY.length)];
            switch (random.nextInt(3)) {
                case 0 -> text.setCharAt(at, c);
                case 1 -> text.insert(at, c);
                default -> text.deleteCharAt(at);
            }
        }
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** What is found in a message that comes in pieces; the last line is a refusal, if any. */
    private static List<String> read(byte[] message, int... cuts) {
        RequestParser parser = new RequestParser();
        parser.limits(512 << 20, true);
        Args args = new Args();
        List<String> found = new ArrayList<>();
        int from = 0;
        for (int cut : cuts) {
            parser.feed(message, from, cut);
            try {
                RequestParser.Found next;
                while ((next = parser.next(args)) != RequestParser.Found.INCOMPLETE) {
                    if (next == RequestParser.Found.COMMAND) {
                        List<String> words = new ArrayList<>();
                        for (int i = 0; i < args.count(); i++) {
                            words.add(new String(args.bytes(i), StandardCharsets.ISO_8859_1));
                        }
                        found.add(words.toString());
                    }
                }
            } catch (ProtocolException e) {
                found.add("refused: " + e.getMessage());
                return found;
            }
            from = parser.position();
            assertThat(from).isBetween(0, cut);
            parser.trim();
        }
        return found;
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2})
    void findsTheSameHoweverItIsCut(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] message = message(random);
            int first = random.nextInt(message.length + 1);
            int second = first + random.nextInt(message.length - first + 1);
            assertThat(read(message, first, second, message.length))
                    .as(
                            "%s cut at %d and %d",
                            new String(message, StandardCharsets.ISO_8859_1), first, second)
                    .isEqualTo(read(message, message.length));
        }
    }
}
