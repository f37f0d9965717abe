package dev.larder.store;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * The log of a store that runs alone: one line a record, {@code pid:role time level message} as the
 * real servers write it, for what starts a server and reads when it is ready; to the standard
 * output or to the end of {@code logfile}, from {@code loglevel} on. A store inside another program
 * logs as that program does.
 */
final class ServerLog extends Handler {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("dd MMM uuuu HH:mm:ss.SSS", Locale.ENGLISH)
                    .withZone(ZoneId.systemDefault());

    private static final long PID = ProcessHandle.current().pid();

    /** Kept, for the logging of the JDK forgets loggers that nobody holds. */
    private static final Logger OURS = Logger.getLogger("dev.larder.store");

    private final PrintStream out;
    private final BooleanSupplier replica;

    ServerLog(OutputStream out, BooleanSupplier replica) {
        this.out = new PrintStream(out, true, StandardCharsets.UTF_8);
        this.replica = replica;
    }

    /**
     * Takes over the logging of this JVM.
     *
     * @throws IOException where the log file cannot be opened
     */
    static ServerLog begin(StoreConfig config) throws IOException {
        String file = config.text("logfile");
        // Closed by the end of the process.
        ServerLog log =
                new ServerLog(
                        file.isEmpty() ? System.out : new FileOutputStream(file, true),
                        () -> !config.text("replicaof").isEmpty());
        Logger root = Logger.getLogger("");
        for (Handler before : root.getHandlers()) {
            root.removeHandler(before);
        }
        root.addHandler(log);
        OURS.setLevel(level(config.text("loglevel")));
        config.onChange("loglevel", name -> OURS.setLevel(level(name)));
        return log;
    }

    private static Level level(String name) {
        return switch (name) {
            case "debug" -> Level.FINE;
            case "verbose" -> Level.CONFIG;
            case "warning" -> Level.WARNING;
            default -> Level.INFO;
        };
    }

    private static char sign(Level level) {
        if (level.intValue() >= Level.WARNING.intValue()) {
            return '#';
        }
        if (level.intValue() >= Level.INFO.intValue()) {
            return '*';
        }
        return level.intValue() >= Level.CONFIG.intValue() ? '-' : '.';
    }

    /** A record as its line; what was thrown stands behind it, with its trace. */
    private String line(LogRecord record) {
        StringBuilder line = new StringBuilder();
        line.append(PID).append(replica.getAsBoolean() ? ":S " : ":M ");
        line.append(TIME.format(Instant.ofEpochMilli(record.getMillis())));
        line.append(' ').append(sign(record.getLevel())).append(' ');
        String message = record.getMessage();
        line.append(message == null ? "" : message.replace("\r", "\\r").replace("\n", "\\n"));
        if (record.getThrown() != null) {
            StringWriter trace = new StringWriter();
            record.getThrown().printStackTrace(new PrintWriter(trace));
            line.append(System.lineSeparator()).append(trace.toString().stripTrailing());
        }
        return line.toString();
    }

    @Override
    public void publish(LogRecord record) {
        if (isLoggable(record)) {
            out.println(line(record));
        }
    }

    /** Logs from a place where the logging of the JDK may have ended already. */
    void sayAtTheEnd(String message) {
        out.println(line(new LogRecord(Level.INFO, message)));
    }

    @Override
    public void flush() {
        out.flush();
    }

    @Override
    public void close() {
        out.flush();
    }
}
