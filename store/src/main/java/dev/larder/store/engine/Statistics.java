package dev.larder.store.engine;

import dev.larder.store.command.Command;
import dev.larder.store.keyspace.Clock;
import dev.larder.store.reply.Reply;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What the engine counts, as INFO shows it. */
public final class Statistics {
    private static final int SAMPLES = 16;
    private static final int SAMPLE_MILLIS_MIN = 100;
    private static final int ERROR_CODES_MAX = 128;

    /** Of one command. */
    public static final class OfCommand {
        private final Command command;
        long calls;
        long nanos;
        long rejected;
        long failed;
        private LatencyHistogram histogram;

        /** How long its calls took; null where none was tracked. */
        public LatencyHistogram histogram() {
            return histogram;
        }

        OfCommand(Command command) {
            this.command = command;
        }

        public Command command() {
            return command;
        }

        public long calls() {
            return calls;
        }

        /** Microseconds spent in its body. */
        public long micros() {
            return nanos / 1000;
        }

        public long rejected() {
            return rejected;
        }

        public long failed() {
            return failed;
        }
    }

    private final Clock clock;
    private final long startedAt;

    /** By {@link Command#number()}; null for a command that nobody has asked for. */
    private OfCommand[] commands = new OfCommand[1024];

    private final Map<String, Long> errors = new TreeMap<>();
    private boolean tracksLatency;
    private long connections;
    private boolean alreadyCounted;
    private long processed;
    private long expired;
    private long evicted;
    private long expiredFields;
    private long changes;
    private long bytesIn;
    private long bytesOut;
    private long replicaBytesIn;
    private long replicaBytesOut;
    private long rejectedConnections;
    private long closedForOutput;
    private long closedForQuery;
    private long evictedClients;
    private long reads;
    private long writes;
    private long lazyFreed;
    private long expireNanos;

    // Operations per second: the mean of the last samples, as redis-server reckons it.
    private final double[] samples = new double[SAMPLES];
    private final double[] samplesIn = new double[SAMPLES];
    private final double[] samplesOut = new double[SAMPLES];
    private long sampledIn;
    private long sampledOut;
    private int sample;
    private long sampledAt;
    private long sampledCount;

    Statistics(Clock clock) {
        this.clock = clock;
        this.startedAt = clock.millis();
        this.sampledAt = startedAt;
    }

    void connected() {
        connections++;
    }

    /** Closed because more replies waited for it than its class may have. */
    public void closedForOutput() {
        closedForOutput++;
    }

    /** Closed because its request was too long. */
    public void closedForQuery() {
        closedForQuery++;
    }

    /** Closed because all clients together took too much memory. */
    public void evictedClient() {
        evictedClients++;
    }

    public long clientsClosedForOutput() {
        return closedForOutput;
    }

    public long clientsClosedForQuery() {
        return closedForQuery;
    }

    public long evictedClients() {
        return evictedClients;
    }

    public void rejectedConnection() {
        rejectedConnections++;
    }

    void ran(Command command, long nanos, Reply reply) {
        processed++;
        if (reply instanceof Reply.Wait) {
            return;
        }
        OfCommand figures = of(command);
        figures.calls++;
        figures.nanos += nanos;
        if (tracksLatency) {
            if (figures.histogram == null) {
                figures.histogram = new LatencyHistogram();
            }
            figures.histogram.record(nanos);
        }
        if (reply instanceof Reply.Failure failure) {
            figures.failed++;
            if (alreadyCounted) {
                alreadyCounted = false;
            } else {
                error(failure);
            }
        }
    }

    /** The failure of the command that runs is one that was counted within it. */
    public void alreadyCounted() {
        alreadyCounted = true;
    }

    private OfCommand of(Command command) {
        int number = command.number();
        if (number >= commands.length) {
            commands = Arrays.copyOf(commands, number * 2);
        }
        OfCommand figures = commands[number];
        if (figures == null) {
            figures = new OfCommand(command);
            commands[number] = figures;
        }
        return figures;
    }

    /** A command has ended that had answered nothing yet, because its time was over. */
    void waited(Command command, Reply reply) {
        ran(command, 0, reply);
        processed--;
    }

    /** Counts an error by its code; scripts make up codes, so beyond a limit they are one. */
    private void error(Reply.Failure failure) {
        String code = failure.code();
        if (errors.size() >= ERROR_CODES_MAX && !errors.containsKey(code)) {
            code = "ERRORSTATS_OVERFLOW";
        }
        errors.merge(code, 1L, Long::sum);
    }

    void tracksLatency(boolean yes) {
        tracksLatency = yes;
    }

    void refused(Command command, String error) {
        error(new Reply.Failure(error));
        if (command != null) {
            of(command).rejected++;
        }
    }

    void expiredFields(long n) {
        expiredFields += n;
    }

    void expired() {
        expired++;
    }

    void evicted() {
        evicted++;
    }

    public long evictedKeys() {
        return evicted;
    }

    void changed(long n) {
        changes += n;
    }

    void sweptFor(long nanos) {
        expireNanos += nanos;
    }

    /** What was removed or emptied without anybody waiting for it. */
    public void freedLater(long objects) {
        lazyFreed += objects;
    }

    public void received(long bytes) {
        reads++;
        bytesIn += bytes;
    }

    /** Notes bytes sent to a client, or to one that is a replica. */
    public void sent(long bytes, boolean toReplica) {
        writes++;
        bytesOut += bytes;
        if (toReplica) {
            replicaBytesOut += bytes;
        }
    }

    /** Notes bytes that a master has sent. */
    public void receivedFromMaster(long bytes) {
        bytesIn += bytes;
        replicaBytesIn += bytes;
    }

    /** Takes a sample for {@link #operationsPerSecond()}; called about ten times a second. */
    public void sample() {
        long elapsed = clock.millis() - sampledAt;
        if (elapsed >= SAMPLE_MILLIS_MIN) {
            samples[sample] = (processed - sampledCount) * 1000.0 / elapsed;
            samplesIn[sample] = (bytesIn - sampledIn) * 1000.0 / elapsed;
            samplesOut[sample] = (bytesOut - sampledOut) * 1000.0 / elapsed;
            sampledIn = bytesIn;
            sampledOut = bytesOut;
            sample = (sample + 1) % SAMPLES;
            sampledAt = clock.millis();
            sampledCount = processed;
        }
    }

    public long operationsPerSecond() {
        return mean(samples);
    }

    /** Bytes received in a second, of late. */
    public long inputPerSecond() {
        return mean(samplesIn);
    }

    /** Bytes sent in a second, of late. */
    public long outputPerSecond() {
        return mean(samplesOut);
    }

    private static long mean(double... samples) {
        double sum = 0;
        for (double each : samples) {
            sum += each;
        }
        return Math.round(sum / SAMPLES);
    }

    /** How often something was read from a client, and written to one. */
    public long reads() {
        return reads;
    }

    public long writes() {
        return writes;
    }

    public long lazyFreed() {
        return lazyFreed;
    }

    /** Time spent in removing what has expired. */
    public long expireNanos() {
        return expireNanos;
    }

    /** CONFIG RESETSTAT. */
    public void reset() {
        Arrays.fill(commands, null);
        errors.clear();
        connections = 0;
        processed = 0;
        sampledCount = 0;
        expired = 0;
        evicted = 0;
        expiredFields = 0;
        bytesIn = 0;
        bytesOut = 0;
        replicaBytesIn = 0;
        replicaBytesOut = 0;
        rejectedConnections = 0;
        closedForOutput = 0;
        closedForQuery = 0;
        evictedClients = 0;
        reads = 0;
        writes = 0;
        lazyFreed = 0;
        expireNanos = 0;
        sampledIn = 0;
        sampledOut = 0;
    }

    public long uptimeSeconds() {
        return (clock.millis() - startedAt) / 1000;
    }

    /** The figures of every command that was asked for, in no order. */
    public List<OfCommand> commands() {
        return Arrays.stream(commands).filter(Objects::nonNull).toList();
    }

    /** The figures of one command; null where nobody has asked for it. */
    public OfCommand figures(Command command) {
        int number = command.number();
        return number < commands.length ? commands[number] : null;
    }

    public Map<String, Long> errors() {
        return errors;
    }

    public long connections() {
        return connections;
    }

    public long rejectedConnections() {
        return rejectedConnections;
    }

    public long processed() {
        return processed;
    }

    public long expiredFields() {
        return expiredFields;
    }

    public long expiredKeys() {
        return expired;
    }

    public long changes() {
        return changes;
    }

    public long bytesIn() {
        return bytesIn;
    }

    /** Of {@link #bytesIn}, those from a master. */
    public long replicaBytesIn() {
        return replicaBytesIn;
    }

    /** Of {@link #bytesOut}, those to replicas. */
    public long replicaBytesOut() {
        return replicaBytesOut;
    }

    public long bytesOut() {
        return bytesOut;
    }
}
