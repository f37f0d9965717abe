package dev.larder.bench.caching;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jboss.resteasy.reactive.RestQuery;

/** The query over HTTP, and a loop that calls it without HTTP. */
@Path("/")
@RunOnVirtualThread
public class Doors {

    private final Shop shop;
    private final Ways ways;

    Doors(Shop shop, Ways ways) {
        this.shop = shop;
        this.ways = ways;
    }

    /** Times in microseconds; {@code cpuMicros} of the whole service for each call. */
    public record Measured(
            long calls,
            double callsPerSecond,
            double p50,
            double p99,
            double cpuMicros,
            long queries) {}

    @GET
    @Path("search/{way}/{word}")
    public Found search(Ways.Way way, String word) {
        return ways.search(way, word);
    }

    @POST
    @Path("measure/{way}")
    public Measured measure(
            Ways.Way way, @RestQuery int threads, @RestQuery double seconds, @RestQuery int words)
            throws Exception {
        for (int i = 0; i < words; i++) {
            ways.search(way, "word" + i);
            ways.search(way, "word" + i);
        }
        long queriesBefore = shop.queries();
        long cpuBefore = cpu();
        long began = System.nanoTime();
        long until = began + (long) (seconds * 1e9);
        Histogram all = new Histogram(60_000_000_000L, 3);
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Histogram>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                SplittableRandom random = new SplittableRandom(i);
                running.add(readers.submit(() -> loop(way, words, random, until)));
            }
            for (Future<Histogram> one : running) {
                all.add(one.get(10, TimeUnit.MINUTES));
            }
        }
        long calls = all.getTotalCount();
        double span = (System.nanoTime() - began) / 1e9;
        return new Measured(
                calls,
                calls / span,
                all.getValueAtPercentile(50) / 1e3,
                all.getValueAtPercentile(99) / 1e3,
                (cpu() - cpuBefore) / 1e3 / Math.max(1, calls),
                shop.queries() - queriesBefore);
    }

    private Histogram loop(Ways.Way way, int words, SplittableRandom random, long until) {
        Histogram mine = new Histogram(60_000_000_000L, 3);
        long now = System.nanoTime();
        do {
            if (ways.search(way, "word" + random.nextInt(words)).items().isEmpty()) {
                throw new IllegalStateException("every word is found");
            }
            long after = System.nanoTime();
            mine.recordValue(after - now);
            now = after;
        } while (now - until < 0);
        return mine;
    }

    private static long cpu() {
        return ((com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
