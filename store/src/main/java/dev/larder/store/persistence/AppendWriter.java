package dev.larder.store.persistence;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes what is appended to the disk on a thread of its own, in the order it came. After a failure
 * it tries again until it succeeds: nothing is left out, and nothing half written stays.
 */
final class AppendWriter {
    /** What may wait to be written before who appends has to wait. */
    private static final long BEHIND_BYTES = 64L << 20;

    private static final long SYNC_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long RETRY_MILLIS = 100;

    /** When bytes are forced to the disk. */
    enum Forced {
        /** When {@link #sync} asks for it, which is before replies are sent. */
        ON_REQUEST,
        EVERY_SECOND,
        /** When the system sees fit. */
        NEVER
    }

    private sealed interface Item {}

    private record Chunk(byte[] bytes) implements Item {}

    private record Next(FileChannel channel) implements Item {}

    private record Barrier(boolean forces, CountDownLatch reached) implements Item {}

    private record End() implements Item {}

    private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
    private final AtomicLong waiting = new AtomicLong();
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Thread thread;
    private FileChannel channel;
    private boolean dirty;
    private long forcedAt = System.nanoTime();
    private volatile Forced forced;
    private volatile IOException writeFailure;
    private volatile IOException forceFailure;

    /** {@code channel} is open for writing, at its end. */
    AppendWriter(FileChannel channel, Forced forced) {
        this.channel = channel;
        this.forced = forced;
        this.thread = Thread.ofPlatform().daemon().name("append").start(this::run);
    }

    void forced(Forced when) {
        forced = when;
    }

    /** Why bytes cannot be written at present; null where they can. */
    IOException failure() {
        IOException write = writeFailure;
        return write == null ? forceFailure : write;
    }

    long waitingBytes() {
        return waiting.get();
    }

    void take(byte[] bytes) {
        waiting.addAndGet(bytes.length);
        items.add(new Chunk(bytes));
        if (waiting.get() > BEHIND_BYTES) {
            await(false);
        }
    }

    /** What is taken from now on goes to another file; the old one is forced and closed. */
    void next(FileChannel other) {
        items.add(new Next(other));
    }

    /** Waits until all that was taken is on the disk; false where that fails. */
    boolean sync() {
        return await(true);
    }

    /** Waits until all that was taken is written; false where that fails. */
    boolean written() {
        return await(false);
    }

    private boolean await(boolean forces) {
        Barrier barrier = new Barrier(forces, new CountDownLatch(1));
        items.add(barrier);
        boolean interrupted = false;
        boolean reached = false;
        while (!reached && failure() == null && thread.isAlive()) {
            try {
                reached = barrier.reached.await(10, TimeUnit.MILLISECONDS);
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return failure() == null && reached;
    }

    /**
     * Writes and forces what there is, and ends; what cannot be written is lost, with a warning.
     */
    void close() {
        items.add(new End());
        ending.countDown();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            boolean ends = false;
            while (!ends) {
                switch (poll()) {
                    case null -> {}
                    case Chunk chunk -> write(chunk.bytes);
                    case Next next -> {
                        shut();
                        channel = next.channel;
                    }
                    case Barrier barrier -> {
                        if (barrier.forces) {
                            force();
                        }
                        barrier.reached.countDown();
                    }
                    case End _ -> ends = true;
                }
                if (dirty
                        && forced == Forced.EVERY_SECOND
                        && System.nanoTime() - forcedAt >= SYNC_NANOS) {
                    force();
                }
            }
        } catch (InterruptedException e) {
            Persistence.LOG.warning(() -> "The append-only file is given up: " + e);
        }
        shut();
    }

    /** The next thing to do; null where it is time to force the file. */
    private Item poll() throws InterruptedException {
        if (!dirty || forced != Forced.EVERY_SECOND) {
            return items.poll(1, TimeUnit.SECONDS);
        }
        long left = forcedAt + SYNC_NANOS - System.nanoTime();
        return items.poll(Math.max(0, left), TimeUnit.NANOSECONDS);
    }

    private void write(byte[] bytes) throws InterruptedException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (!put(left)) {
            if (ending.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                Persistence.LOG.severe("Changes could not be written to the append-only file");
                break;
            }
        }
        waiting.addAndGet(-bytes.length);
    }

    private boolean put(ByteBuffer left) {
        try {
            long begin = channel.position();
            try {
                while (left.hasRemaining()) {
                    channel.write(left);
                }
            } catch (IOException e) {
                if (left.position() > 0) {
                    channel.truncate(begin);
                    channel.position(begin);
                    left.rewind();
                }
                throw e;
            }
        } catch (IOException e) {
            if (writeFailure == null) {
                Persistence.LOG.severe("Error writing to the append-only file: " + e);
            }
            writeFailure = e;
            return false;
        }
        dirty = true;
        writeFailure = null;
        return true;
    }

    private void force() {
        forcedAt = System.nanoTime();
        try {
            channel.force(false);
            dirty = false;
            forceFailure = null;
        } catch (IOException e) {
            if (forceFailure == null) {
                Persistence.LOG.severe("Fail to fsync the append-only file: " + e);
            }
            forceFailure = e;
        }
    }

    private void shut() {
        if (dirty) {
            force();
        }
        try {
            channel.close();
        } catch (IOException e) {
            Persistence.LOG.warning(() -> "Closing the append-only file: " + e);
        }
    }
}
