package dev.larder.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The load generator: one thread, plain sockets, no object per operation.
 *
 * <p>A closed load keeps {@code depth} operations of every group on their way and tells what a
 * server can do. An open load sends at a fixed rate whether or not the server keeps up, and counts
 * the time of an operation from when it was due: what waits behind a pause is counted as waiting
 * (no coordinated omission).
 */
final class Load implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 18;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long LATENCY_NANOS_MAX = TimeUnit.SECONDS.toNanos(60);

    /** What came of a load. Times are in nanoseconds. */
    record Outcome(long operations, long nanos, Histogram latency) {
        double perSecond() {
            return operations * 1e9 / nanos;
        }
    }

    private static final class Lane {
        final SocketChannel channel;
        final Group group;
        final Words words;
        final Replies replies = new Replies();
        SelectionKey key;
        int greetings;

        Lane(SocketChannel channel, Group group, Words words) {
            this.channel = channel;
            this.group = group;
            this.words = words;
        }
    }

    /** A group and its operations on their way, oldest first, in two rings. */
    private static final class Group {
        final int index;
        final Words[] words;
        final Lane[] lanes;
        final long[] since;
        final int[] owed;
        int oldest;
        int underway;

        Group(int index, int lanes, int depth) {
            this.index = index;
            this.words = new Words[lanes];
            this.lanes = new Lane[lanes];
            this.since = new long[depth];
            this.owed = new int[depth];
        }
    }

    private final Traffic traffic;
    private final int depth;
    private final Selector selector = Selector.open();
    private final Group[] groups;
    private final ArrayDeque<Group> idle = new ArrayDeque<>();
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);

    private Histogram latency = histogram();
    private long operations;
    private long underway;
    private boolean closedLoop;
    private long stopAt;

    Load(Target target, Traffic traffic, int groups, int depth) throws IOException {
        this.traffic = traffic;
        this.depth = depth;
        this.groups = new Group[groups];
        InetSocketAddress address = new InetSocketAddress(target.host(), target.port());
        for (int g = 0; g < groups; g++) {
            Group group = new Group(g, traffic.lanes(), depth);
            this.groups[g] = group;
            for (int l = 0; l < group.lanes.length; l++) {
                SocketChannel channel = SocketChannel.open(address);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.configureBlocking(false);
                group.words[l] = new Words();
                Lane lane = new Lane(channel, group, group.words[l]);
                group.lanes[l] = lane;
                lane.key = channel.register(selector, SelectionKey.OP_READ, lane);
                lane.greetings = traffic.greet(g, l, lane.words);
                flush(lane);
            }
        }
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (greetingsMissing()) {
            selector.select(this::ready, 100);
            patience(deadline);
        }
    }

    /** Keeps every group busy for so long, then waits for what is on its way. */
    Outcome closed(long nanos) throws IOException {
        reset();
        closedLoop = true;
        long start = System.nanoTime();
        stopAt = start + nanos;
        for (Group group : groups) {
            refill(group, start);
        }
        while (System.nanoTime() < stopAt) {
            selector.select(this::ready, 100);
        }
        closedLoop = false;
        drain();
        complain();
        return new Outcome(operations, System.nanoTime() - start, latency);
    }

    /** Sends so many operations a second for so long, each at its time. */
    Outcome open(double perSecond, long nanos) throws IOException {
        reset();
        closedLoop = false;
        idle.clear();
        for (Group group : groups) {
            idle.add(group);
        }
        double interval = 1e9 / perSecond;
        long due = (long) (nanos / interval);
        long asked = 0;
        long start = System.nanoTime();
        long deadline = start + nanos + PATIENCE_NANOS;
        while (asked < due) {
            long now = System.nanoTime();
            // What is due and finds no free connection keeps its time and waits here.
            while (asked < due && start + (long) (asked * interval) <= now) {
                Group group = free();
                if (group == null) {
                    break;
                }
                ask(group, start + (long) (asked * interval));
                flush(group);
                asked++;
            }
            // Not slept: a sleep would be late, and its lateness would be counted as the server's.
            selector.selectNow(this::ready);
            patience(deadline);
        }
        drain();
        complain();
        return new Outcome(operations, System.nanoTime() - start, latency);
    }

    private Group free() {
        for (int i = idle.size(); i > 0; i--) {
            Group group = idle.poll();
            if (group.underway < depth) {
                idle.add(group);
                return group;
            }
            idle.add(group);
        }
        return null;
    }

    private void reset() {
        latency = histogram();
        operations = 0;
    }

    private void drain() throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (underway > 0) {
            selector.select(this::ready, 100);
            patience(deadline);
        }
    }

    private void refill(Group group, long now) throws IOException {
        for (int i = 0; i < depth; i++) {
            ask(group, now);
        }
        flush(group);
    }

    private void ask(Group group, long since) {
        int slot = (group.oldest + group.underway) % depth;
        group.since[slot] = since;
        group.owed[slot] = traffic.ask(group.index, group.words);
        group.underway++;
        underway++;
    }

    private void flush(Group group) throws IOException {
        for (Lane lane : group.lanes) {
            if (!lane.words.isEmpty()) {
                flush(lane);
            }
        }
    }

    private void flush(Lane lane) throws IOException {
        while (!lane.words.isEmpty()) {
            out.clear();
            lane.words.unsentInto(out);
            out.flip();
            int written = lane.channel.write(out);
            boolean all = lane.words.sent(written);
            if (!all && written == 0) {
                lane.key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                return;
            }
        }
        if (lane.key.interestOps() != SelectionKey.OP_READ) {
            lane.key.interestOps(SelectionKey.OP_READ);
        }
    }

    private void ready(SelectionKey key) {
        Lane lane = (Lane) key.attachment();
        try {
            if (key.isWritable()) {
                flush(lane);
            }
            if (key.isReadable()) {
                read(lane);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void read(Lane lane) throws IOException {
        in.clear();
        if (lane.channel.read(in) < 0) {
            throw new EOFException(
                    "the server closed a connection; it said: " + lane.replies.error());
        }
        in.flip();
        int count = lane.replies.count(in);
        int greetings = Math.min(count, lane.greetings);
        lane.greetings -= greetings;
        count -= greetings;
        Group group = lane.group;
        long now = System.nanoTime();
        while (count > 0 && group.underway > 0) {
            int slot = group.oldest;
            int taken = Math.min(count, group.owed[slot]);
            group.owed[slot] -= taken;
            count -= taken;
            if (group.owed[slot] == 0) {
                latency.recordValue(Math.min(now - group.since[slot], LATENCY_NANOS_MAX));
                operations++;
                group.oldest = (slot + 1) % depth;
                group.underway--;
                underway--;
            }
        }
        if (closedLoop && group.underway == 0 && now < stopAt) {
            refill(group, now);
        }
    }

    private boolean greetingsMissing() {
        for (Group group : groups) {
            for (Lane lane : group.lanes) {
                if (lane.greetings > 0) {
                    return true;
                }
            }
        }
        return false;
    }

    private void complain() {
        for (Group group : groups) {
            for (Lane lane : group.lanes) {
                if (lane.replies.error() != null) {
                    throw new Refusal("the workload was answered -" + lane.replies.error());
                }
            }
        }
    }

    private void patience(long deadline) {
        if (System.nanoTime() > deadline) {
            complain();
            throw new Refusal("the server did not answer for 30 s; " + underway + " are missing");
        }
    }

    private static Histogram histogram() {
        return new Histogram(1, LATENCY_NANOS_MAX, 3);
    }

    @Override
    public void close() throws IOException {
        for (Group group : groups) {
            for (Lane lane : group.lanes) {
                if (lane != null) {
                    lane.channel.close();
                }
            }
        }
        selector.close();
    }
}
