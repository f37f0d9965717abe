package dev.larder.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Instances of the catalogue beside the suite's own, each a process, without a gateway. */
final class CatalogInstances implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Integer> ports = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();

    private CatalogInstances() {}

    static CatalogInstances start(RunningSuite suite, int count) throws IOException {
        Settings settings = suite.settings();
        Launch launch = new Launch(settings, Keys.in(settings.data()));
        CatalogInstances instances = new CatalogInstances();
        int first = RunningSuite.freePorts(count);
        try {
            for (int i = 0; i < count; i++) {
                int port = first + i;
                ProcessBuilder process =
                        new ProcessBuilder(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "-Xmx128m",
                                        "-XX:+UseSerialGC",
                                        "-XX:TieredStopAtLevel=1",
                                        "-jar",
                                        "quarkus-run.jar")
                                .directory(Part.CATALOG.applicationFolder(settings.root()).toFile())
                                .redirectErrorStream(true)
                                .redirectOutput(
                                        suite.log(Part.CATALOG)
                                                .resolveSibling("catalog-" + (i + 2) + ".log")
                                                .toFile());
                process.environment().putAll(launch.environment(Part.CATALOG, port));
                // A thousand readers on a busy machine are no outage of the store.
                process.environment().put("LARDER_CATALOG_CACHE_STORE_TIMEOUT", "60s");
                process.environment().put("LARDER_CATALOG_CACHE_HARD_TIMEOUT", "60s");
                process.environment().put("LARDER_CATALOG_CACHE_DATABASE_PATIENCE", "60s");
                instances.ports.add(port);
                instances.processes.add(process.start());
            }
            for (int port : instances.ports) {
                await().atMost(PATIENCE).until(() -> new Readiness(settings).application(port));
            }
        } catch (IOException | RuntimeException e) {
            instances.close();
            throw e;
        }
        return instances;
    }

    /** Loads of searches from PostgreSQL, by all instances since their start. */
    long searchesOfTheDatabase() throws Exception {
        long loads = 0;
        for (int port : ports) {
            for (JsonNode cache : get(port, "/api/catalog/cache/stats").path("caches")) {
                if (cache.path("name").asText().equals("search")) {
                    loads += cache.path("databaseReads").asLong();
                }
            }
        }
        return loads;
    }

    /** So many readers at once, spread over the instances. */
    List<JsonNode> stampede(String path, int readers) throws Exception {
        CountDownLatch ready = new CountDownLatch(readers);
        List<Future<JsonNode>> running = new ArrayList<>();
        List<JsonNode> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < readers; i++) {
                int port = ports.get(i % ports.size());
                running.add(
                        threads.submit(
                                () -> {
                                    ready.countDown();
                                    ready.await();
                                    return get(port, path);
                                }));
            }
            for (Future<JsonNode> one : running) {
                answers.add(one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
            }
        }
        return answers;
    }

    private JsonNode get(int port, String path) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                client.send(
                        HttpRequest.newBuilder(
                                        URI.create("http://" + Settings.HOST + ":" + port + path))
                                .timeout(PATIENCE)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    @Override
    public void close() {
        processes.forEach(Process::destroy);
        processes.forEach(process -> process.onExit().join());
        client.close();
    }
}
