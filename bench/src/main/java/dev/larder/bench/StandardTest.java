package dev.larder.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A test of {@code redis-benchmark}'s own list, run by {@code redis-benchmark}. */
record StandardTest(String test, int pipeline, int valueBytes, boolean named) implements Workload {
    static final int CONNECTIONS = 50;
    static final int DEFAULT_VALUE_BYTES = 3;

    /** In the order in which redis-benchmark runs them. */
    static final List<String> LIST =
            List.of(
                    "ping_inline",
                    "ping_mbulk",
                    "set",
                    "get",
                    "incr",
                    "lpush",
                    "rpush",
                    "lpop",
                    "rpop",
                    "sadd",
                    "hset",
                    "spop",
                    "zadd",
                    "zpopmin",
                    "lrange_100",
                    "lrange_300",
                    "lrange_500",
                    "lrange_600",
                    "mset");

    private static final int KEYS = 100_000;
    private static final long KEPT_BYTES_MAX = 128L << 20;
    private static final int LONGEST_RANGE = 600;

    /** To see how fast it is. */
    private static final int FIRST_REQUESTS = 100_000;

    private static final Pattern PER_SECOND =
            Pattern.compile("throughput summary: ([0-9.]+) requests per second");
    private static final Pattern PERCENTILE =
            Pattern.compile("([0-9.]+)% <= ([0-9.]+) milliseconds \\(cumulative count");

    @Override
    public String name() {
        String value = named ? "-" + valueBytes + "b" : "";
        return test.replace('_', '-') + value + "-p" + pipeline;
    }

    @Override
    public String about() {
        return test.toUpperCase(Locale.ROOT)
                + (valueBytes == DEFAULT_VALUE_BYTES ? "" : ", values of " + valueBytes + " B")
                + ", pipeline "
                + pipeline;
    }

    @Override
    public Runner prepare(Target target, long nanos) throws IOException {
        ask(target, "FLUSHALL");
        return new Runner() {
            private long requests;

            @Override
            public double warmUp() throws IOException {
                fill(target, FIRST_REQUESTS);
                double first = run(target, FIRST_REQUESTS / (pipeline == 1 ? 4 : 1)).perSecond();
                requests = requests(first, Math.max(nanos, Workload.WARM_UP_NANOS));
                fill(target, requests);
                return run(target, requests).perSecond();
            }

            @Override
            public Sample round(double perSecond) throws IOException {
                requests = requests(perSecond, nanos);
                fill(target, requests);
                long before = target.processorNanos();
                Sample seen = run(target, requests);
                double used = target.processorNanos() - before;
                return new Sample(
                        seen.perSecond(),
                        seen.p50(),
                        seen.p99(),
                        seen.p999(),
                        used / 1_000 / requests);
            }

            @Override
            public void close() {}
        };
    }

    private static long requests(double perSecond, long nanos) {
        return Math.max(1_000, (long) (perSecond * nanos / 1e9));
    }

    /** What it reads or takes away is there before it is measured. */
    private void fill(Target target, long requests) throws IOException {
        switch (test) {
            case "get" -> {
                ask(target, "FLUSHALL");
                byte[] value = new byte[valueBytes];
                java.util.Arrays.fill(value, (byte) 'x');
                fill(
                        target,
                        keys(),
                        (item, into) -> {
                            into.command(3).word("SET").word(key("key:", item)).word(value);
                            return 1;
                        });
            }
            case "lpop", "rpop" -> {
                ask(target, "FLUSHALL");
                pushed(target, requests);
            }
            case "spop" -> {
                ask(target, "FLUSHALL");
                fill(
                        target,
                        requests,
                        (item, into) -> {
                            into.command(3).word("SADD").word("myset");
                            into.word(key("element:", item));
                            return 1;
                        });
            }
            case "zpopmin" -> {
                ask(target, "FLUSHALL");
                fill(
                        target,
                        requests,
                        (item, into) -> {
                            into.command(4).word("ZADD").word("myzset").number(item * 7919 % 99991);
                            into.word(key("element:", item));
                            return 1;
                        });
            }
            case "lrange_100", "lrange_300", "lrange_500", "lrange_600" -> {
                ask(target, "FLUSHALL");
                pushed(target, LONGEST_RANGE);
            }
            // The others bring what they need; without this a list would grow from round to round.
            case "lpush", "rpush", "sadd", "hset", "zadd" -> ask(target, "FLUSHALL");
            default -> {}
        }
    }

    private void pushed(Target target, long count) throws IOException {
        byte[] value = new byte[valueBytes];
        java.util.Arrays.fill(value, (byte) 'x');
        fill(
                target,
                count,
                (_, into) -> {
                    into.command(3).word("LPUSH").word("mylist").word(value);
                    return 1;
                });
    }

    private static void fill(Target target, long count, Line.Filling filling) throws IOException {
        try (Line line = target.line()) {
            line.fill(count, filling, _ -> {});
        }
    }

    private static void ask(Target target, String... words) throws IOException {
        try (Line line = target.line()) {
            line.ask(words);
        }
    }

    private static String key(String prefix, long item) {
        return prefix + String.format(Locale.ROOT, "%012d", item);
    }

    /** As many as fit, where values are large. */
    private long keys() {
        return Math.min(KEYS, KEPT_BYTES_MAX / Math.max(1, valueBytes));
    }

    /** The command, without the port, as the report names it. */
    List<String> command(String program) {
        List<String> command = new ArrayList<>();
        command.add(program);
        command.addAll(List.of("-c", "" + CONNECTIONS, "-P", "" + pipeline, "-r", "" + keys()));
        if (valueBytes != DEFAULT_VALUE_BYTES) {
            command.addAll(List.of("-d", "" + valueBytes));
        }
        return command;
    }

    private Sample run(Target target, long requests) throws IOException {
        List<String> command = command("redis-benchmark");
        command.addAll(List.of("-h", target.host(), "-p", "" + target.port(), "-n", "" + requests));
        // redis-benchmark pushes the list that it ranges over; that is not what is asked here.
        if (test.startsWith("lrange_")) {
            int last = Integer.parseInt(test.substring("lrange_".length())) - 1;
            command.addAll(List.of("LRANGE", "mylist", "0", "" + last));
        } else {
            command.addAll(List.of("-t", test));
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return parse(new String(process.getInputStream().readAllBytes()));
    }

    /**
     * Reads the report of redis-benchmark 6.2 and later; of its steps the one at 99.902 is p99.9.
     */
    static Sample parse(String report) {
        Matcher perSecond = PER_SECOND.matcher(report);
        if (!perSecond.find()) {
            throw new Refusal("redis-benchmark said:\n" + report.strip());
        }
        double[] micros = new double[3];
        double[] wanted = {50, 99, 99.9};
        Matcher step = PERCENTILE.matcher(report);
        double before = -1;
        while (step.find()) {
            double percent = Double.parseDouble(step.group(1));
            if (percent < before) {
                break;
            }
            for (int i = 0; i < wanted.length; i++) {
                if (micros[i] == 0 && percent >= wanted[i]) {
                    micros[i] = Double.parseDouble(step.group(2)) * 1_000;
                }
            }
            before = percent;
        }
        return new Sample(
                Double.parseDouble(perSecond.group(1)), micros[0], micros[1], micros[2], 0);
    }
}
