package dev.larder.store.replication;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * The data file that a master sends, put into a file as it comes. It is sent in one of two forms:
 * {@code $length} and so many bytes, or {@code $EOF:mark} and bytes up to that mark of 40
 * characters. In the second form the master says nothing more before it was answered, so the mark
 * can only stand at the end of what has come.
 */
final class Transfer {
    private static final int MARK_LENGTH = 40;
    private static final String MARKED = "EOF:";

    private final Path place;
    private final FileChannel channel;

    /** What ends the data; null where their length is known. */
    private final byte[] mark;

    private final byte[] tail = new byte[MARK_LENGTH];
    private final long total;
    private long received;

    /**
     * Begins.
     *
     * @param head what follows the {@code $}
     * @param folder where the file is kept while it is read
     * @throws IOException where the head is none or there is no place for the file
     */
    Transfer(String head, Path folder) throws IOException {
        if (head.startsWith(MARKED) && head.length() == MARKED.length() + MARK_LENGTH) {
            mark = head.substring(MARKED.length()).getBytes(StandardCharsets.ISO_8859_1);
            total = -1;
        } else {
            mark = null;
            try {
                total = Long.parseLong(head);
            } catch (NumberFormatException e) {
                throw new IOException("no length of a data file: " + head, e);
            }
            if (total < 0) {
                throw new IOException("no length of a data file: " + head);
            }
        }
        place = Files.createTempFile(folder, "temp-replica-", ".rdb");
        channel = FileChannel.open(place, StandardOpenOption.WRITE);
    }

    Path place() {
        return place;
    }

    /** How many bytes there will be; -1 where that is not known. */
    long total() {
        return total;
    }

    long received() {
        return received;
    }

    /** Takes what belongs to the data; returns where it ends. */
    int take(byte[] bytes, int from) throws IOException {
        int count = bytes.length - from;
        if (mark == null) {
            count = (int) Math.min(count, total - received);
        }
        ByteBuffer data = ByteBuffer.wrap(bytes, from, count);
        while (data.hasRemaining()) {
            channel.write(data);
        }
        received += count;
        if (mark != null) {
            remember(bytes, from, count);
        }
        return from + count;
    }

    private void remember(byte[] bytes, int from, int count) {
        int fresh = Math.min(count, MARK_LENGTH);
        System.arraycopy(tail, fresh, tail, 0, MARK_LENGTH - fresh);
        System.arraycopy(bytes, from + count - fresh, tail, MARK_LENGTH - fresh, fresh);
    }

    boolean isComplete() {
        return mark == null
                ? received == total
                : received >= MARK_LENGTH && Arrays.equals(tail, mark);
    }

    /** Closes the file, without the mark. */
    void finish() throws IOException {
        if (mark != null) {
            channel.truncate(received - MARK_LENGTH);
        }
        channel.close();
    }

    /** Removes the file. */
    void remove() {
        try {
            channel.close();
            Files.deleteIfExists(place);
        } catch (IOException e) {
            Replication.LOG.warning(() -> "Could not remove " + place + ": " + e);
        }
    }
}
