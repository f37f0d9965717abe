package dev.larder.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Bytes for each key or member: a fresh server for every shape, empty and then filled. Ours is
 * asked for a full collection before each look, so garbage is not counted; what the JVM keeps of
 * memory that it has once taken is.
 */
final class MemoryBench {
    private static final byte[] VALUE = "v".repeat(64).getBytes();
    private static final long LARGE = 10;
    private static final long FIRST_ITEMS = 20_000;
    private static final Pattern HEAP_TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");

    /** What is kept: so many items, of which one counts. */
    private record Shape(String name, String item, long items, Line.Filling filling) {}

    private record Look(long resident, long live) {}

    private final Path root;
    private final Options options;

    MemoryBench(Path root, Options options) {
        this.root = root;
        this.options = options;
    }

    void run(Path logs) throws IOException {
        if (options.runningPeer().isPresent()) {
            throw new Refusal("bench memory wants a program to start as --peer, not an address.");
        }
        String machine = Machine.described();
        Target.Recipe ours = Target.ours(root, StartBench.LEAST_HEAP, options.heap(), logs);
        Optional<Target.Recipe> peer = Target.peer(options.peer(), logs);
        if (peer.isEmpty()) {
            System.out.println(Pair.ALONE);
        }
        List<String> lines = new ArrayList<>();
        lines.add("## Memory");
        lines.add("");
        lines.add(machine);
        lines.add("");
        lines.add("    " + ours.shown());
        peer.ifPresent(recipe -> lines.add("    " + recipe.shown()));
        lines.add("");
        lines.add(
                "Bytes for each item: growth of the resident set from emptied to filled (ours after a"
                        + " full collection), growth of the live heap of ours, and of the peer's"
                        + " `used_memory`. The ratio is that of the resident sets.");
        lines.add("");
        lines.add(
                "| what | items | ours resident | ours live | peer resident | peer used | **ratio** |");
        lines.add("|---|---|---|---|---|---|---|");
        List<Shape> shapes = shapes();
        for (Shape shape : shapes) {
            if (!options.wants(shape.name())) {
                continue;
            }
            String row = row(shape, ours, peer);
            lines.add(row);
            System.out.println(row);
        }
        lines.forEach(System.out::println);
        if (options.write()) {
            Document.write(root, "memory", lines);
        }
    }

    private String row(Shape shape, Target.Recipe ours, Optional<Target.Recipe> peer)
            throws IOException {
        System.out.println(shape.name() + ": " + shape.items() + " " + shape.item());
        Look us = grown(shape, ours, true);
        double items = shape.items();
        double ourBytes = us.resident() / items;
        String their = "–";
        String used = "–";
        String ratio = "–";
        if (peer.isPresent()) {
            Look them = grown(shape, peer.get(), false);
            their = Spread.figure(them.resident() / items);
            used = Spread.figure(them.live() / items);
            ratio = String.format(Locale.ROOT, "%.2f", ourBytes / (them.resident() / items));
        }
        return String.format(
                Locale.ROOT,
                "| `%s` %s | %,d | %s | %s | %s | %s | **%s** |",
                shape.name(),
                shape.item(),
                shape.items(),
                Spread.figure(ourBytes),
                Spread.figure(us.live() / items),
                their,
                used,
                ratio);
    }

    private Look grown(Shape shape, Target.Recipe recipe, boolean ours) throws IOException {
        try (Target target = recipe.start()) {
            // What a server needs once for the first keys of a kind is not charged to the keys.
            try (Line line = target.line()) {
                line.fill(Math.min(FIRST_ITEMS, shape.items()), shape.filling(), _ -> {});
                line.ask("FLUSHALL");
            }
            Look before = look(target, ours);
            try (Line line = target.line()) {
                long[] told = {0};
                line.fill(
                        shape.items(),
                        shape.filling(),
                        done -> {
                            if (done - told[0] >= 1_000_000) {
                                told[0] = done;
                                System.out.printf("  %s %,d%n", recipe.label(), done);
                            }
                        });
            }
            Look after = look(target, ours);
            return new Look(after.resident() - before.resident(), after.live() - before.live());
        }
    }

    private static Look look(Target target, boolean ours) throws IOException {
        if (!ours) {
            long used = Long.parseLong(target.info("used_memory").orElse("0"));
            return new Look(target.residentBytes(), used);
        }
        jcmd(target, "GC.run");
        // The histogram counts what is reachable, after another full collection.
        Matcher total = HEAP_TOTAL.matcher(jcmd(target, "GC.class_histogram"));
        if (!total.find()) {
            throw new Refusal("jcmd did not tell the size of the live heap");
        }
        return new Look(target.residentBytes(), Long.parseLong(total.group(1)));
    }

    private static String jcmd(Target target, String command) throws IOException {
        String program = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process process =
                new ProcessBuilder(program, "" + target.pid(), command)
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes());
        try {
            if (process.waitFor() != 0) {
                throw new Refusal("jcmd " + command + " said: " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return said;
    }

    private List<Shape> shapes() {
        List<Shape> shapes = new ArrayList<>();
        List<Long> sizes = new ArrayList<>(List.of(options.keys()));
        if (options.large()) {
            sizes.add(options.keys() * LARGE);
        }
        for (long keys : sizes) {
            shapes.add(new Shape("string", "strings, 16 B key, 64 B value", keys, this::string));
            shapes.add(
                    new Shape(
                            "string-expiry",
                            "strings, 16 B key, 64 B value, with expiry",
                            keys,
                            (item, into) -> {
                                into.command(5).word("SET").word(key(item)).word(VALUE);
                                into.word("EX").number(100_000 + item % 1000);
                                return 1;
                            }));
        }
        long keys = options.keys();
        shapes.add(new Shape("hash-5", "hashes of 5 fields", keys, hash(5)));
        shapes.add(new Shape("hash-20", "hashes of 20 fields", keys / 4, hash(20)));
        shapes.add(
                new Shape(
                        "list-10",
                        "lists of 10 elements of 10 B",
                        keys,
                        (item, into) -> {
                            into.command(12).word("RPUSH").word(key(item));
                            for (int i = 0; i < 10; i++) {
                                into.word("el", 10_000_000 + i);
                            }
                            return 1;
                        }));
        SplittableRandom random = new SplittableRandom(1);
        shapes.add(
                new Shape(
                        "zset",
                        "members of one sorted set",
                        keys,
                        (item, into) -> {
                            into.command(4).word("ZADD").word("z").number(random.nextInt(1 << 30));
                            into.word("member:", item);
                            return 1;
                        }));
        shapes.add(
                new Shape(
                        "set",
                        "members of one set",
                        keys,
                        (item, into) -> {
                            into.command(3).word("SADD").word("s").word("member:", item);
                            return 1;
                        }));
        shapes.add(
                new Shape(
                        "hash",
                        "fields of one hash, 16 B value",
                        keys,
                        (item, into) -> {
                            into.command(4).word("HSET").word("h").word("field:", item);
                            into.word("value", 10_000_000_000L + item);
                            return 1;
                        }));
        shapes.add(
                new Shape(
                        "stream",
                        "entries of 2 fields in 100 streams",
                        keys,
                        (item, into) -> {
                            into.command(7).word("XADD").word("x:", item % 100).word("*");
                            into.word("sensor").number(item % 1000).word("value").number(item);
                            return 1;
                        }));
        return shapes;
    }

    private int string(long item, Words into) {
        into.command(3).word("SET").word(key(item)).word(VALUE);
        return 1;
    }

    private static Line.Filling hash(int fields) {
        return (item, into) -> {
            into.command(2 + 2 * fields).word("HSET").word(key(item));
            for (int i = 0; i < fields; i++) {
                into.word("field", i).word("value", item + i);
            }
            return 1;
        };
    }

    /** 16 bytes. */
    private static String key(long item) {
        return String.format(Locale.ROOT, "key:%012d", item);
    }
}
