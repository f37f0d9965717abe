package dev.larder.store.persistence;

import dev.larder.store.StoreConfig;
import dev.larder.store.engine.ConnectionCommands;
import dev.larder.store.engine.Engine;
import dev.larder.store.engine.Libraries;
import dev.larder.store.keyspace.Keyspace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Logger;

/**
 * The data file of an engine: when it is written and read, and how that went. Belongs to the thread
 * of the engine.
 */
public final class Persistence {
    static final Logger LOG = Logger.getLogger(Persistence.class.getName());

    /** After a failure the next snapshot by itself waits so long. */
    private static final long RETRY_MILLIS = 5000;

    private static final int CHUNK_BYTES = 1 << 20;

    private static final String MISCONFIGURED =
            "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to"
                    + " persist to disk. Commands that may modify the data set are disabled,"
                    + " because this instance is configured to report errors during writes if RDB"
                    + " snapshotting fails (stop-writes-on-bgsave-error option). Please check the"
                    + " Redis logs for details about the RDB error.";

    /** Where the bytes of a data file go. */
    @FunctionalInterface
    private interface Sink {
        void write(byte[] bytes, int from, int length) throws IOException;
    }

    private static final byte[] NO_CHECKSUM = new byte[8];

    /** A snapshot is due after so many seconds with so many changes. */
    private record SavePoint(long seconds, long changes) {}

    private final Engine engine;
    private int version = RdbType.VERSION;
    private long lastSaveAt;
    private long changesAtSave;
    private long saves;
    private boolean lastSucceeded = true;
    private long lastSeconds = -1;
    private long lastTriedAt;
    private boolean scheduled;
    private long keysLoaded;
    private long keysExpired;
    private boolean isStopping;

    private final Lzf lzf = new Lzf();
    private final Migration migration;
    private final AppendOnly appendOnly;
    private Snapshot snapshot;
    private long snapshotBeganAt;
    private long changesAtSnapshot;

    private String savePointsText = "";
    private List<SavePoint> savePoints = List.of();

    public Persistence(Engine engine) {
        this.engine = engine;
        this.migration = new Migration(engine.clock());
        this.lastSaveAt = engine.clock().millis();
        this.appendOnly = new AppendOnly(engine, this);
        engine.add(Persistence.class, this);
        engine.inBackground(this::work);
        engine.onFlushAll(this::flushedAll);
        engine.onStopping(this::stopping);
        SaveCommands.words(engine.debug());
    }

    public static Persistence of(Engine engine) {
        return engine.part(Persistence.class);
    }

    /** The version of the format that is written: of Redis 7.2 unless a test wants an older one. */
    void version(int written) {
        version = written;
    }

    private StoreConfig config() {
        return engine.config();
    }

    /** What compresses long strings, one at a time; null where the configuration forbids it. */
    Lzf compression() {
        return config().text("rdbcompression").equals("yes") ? lzf : null;
    }

    /** Where the data file is. */
    Path file() {
        return Path.of(config().text("dir")).resolve(config().text("dbfilename"));
    }

    // Writing.

    /** The version of the format: a later one where fields of a hash end. */
    private int writtenVersion() {
        boolean fieldsEnd = false;
        for (int i = 0; i < engine.databases(); i++) {
            fieldsEnd |= engine.database(i).keysWithExpiringFields() > 0;
        }
        return fieldsEnd && version >= RdbType.VERSION ? RdbType.VERSION_FIELD_EXPIRY : version;
    }

    private RdbWriter writer() {
        String policy = config().text("maxmemory-policy");
        RdbWriter.Told told =
                policy.contains("lru")
                        ? RdbWriter.Told.IDLE_SECONDS
                        : policy.contains("lfu")
                                ? RdbWriter.Told.FREQUENCY
                                : RdbWriter.Told.NOTHING;
        return new RdbWriter(new RdbOutput(compression()), writtenVersion(), told);
    }

    private RdbWriter begunWriter(boolean ofAppendOnly) {
        RdbWriter writer = writer();
        Runtime runtime = Runtime.getRuntime();
        writer.head(
                ConnectionCommands.REDIS_VERSION,
                engine.clock().millis(),
                runtime.totalMemory() - runtime.freeMemory(),
                ofAppendOnly);
        Libraries libraries = engine.part(Libraries.class);
        if (libraries != null) {
            libraries.sources().forEach(writer::library);
        }
        return writer;
    }

    private boolean isChecksummed() {
        return config().text("rdbchecksum").equals("yes");
    }

    /** A snapshot as of now that is to be the base of an append-only file. */
    Snapshot snapshot(Path target) {
        return new Snapshot(
                engine, begunWriter(true), writer(), new SnapshotSink(target, isChecksummed()));
    }

    /** Writes the base of an append-only file at once. */
    void writeAppendOnlyBase(Path target) throws IOException {
        RdbFile file = new RdbFile(target, isChecksummed());
        try {
            writeAll(begunWriter(true), file::write);
            file.commit();
        } catch (IOException e) {
            file.abort();
            throw e;
        }
    }

    /** The append-only file, which is there be it on or off. */
    AppendOnly appendOnly() {
        return appendOnly;
    }

    /** Whether changes are kept in an append-only file. */
    public boolean isAppending() {
        return appendOnly.isOn();
    }

    /** Whether changes are kept in an append-only file, and that succeeds. */
    public boolean keepsAppended() {
        return appendOnly.isOn() && appendOnly.writeRefusal() == null;
    }

    /** Has all changes so far in the append-only file and on the disk; whether they are. */
    public boolean syncAppended() {
        return appendOnly.sync();
    }

    /** SAVE: writes the file at once; false where that failed, and the log says why. */
    boolean save() {
        saves++;
        RdbFile file = null;
        try {
            file = new RdbFile(file(), isChecksummed());
            writeAll(begunWriter(false), file::write);
            file.commit();
        } catch (IOException | UncheckedIOException e) {
            LOG.warning(() -> "Failed saving the DB to " + file() + ": " + e);
            if (file != null) {
                file.abort();
            }
            return false;
        }
        LOG.info("DB saved on disk");
        changesAtSave = engine.statistics().changes();
        lastSaveAt = engine.clock().millis();
        lastSucceeded = true;
        refuseWrites();
        return true;
    }

    private void writeAll(RdbWriter writer, Sink file) throws IOException {
        for (int i = 0; i < engine.databases(); i++) {
            Keyspace db = engine.database(i);
            if (db.size() == 0) {
                continue;
            }
            int index = i;
            writer.database(index, db.size(), db.expiring());
            long cursor = 0;
            do {
                cursor =
                        db.scanEntries(
                                cursor,
                                64,
                                (key, value, text, expireAt, access) ->
                                        writer.entry(
                                                index,
                                                key,
                                                value,
                                                text,
                                                expireAt,
                                                RdbWriter.use(db, access)));
                drain(writer, file, CHUNK_BYTES);
            } while (cursor != 0);
        }
        writer.end();
        drain(writer, file, 1);
    }

    private static void drain(RdbWriter writer, Sink file, int least) throws IOException {
        RdbOutput out = writer.out();
        if (out.size() >= least) {
            file.write(out.array(), 0, out.size());
            out.clear();
        }
    }

    /** The data file in memory, made at once: what a new replica is sent. */
    public byte[] image() {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        try {
            writeAll(begunWriter(false), image::write);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        image.writeBytes(NO_CHECKSUM);
        return image.toByteArray();
    }

    boolean isSaving() {
        return snapshot != null;
    }

    /** BGSAVE: begins to write the file between commands. */
    void saveInBackground() {
        saves++;
        scheduled = false;
        lastTriedAt = engine.clock().millis();
        snapshotBeganAt = lastTriedAt;
        changesAtSnapshot = engine.statistics().changes();
        RdbWriter main = begunWriter(false);
        snapshot = new Snapshot(engine, main, writer(), new SnapshotSink(file(), isChecksummed()));
        LOG.info("Background saving started");
    }

    /** Has a snapshot begin as soon as it can. */
    void schedule() {
        scheduled = true;
    }

    /** Forgets that a snapshot was to begin; false where none was. */
    boolean unschedule() {
        boolean was = scheduled;
        scheduled = false;
        return was;
    }

    /** BGSAVE CANCEL: gives up a snapshot on request, which is no failure. */
    void cancel() {
        LOG.info("Background saving will be aborted due to user request");
        cancelSnapshot();
        lastSeconds = (engine.clock().millis() - snapshotBeganAt) / 1000;
    }

    Migration migration() {
        return migration;
    }

    /** How many connections MIGRATE keeps. */
    public int migrationLinks() {
        return migration.links();
    }

    private boolean work(long budgetNanos) {
        migration.closeIdle();
        if (snapshot == null) {
            if (appendOnly.work(budgetNanos)) {
                return true;
            }
            if (scheduled || isDue()) {
                saveInBackground();
            }
            return snapshot != null;
        }
        snapshot.work(budgetNanos);
        if (snapshot.sink().state() != SnapshotSink.State.WRITING) {
            concluded(snapshot.sink().state() == SnapshotSink.State.DONE);
        }
        return snapshot != null;
    }

    private void concluded(boolean succeeded) {
        snapshot.close();
        snapshot = null;
        lastSucceeded = succeeded;
        lastSeconds = (engine.clock().millis() - snapshotBeganAt) / 1000;
        if (succeeded) {
            changesAtSave = changesAtSnapshot;
            lastSaveAt = engine.clock().millis();
            LOG.info("Background saving terminated with success");
        }
        refuseWrites();
    }

    /** Gives up the snapshot that is being written; the old file stays. */
    private void cancelSnapshot() {
        if (snapshot != null) {
            snapshot.sink().cancel();
            snapshot.close();
            snapshot = null;
        }
    }

    void refuseWrites() {
        engine.refuseWrites(lastSucceeded && !appendOnly.isOn() ? null : this::writeRefusal);
    }

    private String writeRefusal() {
        boolean refused =
                !lastSucceeded
                        && !savePoints().isEmpty()
                        && config().text("stop-writes-on-bgsave-error").equals("yes");
        return refused ? MISCONFIGURED : appendOnly.writeRefusal();
    }

    private List<SavePoint> savePoints() {
        String text = config().text("save");
        if (!text.equals(savePointsText)) {
            List<SavePoint> points = new ArrayList<>();
            String[] words = text.strip().split("\\s+");
            for (int i = 0; i + 1 < words.length; i += 2) {
                points.add(new SavePoint(Long.parseLong(words[i]), Long.parseLong(words[i + 1])));
            }
            savePoints = points;
            savePointsText = text;
        }
        return savePoints;
    }

    private boolean isDue() {
        long now = engine.clock().millis();
        if (!lastSucceeded && now - lastTriedAt < RETRY_MILLIS) {
            return false;
        }
        for (SavePoint point : savePoints()) {
            if (changes() >= point.changes() && now - lastSaveAt > point.seconds() * 1000) {
                return true;
            }
        }
        return false;
    }

    private long changes() {
        return engine.statistics().changes() - changesAtSave;
    }

    /** When the file was written last, in seconds since 1970; the start where it never was. */
    long lastSaveSeconds() {
        return lastSaveAt / 1000;
    }

    private void flushedAll() {
        cancelSnapshot();
        if (!savePoints().isEmpty()) {
            save();
        }
    }

    // Ending.

    /**
     * What SHUTDOWN does first; false where the data should have been saved and could not be.
     *
     * @param save what was asked for: true, false, or null for what the configuration says
     */
    boolean prepareToStop(Boolean save, boolean force) {
        cancelSnapshot();
        if (appendOnly.isBeginning() && !force) {
            LOG.warning("Writing initial AOF. Can't exit.");
            return false;
        }
        boolean wanted = save == null ? !savePoints().isEmpty() : save;
        if (wanted && !save() && !force) {
            LOG.warning("Error trying to save the DB, can't exit.");
            return false;
        }
        appendOnly.sync();
        isStopping = true;
        return true;
    }

    private void stopping() {
        migration.closeAll();
        if (!isStopping) {
            prepareToStop(null, true);
        }
        appendOnly.stop();
    }

    // Reading.

    /**
     * Loads the append-only file where it is switched on, else the data file where there is one.
     *
     * @throws BadDataException where it is damaged
     */
    public void load() throws IOException {
        if (config().text("appendonly").equals("yes")) {
            appendOnly.start();
            changesAtSave = engine.statistics().changes();
        } else {
            loadFile();
        }
    }

    /** Loads the data file where there is one. */
    void loadFile() throws IOException {
        if (Files.exists(file())) {
            load(false);
        }
    }

    private void load(boolean mayRepeat) throws IOException {
        long began = System.nanoTime();
        RdbReader reader = new RdbReader(engine, mayRepeat, false);
        LOG.info(() -> "Loading " + file());
        reader.read(file());
        keysLoaded = reader.loaded();
        keysExpired = reader.expired();
        changesAtSave = engine.statistics().changes();
        LOG.info(
                () ->
                        "Done loading RDB, keys loaded: "
                                + reader.loaded()
                                + ", keys expired: "
                                + reader.expired()
                                + ", "
                                + (System.nanoTime() - began) / 1_000_000
                                + " ms");
    }

    /** Forgets all data and all libraries. */
    void empty() {
        for (int i = 0; i < engine.databases(); i++) {
            engine.replaced(engine.database(i), null);
            engine.database(i).clear();
        }
        Libraries libraries = engine.part(Libraries.class);
        if (libraries != null) {
            libraries.clear();
        }
    }

    /**
     * Empties all databases and loads what a master has sent, with keys whose time is over: they
     * stay until the master says that they are gone. What cannot be loaded leaves nothing.
     *
     * @throws BadDataException where it is damaged
     */
    public void replaceBy(Path sent) throws IOException {
        cancelSnapshot();
        boolean appends = appendOnly.isOn();
        appendOnly.stop();
        empty();
        boolean complete = false;
        try {
            new RdbReader(engine, false, true).read(sent);
            complete = true;
        } finally {
            if (!complete) {
                empty();
            }
            if (appends) {
                appendOnly.restart();
            }
        }
    }

    /** DEBUG RELOAD; null where it went well, else the error. */
    String reload(boolean saves, boolean flushes, boolean merges) {
        if (saves && !save()) {
            return "ERR";
        }
        if (flushes) {
            empty();
        }
        try {
            load(merges);
            return null;
        } catch (IOException | UncheckedIOException | BadDataException e) {
            LOG.warning(() -> "Could not load " + file() + ": " + e);
            return "ERR Error trying to load the RDB dump, check server logs.";
        }
    }

    /** The lines of INFO persistence, in order. */
    public Map<String, Object> info() {
        Map<String, Object> lines = new LinkedHashMap<>();
        long now = engine.clock().millis();
        lines.put("loading", 0);
        lines.put("async_loading", 0);
        lines.put("current_cow_peak", 0);
        lines.put("current_cow_size", 0);
        lines.put("current_cow_size_age", 0);
        lines.put("current_fork_perc", "0.00");
        lines.put("current_save_keys_processed", 0);
        lines.put("current_save_keys_total", 0);
        lines.put("rdb_changes_since_last_save", changes());
        lines.put("rdb_bgsave_in_progress", snapshot == null ? 0 : 1);
        lines.put("rdb_last_save_time", lastSaveSeconds());
        lines.put("rdb_last_bgsave_status", lastSucceeded ? "ok" : "err");
        lines.put("rdb_last_bgsave_time_sec", lastSeconds);
        lines.put(
                "rdb_current_bgsave_time_sec",
                snapshot == null ? -1 : (now - snapshotBeganAt) / 1000);
        lines.put("rdb_saves", saves);
        lines.put("rdb_last_cow_size", 0);
        lines.put("rdb_last_load_keys_expired", keysExpired);
        lines.put("rdb_last_load_keys_loaded", keysLoaded);
        appendOnly.info(lines);
        return lines;
    }
}
