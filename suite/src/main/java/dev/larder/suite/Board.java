package dev.larder.suite;

import java.io.PrintStream;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * A line per part: redrawn in place on a terminal, written once per change elsewhere. Safe for use
 * by many threads.
 */
final class Board {

    private static final String UP = "\u001b[%dA";
    private static final String CLEAR_LINE = "\u001b[2K\r";
    private static final String GREEN = "\u001b[32m";
    private static final String RED = "\u001b[31m";
    private static final String DIM = "\u001b[2m";
    private static final String PLAIN = "\u001b[0m";

    private final PrintStream out;
    private final boolean terminal;
    private final Map<Part, Line> lines = new EnumMap<>(Part.class);
    private int drawn;

    private record Line(Mark mark, String text, long sinceNanos) {}

    private enum Mark {
        WAITS("·", DIM),
        STARTS("…", ""),
        READY("✓", GREEN),
        FAILED("✗", RED);

        private final String sign;
        private final String colour;

        Mark(String sign, String colour) {
            this.sign = sign;
            this.colour = colour;
        }
    }

    Board(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    void waits(Part part, String text) {
        set(part, Mark.WAITS, text, false);
    }

    void starts(Part part, String text) {
        set(part, Mark.STARTS, text, true);
    }

    void ready(Part part, String text) {
        set(part, Mark.READY, text, true);
    }

    void failed(Part part, String text) {
        set(part, Mark.FAILED, text, true);
    }

    private synchronized void set(Part part, Mark mark, String text, boolean worthALine) {
        lines.put(part, new Line(mark, text, System.nanoTime()));
        if (terminal) {
            redraw();
        } else if (worthALine) {
            out.println(line(part, lines.get(part), false));
        }
    }

    /** Moves the seconds of what is starting on; for a clock that ticks while waiting. */
    synchronized void tick() {
        if (terminal && drawn > 0) {
            redraw();
        }
    }

    /** Leaves the lines as they are; what is written next goes below. */
    synchronized void close() {
        drawn = 0;
        lines.clear();
    }

    private void redraw() {
        StringBuilder frame = new StringBuilder();
        if (drawn > 0) {
            frame.append(String.format(Locale.ROOT, UP, drawn));
        }
        lines.forEach(
                (part, line) ->
                        frame.append(CLEAR_LINE)
                                .append(line.mark.colour)
                                .append(line(part, line, true))
                                .append(PLAIN)
                                .append('\n'));
        drawn = lines.size();
        out.print(frame);
        out.flush();
    }

    private static String line(Part part, Line line, boolean live) {
        String running =
                live && line.mark == Mark.STARTS
                        ? "  " + seconds(Duration.ofNanos(System.nanoTime() - line.sinceNanos))
                        : "";
        return String.format(
                Locale.ROOT, "  %s %-12s %s%s", line.mark.sign, part.label(), line.text, running);
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
