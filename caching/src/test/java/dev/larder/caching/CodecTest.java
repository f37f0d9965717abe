package dev.larder.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CodecTest {

    @Test
    void eachTypeHasItsForm() {
        ObjectMapper json = new ObjectMapper();
        assertThat(Codec.of(json, String.class).encode("tea")).isEqualTo("tea".getBytes());
        assertThat(Codec.of(json, Long.class).encode(-7L)).isEqualTo("-7".getBytes());
        assertThat(Codec.of(json, Long.class).decode("12".getBytes())).isEqualTo(12L);
        assertThat(Codec.of(json, byte[].class).decode(new byte[] {1, 0})).containsExactly(1, 0);
        assertThat(Codec.of(json, int[].class).decode("[1,2]".getBytes())).containsExactly(1, 2);
    }

    @Test
    void whatIsLargeShrinksAndComesBack() {
        Codec<String> codec = Codec.text().compressed(100);
        String large = "a cup of tea, ".repeat(1_000);
        assertThat(codec.encode(large)).hasSizeLessThan(large.length() / 20);
        assertThat(codec.decode(codec.encode(large))).isEqualTo(large);
        assertThat(codec.encode("small")).hasSize(6);
        assertThat(codec.decode(codec.encode("small"))).isEqualTo("small");
        // What was written before compression was switched on or up can be read.
        assertThat(Codec.text().compressed(0).decode(codec.encode("small"))).isEqualTo("small");
        byte[] noise = new byte[5_000];
        new Random(1).nextBytes(noise);
        assertThat(Codec.bytes().compressed(0).encode(noise)).hasSize(5_001);
    }

    @Test
    void damageIsRefusedAndClaimsAreNotBelieved() {
        Codec<byte[]> codec = Codec.bytes().compressed(0);
        byte[] good = codec.encode(new byte[10_000]);
        assertThatThrownBy(() -> codec.decode(new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> codec.decode(new byte[] {9, 9}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> codec.decode(new byte[] {1, 0x0f, 0, 0, 0, 1}))
                .isInstanceOf(IllegalArgumentException.class);
        Random random = new Random(2);
        for (int i = 0; i < 500; i++) {
            byte[] damaged = Arrays.copyOf(good, 1 + random.nextInt(good.length));
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 + random.nextInt(255));
            try {
                assertThat(codec.decode(damaged)).isNotNull();
            } catch (IllegalArgumentException | IndexOutOfBoundsException expected) {
                // A cache counts this entry as not there.
                assertThat(expected).isNotNull();
            }
        }
    }
}
