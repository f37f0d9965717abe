package dev.larder.store.persistence;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A file of data while it is written: beside the real one, and in its place only once every byte is
 * on the disk. Whatever happens before, the old file stays.
 */
final class RdbFile {
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final Path temporary;
    private final Path target;
    private final FileChannel channel;
    private final boolean checksummed;
    private long crc;

    RdbFile(Path target, boolean checksummed) throws IOException {
        this.target = target;
        this.checksummed = checksummed;
        String name = "temp-" + ProcessHandle.current().pid() + "-" + NUMBERS.incrementAndGet();
        this.temporary = target.resolveSibling(name + ".rdb");
        this.channel =
                FileChannel.open(
                        temporary,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
    }

    void write(byte[] bytes, int from, int length) throws IOException {
        if (checksummed) {
            crc = Crc64.update(crc, bytes, from, from + length);
        }
        put(ByteBuffer.wrap(bytes, from, length));
    }

    private void put(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Adds the checksum, 0 for none, and puts the file in its place. */
    void commit() throws IOException {
        byte[] sum = new byte[8];
        LittleEndian.writeLong(sum, 0, crc);
        put(ByteBuffer.wrap(sum));
        channel.force(true);
        channel.close();
        Files.move(
                temporary,
                target,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        forceFolder(target);
    }

    /** Has the name of a file on the disk, too. */
    static void forceFolder(Path file) {
        try (FileChannel folder =
                FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        } catch (IOException _) {
            // Some systems do not open folders; the file itself is safe.
        }
    }

    /** Gives up; the old file stays. */
    void abort() {
        try {
            channel.close();
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            Persistence.LOG.warning(() -> "Could not remove " + temporary + ": " + e);
        }
    }
}
