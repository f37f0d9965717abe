package dev.larder.kit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Somebody at the other end of a socket, to whom one message is sent at a time.
 *
 * <p>What a newer message makes worthless is not kept: of one kind only the newest waits. Who lets
 * {@value #WAITING_MAX} others pile up, or takes longer than ten seconds over one, is dropped with
 * {@link #TOO_SLOW}: the memory of a slow reader is its own to spend, not ours.
 */
public final class Viewer {

    /** Close code "try again later": reconnecting brings the whole picture. */
    public static final int TOO_SLOW = 1013;

    /** Close code: what was asked for does not exist. */
    public static final int UNKNOWN = 4404;

    static final int WAITING_MAX = 64;
    private static final long STALLED_NANOS = 10_000_000_000L;

    private record Message(String kind, String text) {}

    private final BiConsumer<String, Consumer<Boolean>> send;
    private final Consumer<Integer> close;
    private final LongSupplier nanoTime;
    private final Deque<Message> waiting = new ArrayDeque<>();
    private boolean sending;
    private boolean closed;
    private long sendingSince;

    /**
     * @param send sends a text and tells whether it went out
     * @param close ends the connection with a code
     */
    public Viewer(
            BiConsumer<String, Consumer<Boolean>> send,
            Consumer<Integer> close,
            LongSupplier nanoTime) {
        this.send = send;
        this.close = close;
        this.nanoTime = nanoTime;
    }

    /**
     * @param kind messages of which only the newest matters, or null for one that always matters
     */
    public void tell(String kind, String text) {
        boolean tooSlow;
        synchronized (this) {
            if (closed) {
                return;
            }
            if (kind != null) {
                waiting.removeIf(message -> kind.equals(message.kind));
            }
            waiting.add(new Message(kind, text));
            boolean stalled = sending && nanoTime.getAsLong() - sendingSince > STALLED_NANOS;
            tooSlow = waiting.size() > WAITING_MAX || stalled;
            closed = tooSlow;
        }
        if (tooSlow) {
            close.accept(TOO_SLOW);
        } else {
            next();
        }
    }

    /** Tells no more: the connection is over. */
    synchronized void end() {
        closed = true;
        waiting.clear();
    }

    synchronized boolean isOver() {
        return closed;
    }

    private void next() {
        Message message;
        synchronized (this) {
            if (sending || closed || waiting.isEmpty()) {
                return;
            }
            message = waiting.remove();
            sending = true;
            sendingSince = nanoTime.getAsLong();
        }
        send.accept(message.text, this::sent);
    }

    private void sent(boolean wentOut) {
        synchronized (this) {
            sending = false;
            closed |= !wentOut;
        }
        next();
    }
}
