package dev.larder.store.persistence;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which files make up an append-only file, in the form of Redis 7: one base, the increments in
 * their order, and history that may be removed.
 *
 * @param base null where there is none
 */
record Manifest(Part base, List<Part> increments, List<Part> history) {
    static final Manifest EMPTY = new Manifest(null, List.of(), List.of());

    private static final Pattern LINE =
            Pattern.compile(
                    "file (\"(?:[^\"\\\\]|\\\\.)*\"|\\S+) seq (\\d{1,18}) type ([bih])( .*)?");
    private static final Pattern PLAIN = Pattern.compile("[^\\s\"'\\\\]+");

    /** One file, by its name in the folder and its number among those of its kind. */
    record Part(String name, long number) {
        private String line(char type) {
            String shown =
                    PLAIN.matcher(name).matches()
                            ? name
                            : '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
            return "file " + shown + " seq " + number + " type " + type + "\n";
        }
    }

    /** The file of this name in the folder. */
    static Path path(Path folder, String appendFilename) {
        return folder.resolve(appendFilename + ".manifest");
    }

    /**
     * Reads one.
     *
     * @throws BadDataException where it is damaged
     */
    static Manifest read(Path file) throws IOException {
        Part base = null;
        List<Part> increments = new ArrayList<>();
        List<Part> history = new ArrayList<>();
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            Matcher words = LINE.matcher(line.strip());
            if (!words.matches()) {
                throw new BadDataException("Invalid AOF manifest file format: " + line);
            }
            Part part = new Part(name(words.group(1)), Long.parseLong(words.group(2)));
            switch (words.group(3)) {
                case "b" -> {
                    if (base != null) {
                        throw new BadDataException("Found duplicate base file information");
                    }
                    base = part;
                }
                case "i" -> {
                    if (!increments.isEmpty() && increments.getLast().number >= part.number) {
                        throw new BadDataException("Found a non-monotonic sequence number");
                    }
                    increments.add(part);
                }
                default -> history.add(part);
            }
        }
        if (base == null && increments.isEmpty() && history.isEmpty()) {
            throw new BadDataException("Found an empty AOF manifest");
        }
        return new Manifest(base, List.copyOf(increments), List.copyOf(history));
    }

    private static String name(String word) {
        String name =
                word.startsWith("\"")
                        ? word.substring(1, word.length() - 1).replaceAll("\\\\(.)", "$1")
                        : word;
        if (name.contains("/")) {
            throw new BadDataException("File can't be a path, just a filename: " + name);
        }
        return name;
    }

    /** Puts it in place of the old one, all or nothing, and on the disk. */
    void write(Path file) throws IOException {
        StringBuilder text = new StringBuilder();
        if (base != null) {
            text.append(base.line('b'));
        }
        history.forEach(part -> text.append(part.line('h')));
        increments.forEach(part -> text.append(part.line('i')));
        Path temporary = file.resolveSibling("temp-" + file.getFileName());
        try (FileChannel channel =
                FileChannel.open(
                        temporary,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(text.toString());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(
                temporary,
                file,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        RdbFile.forceFolder(file);
    }

    /** The base that a rewrite would make. */
    Part nextBase(String appendFilename) {
        long number = base == null ? 1 : base.number + 1;
        return new Part(appendFilename + "." + number + ".base.rdb", number);
    }

    /** The increment after the last. */
    Part nextIncrement(String appendFilename) {
        long number = increments.isEmpty() ? 1 : increments.getLast().number + 1;
        return new Part(appendFilename + "." + number + ".incr.aof", number);
    }

    Manifest with(Part increment) {
        List<Part> more = new ArrayList<>(increments);
        more.add(increment);
        return new Manifest(base, List.copyOf(more), history);
    }

    /** With another base and the increments from {@code first} on; what was before is history. */
    Manifest rebased(Part newBase, Part first) {
        List<Part> old = new ArrayList<>(history);
        List<Part> kept = new ArrayList<>();
        if (base != null) {
            old.add(base);
        }
        for (Part increment : increments) {
            (increment.number < first.number ? old : kept).add(increment);
        }
        return new Manifest(newBase, List.copyOf(kept), List.copyOf(old));
    }

    Manifest withoutHistory() {
        return new Manifest(base, increments, List.of());
    }
}
