package dev.larder.store.persistence;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Takes a snapshot to the disk on a thread of its own: the event loop never waits for a disk. */
final class SnapshotSink {
    /** What may wait to be written before the snapshot pauses. */
    private static final long BEHIND_BYTES = 8L << 20;

    /** How it went. */
    enum State {
        WRITING,
        DONE,
        FAILED
    }

    private static final byte[] END = {};
    private static final byte[] CANCEL = {};

    private final BlockingQueue<byte[]> chunks = new LinkedBlockingQueue<>();
    private final AtomicLong waiting = new AtomicLong();
    private final Path target;
    private final boolean checksummed;
    private final Thread thread;
    private volatile State state = State.WRITING;

    SnapshotSink(Path target, boolean checksummed) {
        this.target = target;
        this.checksummed = checksummed;
        this.thread = Thread.ofPlatform().daemon().name("snapshot").start(this::run);
    }

    State state() {
        return state;
    }

    boolean isBehind() {
        return state == State.WRITING && waiting.get() > BEHIND_BYTES;
    }

    void take(byte[] chunk) {
        if (chunk.length > 0 && state == State.WRITING) {
            waiting.addAndGet(chunk.length);
            chunks.add(chunk);
        }
    }

    /** There is no more: the file is finished and put in its place. */
    void end() {
        chunks.add(END);
    }

    /** Gives up and waits until the half-written file is gone. */
    void cancel() {
        chunks.add(CANCEL);
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
        RdbFile file = null;
        try {
            file = new RdbFile(target, checksummed);
            byte[] chunk;
            while ((chunk = chunks.take()) != END && chunk != CANCEL) {
                file.write(chunk, 0, chunk.length);
                waiting.addAndGet(-chunk.length);
            }
            if (chunk == END) {
                file.commit();
                state = State.DONE;
            } else {
                file.abort();
                state = State.FAILED;
            }
        } catch (IOException | InterruptedException e) {
            Persistence.LOG.warning(() -> "Background saving failed: " + e);
            if (file != null) {
                file.abort();
            }
            state = State.FAILED;
        }
    }
}
