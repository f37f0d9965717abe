package dev.larder.suite;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Asks a part, the way its clients do, whether it serves. */
final class Readiness {

    private static final Duration ANSWER_MAX = Duration.ofSeconds(2);

    private final Settings settings;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(ANSWER_MAX)
                    .build();

    Readiness(Settings settings) {
        this.settings = settings;
    }

    boolean of(Part part) {
        return switch (part.kind()) {
            case SERVICE, UI -> application(settings.port(part));
            case STORE -> store(settings.effectiveStoreUrl());
            case DATABASE -> database(settings.effectiveDatabaseUrl());
        };
    }

    boolean application(int port) {
        HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://" + Settings.HOST + ":" + port + "/q/health/ready"))
                        .timeout(ANSWER_MAX)
                        .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Any answer to a PING is a store's: one with a password says so. */
    private static boolean store(String urls) {
        for (String url : urls.split(",")) {
            URI uri = URI.create(url.strip());
            int port = uri.getPort() < 0 ? Settings.STORE_PORT : uri.getPort();
            try (Socket socket = connect(uri.getHost(), port)) {
                if ("rediss".equals(uri.getScheme())) {
                    continue;
                }
                socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
                int first = socket.getInputStream().read();
                if (first != '+' && first != '-') {
                    return false;
                }
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }

    private static boolean database(String url) {
        URI uri = URI.create(url.replaceFirst("^jdbc:", ""));
        int port = uri.getPort() < 0 ? 5432 : uri.getPort();
        try (Socket socket = connect(uri.getHost(), port)) {
            // The protocol's SSLRequest: every PostgreSQL answers it with one letter, signed in or
            // not.
            socket.getOutputStream().write(new byte[] {0, 0, 0, 8, 4, (byte) 210, 22, 47});
            int answer = socket.getInputStream().read();
            return answer == 'S' || answer == 'N';
        } catch (IOException e) {
            return false;
        }
    }

    private static Socket connect(String host, int port) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(host, port), (int) ANSWER_MAX.toMillis());
            socket.setSoTimeout((int) ANSWER_MAX.toMillis());
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
