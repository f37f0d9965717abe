package dev.larder.store.persistence;

import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.reply.Reply;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Repeats the commands of append-only files, one file after another. */
final class AppendReader {
    private static final int BUFFER_BYTES = 1 << 20;
    private static final int LINE_MAX = 1024;
    private static final byte[] MAGIC = "REDIS".getBytes(StandardCharsets.US_ASCII);

    /** Who asks for what is repeated. Nobody hears the replies. */
    private static final class Repeater extends Client {
        Repeater(Engine engine) {
            super(0, engine.clock().wallMillis());
            engine.acl().begin(this);
        }

        @Override
        public void send(Reply reply) {}

        @Override
        public void openArray(int count) {}

        @Override
        public void push(Reply reply) {}

        @Override
        public void closeAfterReply() {}

        @Override
        public void closeNow() {}

        @Override
        public void resume() {}

        @Override
        public String address() {
            return "";
        }

        @Override
        public String localAddress() {
            return "";
        }
    }

    private final Engine engine;
    private final Client client;
    private final Call call;

    private InputStream in;
    private Path file;
    private long position;

    AppendReader(Engine engine) {
        this.engine = engine;
        this.client = new Repeater(engine);
        this.call = new Call(engine);
    }

    /**
     * Repeats all that {@code file} has, be it data, commands, or the one before the other.
     *
     * @param mayEnd whether its last command may be incomplete, and is cut off then
     * @throws BadDataException where it is damaged
     */
    void read(Path path, boolean mayEnd) throws IOException {
        if (!Files.exists(path)) {
            throw new BadDataException("The AOF file " + path.getFileName() + " doesn't exist");
        }
        client.database(0);
        long from = 0;
        if (isData(path)) {
            from = new RdbReader(engine, false, true).read(path);
        }
        if (from == Files.size(path)) {
            return;
        }
        file = path;
        long valid = from;
        try (InputStream opened = Files.newInputStream(path)) {
            opened.skipNBytes(from);
            in = new BufferedInputStream(opened, BUFFER_BYTES);
            position = from;
            List<Args> together = null;
            int begin;
            while ((begin = octet()) >= 0) {
                if (begin == '#') {
                    line();
                } else {
                    Args command = command(begin);
                    if (command.count() == 1 && command.is(0, "MULTI")) {
                        together = new ArrayList<>();
                    } else if (command.count() == 1 && command.is(0, "EXEC")) {
                        if (together == null) {
                            throw damaged();
                        }
                        together.forEach(this::repeat);
                        together = null;
                    } else if (together != null) {
                        together.add(command);
                    } else {
                        repeat(command);
                    }
                }
                valid = together == null ? position : valid;
            }
            if (together != null) {
                throw new EOFException();
            }
        } catch (EOFException _) {
            cutOff(path, valid, mayEnd);
        }
    }

    private static boolean isData(Path path) throws IOException {
        try (InputStream opened = Files.newInputStream(path)) {
            return java.util.Arrays.equals(opened.readNBytes(MAGIC.length), MAGIC);
        }
    }

    private void cutOff(Path path, long valid, boolean mayEnd) throws IOException {
        if (!mayEnd || !engine.config().text("aof-load-truncated").equals("yes")) {
            throw new BadDataException(
                    "Unexpected end of file reading the append only file "
                            + path.getFileName()
                            + ". You can: 1) Make a backup of your AOF file, then use"
                            + " ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you"
                            + " can set the 'aof-load-truncated' configuration option to yes and"
                            + " restart the server.");
        }
        Persistence.LOG.warning(
                () ->
                        "!!! Warning: short read while loading the AOF file "
                                + path.getFileName()
                                + "!!! Truncating it at offset "
                                + valid);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(valid);
            channel.force(true);
        }
    }

    private void repeat(Args command) {
        if (!engine.replay(call, client, command)) {
            throw new BadDataException(
                    "Unknown command '"
                            + command.text(0)
                            + "' reading the append only file "
                            + file.getFileName());
        }
    }

    private int octet() throws IOException {
        int octet = in.read();
        if (octet >= 0) {
            position++;
        }
        return octet;
    }

    /** The rest of a line, without its end. */
    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        int octet;
        while ((octet = octet()) != '\n') {
            if (octet < 0) {
                throw new EOFException();
            }
            if (line.length() == LINE_MAX) {
                throw damaged();
            }
            line.append((char) octet);
        }
        return line.toString();
    }

    private int number(int least) throws IOException {
        String line = line();
        try {
            int value = Integer.parseInt(line.strip());
            if (value >= least) {
                return value;
            }
        } catch (NumberFormatException _) {
            // Told below.
        }
        throw damaged();
    }

    private Args command(int begin) throws IOException {
        if (begin != '*') {
            throw damaged();
        }
        int count = number(1);
        List<byte[]> words = new ArrayList<>(Math.min(count, BUFFER_BYTES));
        for (int i = 0; i < count; i++) {
            int octet = octet();
            if (octet < 0) {
                throw new EOFException();
            }
            if (octet != '$') {
                throw damaged();
            }
            int length = number(0);
            byte[] word = in.readNBytes(length);
            position += word.length;
            if (word.length < length) {
                throw new EOFException();
            }
            end();
            words.add(word);
        }
        return Args.of(words);
    }

    private void end() throws IOException {
        for (char expected : new char[] {'\r', '\n'}) {
            int octet = octet();
            if (octet < 0) {
                throw new EOFException();
            }
            if (octet != expected) {
                throw damaged();
            }
        }
    }

    private BadDataException damaged() {
        return new BadDataException(
                "Bad file format reading the append only file "
                        + file.getFileName()
                        + ": make a backup of your AOF file, then use ./redis-check-aof --fix"
                        + " <filename.manifest>");
    }
}
