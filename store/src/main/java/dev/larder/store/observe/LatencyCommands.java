package dev.larder.store.observe;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.Command;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.engine.Engine;
import dev.larder.store.engine.LatencyEvents;
import dev.larder.store.engine.LatencyEvents.Sample;
import dev.larder.store.engine.LatencyEvents.Series;
import dev.larder.store.engine.Statistics;
import dev.larder.store.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** LATENCY: what took longer than it should, and how long commands take. */
public final class LatencyCommands {
    private static final Flag[] ADMIN = {Flag.ADMIN, Flag.NOSCRIPT, Flag.LOADING, Flag.STALE};

    public static final Family ALL =
            family(
                    Category.SERVER,
                    command("LATENCY", "<subcommand> [argument ...]")
                            .since("2.8.13")
                            .cost("Depends on subcommand.")
                            .about("A container for latency diagnostics commands."),
                    latency("DOCTOR", "", "Says in words what the samples mean.")
                            .differs("Words of its own.")
                            .does(LatencyCommands::doctor),
                    latency("GRAPH", "event", "Draws the samples of an event.")
                            .shownAs("<event>")
                            .differs("Drawn otherwise.")
                            .does(LatencyCommands::graph),
                    latency("HISTORY", "event", "Tells the samples of an event.")
                            .shownAs("<event>")
                            .does(LatencyCommands::history),
                    latency("LATEST", "", "Tells the newest sample of every event.")
                            .does(call -> latest(events(call))),
                    latency("RESET", "[event [event ...]]", "Forgets the samples of events.")
                            .shownAs("[<event> ...]")
                            .does(LatencyCommands::reset),
                    latency(
                                    "HISTOGRAM",
                                    "[command [command ...]]",
                                    "Tells how the times of commands are distributed.")
                            .shownAs("[COMMAND ...]")
                            .since("7.0.0")
                            .cost(
                                    "O(N) where N is the number of commands with latency"
                                            + " information being retrieved.")
                            .does(LatencyCommands::histogram));

    private static final int GRAPH_COLUMNS = 80;
    private static final int GRAPH_ROWS = 4;

    private LatencyCommands() {}

    private static Command latency(String name, String syntax, String about) {
        return command("LATENCY|" + name, syntax).is(ADMIN).since("2.8.13").about(about);
    }

    private static LatencyEvents events(Call call) {
        return Engine.of(call).latency();
    }

    private static Reply latest(LatencyEvents events) {
        List<Reply> replies = new ArrayList<>();
        events.all()
                .forEach(
                        (name, series) -> {
                            Sample last = series.samples().getLast();
                            replies.add(
                                    Reply.array(
                                            Reply.bulk(name),
                                            Reply.integer(last.second()),
                                            Reply.integer(last.millis()),
                                            Reply.integer(series.worstMillis())));
                        });
        return Reply.array(replies);
    }

    static Reply history(Call call) {
        Series series = events(call).all().get(call.args().text(2));
        List<Reply> replies = new ArrayList<>();
        if (series != null) {
            for (Sample sample : series.samples()) {
                replies.add(
                        Reply.array(
                                Reply.integer(sample.second()), Reply.integer(sample.millis())));
            }
        }
        return Reply.array(replies);
    }

    static Reply reset(Call call) {
        if (call.count() == 2) {
            return Reply.integer(events(call).forget(null));
        }
        int forgotten = 0;
        for (int i = 2; i < call.count(); i++) {
            forgotten += events(call).forget(call.args().text(i));
        }
        return Reply.integer(forgotten);
    }

    static Reply graph(Call call) {
        String name = call.args().text(2);
        Series series = events(call).all().get(name);
        if (series == null) {
            throw new CommandException("ERR No samples available for event '" + name + "'");
        }
        return text(draw(name, series, call.now() / 1000));
    }

    private static Reply text(String lines) {
        return new Reply.Verbatim("txt", lines.getBytes(StandardCharsets.UTF_8));
    }

    /** A column for each sample, in strips as wide as a terminal; under it, how long ago. */
    private static String draw(String name, Series series, long now) {
        List<Sample> samples = series.samples();
        long high = samples.stream().mapToLong(Sample::millis).max().orElse(0);
        long low = samples.stream().mapToLong(Sample::millis).min().orElse(0);
        StringBuilder text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%s - high %d ms, low %d ms (all time high %d ms)%n",
                        name,
                        high,
                        low,
                        series.worstMillis()));
        text.repeat('-', GRAPH_COLUMNS).append('\n');
        for (int from = 0; from < samples.size(); from += GRAPH_COLUMNS) {
            List<Sample> strip =
                    samples.subList(from, Math.min(samples.size(), from + GRAPH_COLUMNS));
            for (int row = GRAPH_ROWS; row >= 1; row--) {
                for (Sample sample : strip) {
                    double height =
                            high == low ? 1 : (double) (sample.millis() - low) / (high - low);
                    double level = 1 + height * (GRAPH_ROWS - 1);
                    text.append(level >= row ? '#' : level > row - 0.5 ? '_' : ' ');
                }
                text.append('\n');
            }
            text.append('\n');
            labels(strip, now, text);
        }
        return text.toString();
    }

    private static void labels(List<Sample> strip, long now, StringBuilder text) {
        List<String> ages = strip.stream().map(sample -> age(now - sample.second())).toList();
        int longest = ages.stream().mapToInt(String::length).max().orElse(0);
        for (int i = 0; i < longest; i++) {
            for (String age : ages) {
                text.append(i < age.length() ? age.charAt(i) : ' ');
            }
            text.append('\n');
        }
    }

    private static String age(long seconds) {
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return seconds / 60 + "m";
        }
        return seconds < 86_400 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
    }

    static Reply doctor(Call call) {
        Map<String, Series> events = events(call).all();
        if (events.isEmpty()) {
            return text(
                    call.config().latencyMonitorMillis() == 0
                            ? "Latency is not being watched. CONFIG SET latency-monitor-threshold"
                                    + " <milliseconds> begins to.\n"
                            : "Nothing has taken longer than "
                                    + call.config().latencyMonitorMillis()
                                    + " ms.\n");
        }
        StringBuilder report = new StringBuilder("These took longer than they should:\n\n");
        int number = 0;
        for (Map.Entry<String, Series> event : events.entrySet()) {
            report.append(++number).append(". ").append(line(event.getKey(), event.getValue()));
            report.append('\n');
        }
        report.append("\nWhat to do about it:\n\n");
        if (events.containsKey("command") || events.containsKey("fast-command")) {
            report.append(
                    call.config().slowlogMicros() < 0
                            ? "- The slow log is off: CONFIG SET slowlog-log-slower-than shows"
                                    + " which commands are slow.\n"
                            : "- SLOWLOG GET shows which commands are slow.\n");
            report.append(
                    "- Ask for less at once: a command on a large value holds up all others.\n");
        }
        if (events.containsKey("fast-command")) {
            report.append(
                    "- A command that is fast by itself was held up: the machine is busy, or the"
                            + " heap is too small and the collector runs often.\n");
        }
        if (events.keySet().stream().anyMatch(name -> name.startsWith("aof"))) {
            report.append("- The disk is slow to take what is written: see appendfsync.\n");
        }
        if (events.containsKey("expire-cycle")) {
            report.append("- Many keys end at once: give them times that differ a little.\n");
        }
        return text(report.toString());
    }

    private static String line(String name, Series series) {
        List<Sample> samples = series.samples();
        double mean = samples.stream().mapToLong(Sample::millis).average().orElse(0);
        double deviation =
                samples.stream().mapToDouble(s -> Math.abs(s.millis() - mean)).average().orElse(0);
        long span = samples.getLast().second() - samples.getFirst().second();
        return String.format(
                Locale.ROOT,
                "%s: %d latency spikes (average %.0fms, mean deviation %.0fms, period %.2f sec)."
                        + " Worst all time event %dms.",
                name,
                samples.size(),
                mean,
                deviation,
                (double) span / samples.size(),
                series.worstMillis());
    }

    static Reply histogram(Call call) {
        Engine engine = Engine.of(call);
        List<Reply> pairs = new ArrayList<>();
        if (call.count() == 2) {
            engine.table().allWithSubcommands().forEach(row -> add(engine, row, pairs));
        }
        for (int i = 2; i < call.count(); i++) {
            Command row = engine.table().find(call.args().text(i));
            if (row != null) {
                add(engine, row, pairs);
                row.subcommands().forEach(sub -> add(engine, sub, pairs));
            }
        }
        return new Reply.Map(pairs);
    }

    private static void add(Engine engine, Command row, List<Reply> pairs) {
        Statistics.OfCommand figures = engine.statistics().figures(row);
        if (figures == null || figures.histogram() == null) {
            return;
        }
        List<Reply> counts = new ArrayList<>();
        figures.histogram()
                .forEachDoubling(
                        (micros, sum) -> {
                            counts.add(Reply.integer(micros));
                            counts.add(Reply.integer(sum));
                        });
        pairs.add(Reply.bulk(row.lowerName()));
        pairs.add(
                Reply.map(
                        Reply.bulk("calls"),
                        Reply.integer(figures.histogram().total()),
                        Reply.bulk("histogram_usec"),
                        new Reply.Map(counts)));
    }
}
