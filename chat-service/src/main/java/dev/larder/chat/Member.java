package dev.larder.chat;

import dev.larder.kit.Viewer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * One open socket in a room. What its client sends is worked off in order by one virtual thread;
 * who sends faster than that is refused.
 */
final class Member {
    static final int FRAMES_WAITING_MAX = 32;

    private final String room;
    private final Person person;
    private final Viewer viewer;
    private final BlockingQueue<Runnable> frames = new ArrayBlockingQueue<>(FRAMES_WAITING_MAX);
    private volatile boolean ended;

    /** The last message this member was sent; guarded by the lock of its room. */
    long sent;

    /** {@code person} is null for somebody who only reads. */
    Member(String room, Person person, Viewer viewer) {
        this.room = room;
        this.person = person;
        this.viewer = viewer;
    }

    String room() {
        return room;
    }

    Person person() {
        return person;
    }

    Viewer viewer() {
        return viewer;
    }

    /** Begins to work off what is handed to {@link #handle}. */
    void begin(String name) {
        Thread.ofVirtual().name(name).start(this::work);
    }

    private void work() {
        try {
            while (!ended || !frames.isEmpty()) {
                frames.take().run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Does {@code work} after all that came before it; false where too much waits. */
    boolean handle(Runnable work) {
        return frames.offer(work);
    }

    /** Ends after what is waiting has been worked off: what was said before leaving counts. */
    void end() {
        ended = true;
        // Wakes the worker where nothing waits; where the queue is full it is awake anyway.
        frames.offer(() -> {});
    }
}
