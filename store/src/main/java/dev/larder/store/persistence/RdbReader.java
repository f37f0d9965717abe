package dev.larder.store.persistence;

import dev.larder.store.command.CommandException;
import dev.larder.store.engine.Engine;
import dev.larder.store.engine.Libraries;
import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.value.Slice;
import dev.larder.store.value.Text;
import dev.larder.store.value.Value;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a file of data into the databases of an engine. */
final class RdbReader {
    private static final Pattern MAGIC = Pattern.compile("REDIS(\\d{4})|VALKEY(\\d{3})");
    private static final int MAGIC_LENGTH = 9;
    private static final int VERSION_CHECKSUM = 5;
    private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Engine engine;
    private final boolean mayRepeat;
    private final boolean keepsExpired;
    private long loaded;
    private long expired;

    /**
     * {@code mayRepeat}: whether a key may be there already, and is replaced then; {@code
     * keepsExpired}: whether keys whose time is over are loaded too.
     */
    RdbReader(Engine engine, boolean mayRepeat, boolean keepsExpired) {
        this.engine = engine;
        this.mayRepeat = mayRepeat;
        this.keepsExpired = keepsExpired;
    }

    /** How many keys were loaded. */
    long loaded() {
        return loaded;
    }

    /** How many keys were left out because their time was over. */
    long expired() {
        return expired;
    }

    /**
     * Reads the whole file.
     *
     * @return the offset of what follows the data, the size of the file where nothing does
     * @throws BadDataException where it is damaged or of a version that we do not know
     */
    long read(Path file) throws IOException {
        long size = Files.size(file);
        try (InputStream bytes = Files.newInputStream(file)) {
            RdbInput in = new RdbInput(bytes, size);
            read(in, size);
            return size - in.remaining();
        }
    }

    private static int version(byte[] magic) {
        Matcher matcher = MAGIC.matcher(new String(magic, StandardCharsets.ISO_8859_1));
        if (!matcher.matches()) {
            throw new BadDataException("Wrong signature trying to load DB from file");
        }
        String digits = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        int version = Integer.parseInt(digits);
        if (!RdbType.isReadable(version)) {
            throw new BadDataException("Can't handle RDB format version " + version);
        }
        return version;
    }

    private void read(RdbInput in, long size) {
        int version = version(in.raw(Math.min(MAGIC_LENGTH, size)));
        ValueReader values = new ValueReader(in, version, engine.config());
        Keyspace db = engine.database(0);
        long expireAt = 0;
        long idleSeconds = -1;
        int frequency = -1;
        long told = System.nanoTime();
        while (true) {
            int type = in.octet();
            switch (type) {
                case RdbType.EXPIRE_TIME -> expireAt = (int) in.fixedInt() * 1000L;
                case RdbType.EXPIRE_TIME_MS -> expireAt = in.fixedLong();
                case RdbType.FREQ -> frequency = in.octet();
                case RdbType.IDLE -> idleSeconds = in.length();
                case RdbType.SELECT_DB -> db = database(in.length());
                case RdbType.RESIZE_DB -> {
                    in.length();
                    in.length();
                }
                case RdbType.SLOT_INFO -> {
                    in.length();
                    in.length();
                    in.length();
                }
                case RdbType.AUX -> {
                    in.string();
                    in.string();
                }
                case RdbType.FUNCTION2 -> library(in.string());
                case RdbType.MODULE_AUX ->
                        throw new BadDataException("The RDB file contains data of a module");
                case RdbType.EOF -> {
                    checksum(in, version);
                    return;
                }
                default -> {
                    Slice key = new Slice(in.string());
                    if (keep(db, key, values.read(type), expireAt)) {
                        if (idleSeconds > 0) {
                            db.idleSeconds(key, idleSeconds);
                        }
                        if (frequency >= 0) {
                            db.frequency(key, frequency);
                        }
                    }
                    expireAt = 0;
                    idleSeconds = -1;
                    frequency = -1;
                    if (System.nanoTime() - told > PROGRESS_NANOS) {
                        told = System.nanoTime();
                        progress(size, in.remaining());
                    }
                }
            }
        }
    }

    private void progress(long size, long remaining) {
        long percent = (size - remaining) * 100 / Math.max(1, size);
        Persistence.LOG.info(() -> "Loading: " + percent + " %, " + loaded + " keys");
    }

    private Keyspace database(long index) {
        if (index < 0 || index >= engine.databases()) {
            throw new BadDataException(
                    "Data file was created with a server configured to handle more than "
                            + engine.databases()
                            + " databases");
        }
        return engine.database((int) index);
    }

    private void library(byte[] source) {
        Libraries libraries = engine.part(Libraries.class);
        if (libraries == null) {
            throw new BadDataException("The file has a library of functions, which are not here");
        }
        try {
            libraries.load(source, mayRepeat);
        } catch (CommandException e) {
            throw new BadDataException("Failed to load a library of functions: " + e.getMessage());
        }
    }

    /** Puts a key in its place; false where there is nothing to keep. */
    private boolean keep(Keyspace db, Slice key, Value value, long expireAt) {
        if (value == null) {
            Persistence.LOG.warning(() -> "Skipped an empty key: " + key);
            return false;
        }
        if (!keepsExpired && expireAt != 0 && expireAt <= engine.clock().millis()) {
            expired++;
            return false;
        }
        if (!mayRepeat && db.exists(key)) {
            throw new BadDataException("RDB has duplicated key '" + key + "' in DB " + db.index());
        }
        if (value instanceof Text text) {
            Slice bytes = new Slice();
            text.view(bytes);
            db.putText(key, bytes, expireAt);
        } else {
            db.put(key, value, expireAt);
        }
        loaded++;
        return true;
    }

    private void checksum(RdbInput in, int version) {
        if (version < VERSION_CHECKSUM) {
            return;
        }
        long found = in.crc();
        long stored = in.fixedLong();
        if (stored != 0 && stored != found && engine.config().text("rdbchecksum").equals("yes")) {
            throw new BadDataException(
                    "Wrong RDB checksum expected: ("
                            + Long.toHexString(stored)
                            + ") but got ("
                            + Long.toHexString(found)
                            + "). Aborting now.");
        }
    }
}
