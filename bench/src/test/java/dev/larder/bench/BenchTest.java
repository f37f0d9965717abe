package dev.larder.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** The parts of the benches that read and count; nothing is measured here. */
class BenchTest {

    @Test
    void readsTheReportOfRedisBenchmark() {
        String report =
                """
                ====== GET ======
                  100000 requests completed in 1.32 seconds

                Latency by percentile distribution:
                0.000% <= 0.087 milliseconds (cumulative count 3)
                50.000% <= 0.327 milliseconds (cumulative count 51000)
                98.438% <= 0.599 milliseconds (cumulative count 98438)
                99.219% <= 0.711 milliseconds (cumulative count 99219)
                99.805% <= 1.015 milliseconds (cumulative count 99805)
                99.902% <= 1.207 milliseconds (cumulative count 99902)
                100.000% <= 3.007 milliseconds (cumulative count 100000)

                Cumulative distribution of latencies:
                0.021% <= 0.103 milliseconds (cumulative count 21)
                100.000% <= 3.103 milliseconds (cumulative count 100000)

                Summary:
                  throughput summary: 75930.14 requests per second
                """;
        assertThat(StandardTest.parse(report)).isEqualTo(new Sample(75930.14, 327, 711, 1207, 0));
        assertThatThrownBy(() -> StandardTest.parse("Could not connect"))
                .hasMessageContaining("Could not connect");
    }

    @Test
    void readsProcessorTimeOfAProcessOfAnyName() {
        assertThat(Target.processorTicks("7 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 150 25 0 0 20 0 5"))
                .isEqualTo(175);
    }

    @Test
    void countsRepliesHoweverTheyAreCut() {
        byte[] bytes =
                ("+OK\r\n$5\r\na\r\nbc\r\n$-1\r\n*2\r\n*0\r\n:1\r\n%1\r\n+a\r\n,1.5\r\n_\r\n*-1\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1);
        for (int step = 1; step <= bytes.length; step++) {
            Replies replies = new Replies();
            int count = 0;
            for (int at = 0; at < bytes.length; at += step) {
                count +=
                        replies.count(
                                ByteBuffer.wrap(bytes, at, Math.min(step, bytes.length - at)));
            }
            assertThat(count).as("in steps of %d", step).isEqualTo(7);
            assertThat(replies.error()).isNull();
        }
    }

    @Test
    void keepsTheFirstErrorEvenInsideAReply() {
        Replies replies = new Replies();
        replies.count(ByteBuffer.wrap("*2\r\n+OK\r\n-ERR not 1\r\n-ERR b\r\n".getBytes()));
        assertThat(replies.error()).isEqualTo("ERR not 1");
    }

    @Test
    void writesRequestsAsTheProtocolHasThem() {
        Words words = new Words();
        words.command(3).word("SET").word("key:", 42).number(-7);
        assertThat(new String(words.toBytes(), StandardCharsets.ISO_8859_1))
                .isEqualTo("*3\r\n$3\r\nSET\r\n$6\r\nkey:42\r\n$2\r\n-7\r\n");
    }

    @Test
    void writesItsOwnPartOfTheDocumentAndNoOther() {
        String once = Document.replaced("# Benchmarks\n\n## Kept\n", "store", "first");
        String twice = Document.replaced(once, "store", "second");
        assertThat(Document.replaced(twice, "memory", "other"))
                .startsWith("# Benchmarks\n\n## Kept\n")
                .contains("second")
                .contains("other")
                .doesNotContain("first");
    }

    @Test
    void tellsTheMedianAndHowFarItWent() {
        assertThat(Spread.of(DoubleStream.of(3, 1, 2)).ratio()).isEqualTo("2.00 (1.00–3.00)");
        assertThat(Spread.of(DoubleStream.empty()).ratio()).isEqualTo("–");
    }

    @Test
    void drawsRanksByZipfsLaw() {
        Zipf zipf = new Zipf(1000, 0.99);
        SplittableRandom random = new SplittableRandom(1);
        int[] seen = new int[1000];
        for (int i = 0; i < 100_000; i++) {
            seen[(int) zipf.next(random)]++;
        }
        // 1 / zeta(1000, 0.99) of all draws.
        assertThat(seen[0]).isBetween(12_000, 14_500);
    }

    @Test
    void refusesOptionsThatItDoesNotKnow() {
        assertThatThrownBy(() -> Options.parse(List.of("--fast"), "1g"))
                .hasMessageContaining("--fast");
        Options options = Options.parse(List.of("--only", "get,zadd-1m", "--quick"), "1g");
        assertThat(options.wants("get-p16")).isTrue();
        assertThat(options.wants("zadd-p1")).isFalse();
        assertThat(options.rounds()).isEqualTo(1);
    }
}
