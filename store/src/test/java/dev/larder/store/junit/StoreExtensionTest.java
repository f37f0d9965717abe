package dev.larder.store.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.Store;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(StoreExtension.class)
class StoreExtensionTest {
    @RepeatedTest(2)
    void givesEachTestAnEmptyStoreThatAnswers(Store store) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", store.port())) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write("INCR k\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] reply = socket.getInputStream().readNBytes(4);
            assertThat(new String(reply, StandardCharsets.US_ASCII)).isEqualTo(":1\r\n");
        }
    }
}
