package dev.larder.kit;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** Runs something that may block, again and again, but never twice at a time. */
public final class Ticker {

    private static final Logger LOG = Logger.getLogger(Ticker.class);

    private final String name;
    private final Runnable action;
    private final AtomicBoolean running = new AtomicBoolean();

    public Ticker(String name, Runnable action) {
        this.name = name;
        this.action = action;
    }

    /** Does nothing while the last one runs. A failure is the next tick's to mend. */
    public void tick() {
        if (running.compareAndSet(false, true)) {
            Thread.ofVirtual()
                    .name(name)
                    .start(
                            () -> {
                                try {
                                    action.run();
                                } catch (RuntimeException e) {
                                    LOG.debugf("%s fails now: %s", name, e);
                                } finally {
                                    running.set(false);
                                }
                            });
        }
    }
}
