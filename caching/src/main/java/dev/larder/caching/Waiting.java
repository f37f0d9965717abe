package dev.larder.caching;

import io.vertx.core.Context;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** How this library waits for the store: never on an event loop, never without an end. */
final class Waiting {

    private Waiting() {}

    /**
     * @throws IllegalStateException on an event loop, which must not wait
     */
    static void refuseEventLoop() {
        if (Context.isOnEventLoopThread()) {
            throw new IllegalStateException(
                    "a cache blocks: call it on a virtual or worker thread");
        }
    }

    /**
     * The answer, once it is there.
     *
     * @throws StoreAwayException whose cause is the store's refusal or the connection's failure, a
     *     {@link TimeoutException} when nothing came in time, or an {@link InterruptedException}
     */
    static <T> T forAnswer(CompletableFuture<T> answer, Duration patience) {
        refuseEventLoop();
        try {
            return answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new StoreAwayException("the store refused or is away", e.getCause());
        } catch (TimeoutException e) {
            long millis = Math.round(patience.toNanos() / 1e6);
            throw new StoreAwayException("the store took over " + millis + " ms", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** The thread stays interrupted. */
    static StoreAwayException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new StoreAwayException("interrupted while the store was asked", cause);
    }
}
