package dev.larder.store.persistence;

import dev.larder.store.StoreConfig;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.CommandStream;
import dev.larder.store.engine.Engine;
import dev.larder.store.engine.Onlooker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/** The append-only file of an engine. Belongs to the thread of the engine. */
final class AppendOnly implements Onlooker {
    /*
     * What is on the disk is a base, which is a data file, and increments: the changes since, as
     * commands. A rewrite begins a new increment and, as of the same moment, a snapshot that is to
     * be the new base; when it is whole the manifest is exchanged, and what was before is removed.
     * At any moment the manifest on the disk names files that together are all data.
     *
     * Switched on at run time, there is no base yet: changes go to an increment under another name
     * until the first snapshot is whole, and the manifest on the disk stays as it was.
     *
     * Changes are gathered for one batch of commands and handed to the writer at its end. Under
     * "appendfsync always" the batch waits there until they are on the disk; its replies are sent
     * afterwards. Where that fails its clients are cut off, for nobody may be told of a change that
     * is not kept.
     */
    private enum State {
        OFF,
        /** Until the first rewrite is done. */
        BEGINNING,
        ON
    }

    private static final int GATHERED_BYTES = 64 * 1024;
    private static final long RETRY_MILLIS = 5000;

    /** After so many failures in a row, rewrites by themselves wait a minute, then twice that … */
    private static final int FAILURES_FREE = 3;

    private static final long FAILURE_DELAY_MILLIS = 60_000;
    private static final int FAILURE_DELAY_DOUBLED_MAX = 6;

    private final Engine engine;
    private final Persistence persistence;
    private final CommandStream stream;
    private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();
    private State state = State.OFF;
    private Manifest manifest;
    private AppendWriter writer;
    private boolean unforced;
    private long annotatedSecond;

    private Snapshot rewrite;
    private Manifest.Part newBase;
    private Manifest.Part firstIncrement;
    private long incrementsBefore;
    private long beganAt;
    private boolean scheduled;
    private long retryAt;
    private boolean lastSucceeded = true;
    private long lastSeconds = -1;
    private long rewrites;
    private int failures;
    private long size;
    private long sizeAtRewrite;

    AppendOnly(Engine engine, Persistence persistence) {
        this.engine = engine;
        this.persistence = persistence;
        this.stream = new CommandStream(engine, this::gather);
        config().onChange("appendonly", value -> switched(value.equals("yes")));
        config().onChange("appendfsync", _ -> forceAsTold());
        config().onChange("no-appendfsync-on-rewrite", _ -> forceAsTold());
    }

    private StoreConfig config() {
        return engine.config();
    }

    private String name() {
        return config().text("appendfilename");
    }

    private Path folder() {
        return Path.of(config().text("dir")).resolve(config().text("appenddirname"));
    }

    private Path manifestFile() {
        return Manifest.path(folder(), name());
    }

    private Path beginningFile() {
        return folder().resolve("temp-" + name() + ".incr");
    }

    boolean isOn() {
        return state != State.OFF;
    }

    boolean isRewriting() {
        return rewrite != null;
    }

    /** Whether the first rewrite is not done, so that there is no whole file. */
    boolean isBeginning() {
        return state == State.BEGINNING;
    }

    /** The error that commands get that write; null where changes can be kept. */
    String writeRefusal() {
        IOException failure = writer == null ? null : writer.failure();
        return failure == null
                ? null
                : "MISCONF Errors writing to the AOF file: " + failure.getMessage();
    }

    // Appending.

    private void gather(byte[] commands) {
        if (config().text("aof-timestamp-enabled").equals("yes")) {
            long second = engine.clock().millis() / 1000;
            if (second != annotatedSecond) {
                annotatedSecond = second;
                gathered.writeBytes(("#TS:" + second + "\r\n").getBytes(StandardCharsets.US_ASCII));
            }
        }
        gathered.writeBytes(commands);
        if (gathered.size() >= GATHERED_BYTES) {
            handOver();
        }
    }

    private void handOver() {
        if (gathered.size() > 0) {
            size += gathered.size();
            writer.take(gathered.toByteArray());
            gathered.reset();
            unforced = true;
        }
    }

    @Override
    public void batchEnded() {
        handOver();
        if (!unforced) {
            return;
        }
        unforced = false;
        if (forced() == AppendWriter.Forced.ON_REQUEST && writer.failure() == null) {
            long began = System.nanoTime();
            if (!writer.sync()) {
                List.copyOf(engine.clients().values()).forEach(Client::closeNow);
            }
            engine.latency().took("aof-fsync-always", System.nanoTime() - began);
        }
    }

    private AppendWriter.Forced forced() {
        if (isRewriting() && config().text("no-appendfsync-on-rewrite").equals("yes")) {
            return AppendWriter.Forced.NEVER;
        }
        return switch (config().text("appendfsync")) {
            case "always" -> AppendWriter.Forced.ON_REQUEST;
            case "no" -> AppendWriter.Forced.NEVER;
            default -> AppendWriter.Forced.EVERY_SECOND;
        };
    }

    private void forceAsTold() {
        if (writer != null) {
            writer.forced(forced());
        }
    }

    /** Has all changes so far on the disk; false where there is no file, or it fails. */
    boolean sync() {
        if (writer == null) {
            return false;
        }
        handOver();
        return writer.sync();
    }

    private static FileChannel openEmpty(Path file) throws IOException {
        return FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
    }

    private static FileChannel openAtEnd(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        return channel.position(channel.size());
    }

    private void listen() {
        stream.begin();
        engine.watch(this);
        engine.beforeSending(this::batchEnded);
        persistence.refuseWrites();
    }

    // On and off.

    private void switched(boolean on) {
        if (!on) {
            stop();
        } else if (state == State.OFF) {
            cancelRewrite();
            state = State.BEGINNING;
            if (persistence.isSaving() || engine.transactions().isExecuting()) {
                scheduled = true;
            } else if (!begin()) {
                stop();
                throw new IllegalArgumentException("Unable to turn on AOF. Check server logs.");
            }
        }
    }

    /** Begins it anew after other data was put in place of all there was. */
    void restart() {
        state = State.BEGINNING;
        begin();
    }

    /** Ends it, with all that was taken on the disk. */
    void stop() {
        if (state == State.OFF) {
            return;
        }
        cancelRewrite();
        scheduled = false;
        closeWriter();
        manifest = null;
        state = State.OFF;
        persistence.refuseWrites();
    }

    private void closeWriter() {
        if (writer == null) {
            return;
        }
        handOver();
        stream.end();
        engine.unwatch(this);
        engine.beforeSending(() -> {});
        writer.close();
        writer = null;
        unforced = false;
    }

    // Rewriting.

    /** Has a rewrite begin as soon as it can. */
    void schedule() {
        scheduled = true;
        failures = 0;
    }

    /** Begins a rewrite; false where that fails, and the log says why. */
    boolean begin() {
        scheduled = false;
        rewrites++;
        try {
            Files.createDirectories(folder());
            if (state != State.ON) {
                manifest =
                        Files.exists(manifestFile())
                                ? Manifest.read(manifestFile())
                                : Manifest.EMPTY;
            }
            newBase = manifest.nextBase(name());
            firstIncrement = manifest.nextIncrement(name());
            switch (state) {
                case ON -> nextIncrement();
                case BEGINNING -> beginIncrement();
                case OFF -> {
                    size = 0;
                    incrementsBefore = 0;
                }
            }
        } catch (IOException | BadDataException e) {
            Persistence.LOG.warning(() -> "Can't rewrite the append-only file: " + e);
            failed();
            return false;
        }
        beganAt = engine.clock().millis();
        rewrite = persistence.snapshot(folder().resolve(newBase.name()));
        forceAsTold();
        Persistence.LOG.info("Background append only file rewriting started");
        return true;
    }

    private void nextIncrement() throws IOException {
        handOver();
        FileChannel channel = openEmpty(folder().resolve(firstIncrement.name()));
        Manifest next = manifest.with(firstIncrement);
        try {
            next.write(manifestFile());
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        manifest = next;
        writer.next(channel);
        stream.deselect();
        incrementsBefore = size;
    }

    private void beginIncrement() throws IOException {
        closeWriter();
        FileChannel channel = openEmpty(beginningFile());
        writer = new AppendWriter(channel, forced());
        size = 0;
        incrementsBefore = 0;
        listen();
    }

    private void cancelRewrite() {
        if (rewrite != null) {
            rewrite.sink().cancel();
            rewrite.close();
            rewrite = null;
            forceAsTold();
        }
    }

    /** Goes on with a rewrite, or begins one that is due; whether there is more to do at once. */
    boolean work(long budgetNanos) {
        if (rewrite != null) {
            rewrite.work(budgetNanos);
            SnapshotSink.State written = rewrite.sink().state();
            if (written != SnapshotSink.State.WRITING) {
                conclude(written == SnapshotSink.State.DONE);
            }
        } else if (!persistence.isSaving() && isDue()) {
            begin();
        }
        return rewrite != null;
    }

    private boolean isDue() {
        if (scheduled) {
            return engine.clock().millis() >= retryAt;
        }
        long percentage = config().integer("auto-aof-rewrite-percentage");
        if (state != State.ON
                || percentage == 0
                || size <= config().integer("auto-aof-rewrite-min-size")
                || engine.clock().millis() < retryAt) {
            return false;
        }
        long base = Math.max(1, sizeAtRewrite);
        return size * 100 / base - 100 >= percentage;
    }

    private void conclude(boolean succeeded) {
        rewrite.close();
        rewrite = null;
        forceAsTold();
        lastSeconds = (engine.clock().millis() - beganAt) / 1000;
        if (!succeeded) {
            failed();
            return;
        }
        try {
            Manifest next = manifest;
            if (state == State.BEGINNING) {
                handOver();
                if (!writer.sync()) {
                    throw new IOException("its changes cannot be written", writer.failure());
                }
                Files.move(
                        beginningFile(),
                        folder().resolve(firstIncrement.name()),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
                next = next.with(firstIncrement);
            }
            next = next.rebased(newBase, firstIncrement);
            next.write(manifestFile());
            manifest = next;
            size = size - incrementsBefore + Files.size(folder().resolve(newBase.name()));
            sizeAtRewrite = size;
        } catch (IOException e) {
            Persistence.LOG.warning(() -> "The rewritten file cannot take its place: " + e);
            failed();
            return;
        }
        if (state == State.BEGINNING) {
            state = State.ON;
        }
        lastSucceeded = true;
        failures = 0;
        retryAt = 0;
        removeHistory();
        Persistence.LOG.info("Background AOF rewrite finished successfully");
    }

    private void failed() {
        lastSucceeded = false;
        failures++;
        long now = engine.clock().millis();
        if (state == State.BEGINNING) {
            scheduled = true;
            retryAt = now + RETRY_MILLIS;
        } else if (failures >= FAILURES_FREE) {
            int doubled = Math.min(failures - FAILURES_FREE, FAILURE_DELAY_DOUBLED_MAX);
            retryAt = now + (FAILURE_DELAY_MILLIS << doubled);
        }
    }

    private void removeHistory() {
        if (manifest.history().isEmpty()) {
            return;
        }
        try {
            for (Manifest.Part part : manifest.history()) {
                Files.deleteIfExists(folder().resolve(part.name()));
            }
            Manifest left = manifest.withoutHistory();
            left.write(manifestFile());
            manifest = left;
        } catch (IOException e) {
            Persistence.LOG.warning(() -> "Could not remove old files: " + e);
        }
    }

    // Loading.

    /**
     * Loads what there is and appends to it from now on. Where there is nothing, the data file is
     * loaded and becomes the first base.
     *
     * @throws BadDataException where it is damaged
     */
    void start() throws IOException {
        boolean isThere = Files.exists(manifestFile());
        if (!isThere && Files.isRegularFile(oldFile())) {
            adoptOldFile();
            isThere = true;
        }
        if (isThere) {
            load();
        } else {
            persistence.loadFile();
            Files.createDirectories(folder());
            manifest = Manifest.EMPTY;
        }
        if (manifest.base() == null && manifest.increments().isEmpty()) {
            Manifest.Part base = manifest.nextBase(name());
            persistence.writeAppendOnlyBase(folder().resolve(base.name()));
            manifest = new Manifest(base, List.of(), manifest.history());
        }
        if (manifest.increments().isEmpty()) {
            manifest = manifest.with(manifest.nextIncrement(name()));
        }
        FileChannel channel = openAtEnd(folder().resolve(manifest.increments().getLast().name()));
        manifest.write(manifestFile());
        size = 0;
        if (manifest.base() != null) {
            size = Files.size(folder().resolve(manifest.base().name()));
        }
        for (Manifest.Part increment : manifest.increments()) {
            size += Files.size(folder().resolve(increment.name()));
        }
        sizeAtRewrite = size;
        state = State.ON;
        writer = new AppendWriter(channel, forced());
        listen();
        removeHistory();
    }

    /** Where servers before 7 had all in one file. */
    private Path oldFile() {
        return Path.of(config().text("dir")).resolve(name());
    }

    private void adoptOldFile() throws IOException {
        Files.createDirectories(folder());
        Manifest.Part base = new Manifest.Part(name(), 1);
        new Manifest(base, List.of(), List.of()).write(manifestFile());
        Files.move(oldFile(), folder().resolve(name()), StandardCopyOption.ATOMIC_MOVE);
        Persistence.LOG.info("Successfully migrated an old-style AOF");
    }

    private void load() throws IOException {
        long began = System.nanoTime();
        manifest = Manifest.read(manifestFile());
        AppendReader reader = new AppendReader(engine);
        engine.clock().holdExpiry(true);
        try {
            List<Manifest.Part> increments = manifest.increments();
            if (manifest.base() != null) {
                reader.read(folder().resolve(manifest.base().name()), increments.isEmpty());
            }
            for (int i = 0; i < increments.size(); i++) {
                Path file = folder().resolve(increments.get(i).name());
                if (i == increments.size() - 1 && !Files.exists(file)) {
                    // The manifest is written before the first change.
                    Files.createFile(file);
                }
                reader.read(file, i == increments.size() - 1);
            }
        } finally {
            engine.clock().holdExpiry(false);
        }
        Persistence.LOG.info(
                () ->
                        "DB loaded from append only file: "
                                + (System.nanoTime() - began) / 1_000_000
                                + " ms");
    }

    /** DEBUG LOADAOF: what is on the disk instead of what is here; null, or the error. */
    String reload() {
        boolean again = rewrite != null && state == State.ON;
        if (again) {
            cancelRewrite();
            schedule();
        }
        try {
            if (state == State.ON && (!sync() || !writer.written())) {
                throw new IOException("changes cannot be written", writer.failure());
            }
            if (state == State.BEGINNING || !Files.exists(manifestFile())) {
                throw new IOException("there is no append-only file yet");
            }
            persistence.empty();
            load();
            return null;
        } catch (IOException | UncheckedIOException | BadDataException e) {
            Persistence.LOG.warning(() -> "Could not load the append-only file: " + e);
            return "ERR Error trying to load the AOF files, check server logs.";
        }
    }

    /** The lines of INFO persistence that tell of this. */
    void info(Map<String, Object> lines) {
        lines.put("aof_enabled", isOn() ? 1 : 0);
        lines.put("aof_rewrite_in_progress", isRewriting() ? 1 : 0);
        lines.put("aof_rewrite_scheduled", scheduled ? 1 : 0);
        lines.put("aof_last_rewrite_time_sec", lastSeconds);
        lines.put(
                "aof_current_rewrite_time_sec",
                isRewriting() ? (engine.clock().millis() - beganAt) / 1000 : -1);
        lines.put("aof_last_bgrewrite_status", lastSucceeded ? "ok" : "err");
        lines.put("aof_rewrites", rewrites);
        lines.put("aof_rewrites_consecutive_failures", failures);
        lines.put("aof_last_write_status", writeRefusal() == null ? "ok" : "err");
        lines.put("aof_last_cow_size", 0);
        lines.put("module_fork_in_progress", 0);
        lines.put("module_fork_last_cow_size", 0);
        if (isOn()) {
            lines.put("aof_current_size", size);
            lines.put("aof_base_size", sizeAtRewrite);
            lines.put("aof_pending_rewrite", scheduled ? 1 : 0);
            lines.put("aof_buffer_length", gathered.size());
            lines.put("aof_pending_bio_fsync", 0);
            lines.put("aof_delayed_fsync", 0);
        }
    }
}
