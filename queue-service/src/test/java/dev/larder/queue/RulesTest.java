package dev.larder.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.larder.kit.ProblemException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RulesTest {

    private static ObjectNode payload() {
        return JsonNodeFactory.instance.objectNode();
    }

    @Test
    void theWaitDoublesUpToItsBoundAndHalfOfItIsChance() {
        Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5));
        assertThat(backoff.after(1, 0)).hasMillis(500);
        assertThat(backoff.after(1, 0.999_999)).hasMillis(999);
        assertThat(backoff.after(2, 0.5)).hasMillis(1_500);
        assertThat(backoff.after(5, 0)).hasMillis(8_000);
        assertThat(backoff.after(10, 0)).hasMillis(150_000);
        assertThat(backoff.after(10_000, 0)).hasMillis(150_000);
    }

    @Test
    void aChecksumIsTheDigestOfTheDigest() throws Exception {
        ObjectNode once = payload().put("text", "abc").put("rounds", 1);
        assertThat(Work.CHECKSUM.run(once, 1).get("sha256").asText())
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        ObjectNode twice = payload().put("text", "abc").put("rounds", 2);
        assertThat(Work.CHECKSUM.run(twice, 1).get("sha256").asText())
                .isEqualTo("4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358");
    }

    @Test
    void aChecksumStopsWhenItIsInterrupted() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(
                        () ->
                                Work.CHECKSUM.run(
                                        payload().put("text", "abc").put("rounds", 1_000_000), 1))
                .isInstanceOf(InterruptedException.class);
    }

    @Test
    void flakyWorkFailsAsOftenAsItIsTold() throws Exception {
        ObjectNode payload = payload().put("text", "at last").put("failTimes", 2);
        assertThatThrownBy(() -> Work.FLAKY.run(payload, 2))
                .isInstanceOf(Work.FailedException.class)
                .hasMessage("Failed on purpose, 2 of 2 times.");
        assertThat(Work.FLAKY.run(payload, 3).get("text").asText()).isEqualTo("at last");
    }

    @Test
    void aPayloadThatCannotBeWorkedOnIsRefused() {
        for (ObjectNode bad :
                new ObjectNode[] {
                    payload().put("rounds", 1),
                    payload().put("text", 7).put("rounds", 1),
                    payload().put("text", "x".repeat(10_001)).put("rounds", 1),
                    payload().put("text", "a"),
                    payload().put("text", "a").put("rounds", 0),
                    payload().put("text", "a").put("rounds", 1_000_001),
                    payload().put("text", "a").put("rounds", 1.5),
                    payload().put("text", "a").put("rounds", 5_000_000_000L),
                }) {
            assertThatThrownBy(() -> Work.CHECKSUM.check(bad)).isInstanceOf(ProblemException.class);
        }
        Work.CHECKSUM.check(payload().put("text", "").put("rounds", 1_000_000));
        Work.FLAKY.check(payload().put("text", "a").put("failTimes", 0));
    }

    @Test
    void idsSortByTimeAndDiffer() {
        SplittableRandom random = new SplittableRandom(7);
        UUID earlier = Queues.JobId.at(1_700_000_000_000L, random);
        UUID later = Queues.JobId.at(1_700_000_000_001L, random);
        assertThat(earlier.toString()).isLessThan(later.toString());
        assertThat(earlier.version()).isEqualTo(7);
        assertThat(earlier.variant()).isEqualTo(2);
        assertThat(Queues.JobId.at(1_700_000_000_000L, random)).isNotEqualTo(earlier);
    }
}
