package dev.larder.suite;

import java.io.PrintStream;
import java.util.Locale;

/**
 * How far a loading is: one line that grows on a terminal, one line per kind of thing elsewhere.
 */
final class Bar {

    private static final int WIDTH = 30;

    private final PrintStream out;
    private final boolean terminal;
    private final int whole;
    private int done;
    private String last = "";

    Bar(PrintStream out, boolean terminal, int whole) {
        this.out = out;
        this.terminal = terminal;
        this.whole = whole;
    }

    /** One more piece begins, of the kind named. */
    void step(String what) {
        if (terminal) {
            draw(what);
        } else if (!what.equals(last)) {
            out.println("  loads " + what);
        }
        last = what;
        done++;
    }

    void close() {
        if (terminal && whole > 0) {
            draw("starting data loaded");
            out.println();
        }
    }

    private void draw(String what) {
        int filled = WIDTH * done / whole;
        out.printf(
                Locale.ROOT,
                "\u001b[2K\r  %s%s %3d %% %s",
                "█".repeat(filled),
                "░".repeat(WIDTH - filled),
                100 * done / whole,
                what);
        out.flush();
    }
}
