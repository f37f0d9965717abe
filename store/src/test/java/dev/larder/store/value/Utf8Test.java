package dev.larder.store.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {
    @Test
    void readsTextAsText() {
        String text = "a\u00e9\u20ac\ud83d\ude00\ufffd";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);

        assertThat(Utf8.decode(bytes)).isEqualTo(text);
        assertThat(Utf8.encode(text)).isEqualTo(bytes);
    }

    @Test
    void givesBackWhateverBytesItRead() {
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);

            assertThat(Utf8.encode(Utf8.decode(bytes))).isEqualTo(bytes);
        }
    }

    @Test
    void keepsTextNextToStrayBytes() {
        byte[] bytes = {'a', (byte) 0xff, (byte) 0xef, (byte) 0xbf, (byte) 0xbd, (byte) 0xc3, 'b'};

        assertThat(Utf8.decode(bytes)).isEqualTo("a\udcff\ufffd\udcc3b");
        assertThat(Utf8.encode(Utf8.decode(bytes))).isEqualTo(bytes);
    }
}
