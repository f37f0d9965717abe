package dev.larder.store.command;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;
import static dev.larder.store.command.Flag.ADMIN;
import static dev.larder.store.command.Flag.DENYOOM;
import static dev.larder.store.command.Flag.FAST;
import static dev.larder.store.command.Flag.MAY_REPLICATE;
import static dev.larder.store.command.Flag.READONLY;
import static dev.larder.store.command.Flag.WRITE;

import dev.larder.store.reply.Reply;
import dev.larder.store.value.HyperLogLog;
import dev.larder.store.value.Slice;
import dev.larder.store.value.Text;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** Counting different elements without keeping them. */
public final class HyperLogLogCommands {
    public static final Family ALL =
            family(
                    Category.HYPERLOGLOG,
                    command("PFADD", "key [element [element ...]]")
                            .is(WRITE, DENYOOM, FAST)
                            .since("2.8.9")
                            .cost("O(1) to add every element.")
                            .about(
                                    "Adds elements to a HyperLogLog; creates it where there is none.")
                            .does(HyperLogLogCommands::pfadd),
                    command("PFCOUNT", "key [key ...]")
                            .is(READONLY, MAY_REPLICATE)
                            .since("2.8.9")
                            .cost("O(1) for one key, O(N) for N keys, with large constants.")
                            .about("Returns about how many elements one or more HyperLogLogs saw.")
                            .does(HyperLogLogCommands::pfcount),
                    command("PFMERGE", "destkey:key [sourcekey:key [sourcekey:key ...]]")
                            .is(WRITE, DENYOOM)
                            .since("2.8.9")
                            .keys(1, -1, 1)
                            .cost("O(N) to merge N HyperLogLogs, with large constants.")
                            .about("Merges HyperLogLogs into a single one.")
                            .does(HyperLogLogCommands::pfmerge),
                    command("PFDEBUG", "subcommand key")
                            .is(WRITE, DENYOOM, ADMIN)
                            .since("2.8.9")
                            .cost("N/A")
                            .about("Shows and changes how a HyperLogLog is kept.")
                            .does(HyperLogLogCommands::pfdebug),
                    command("PFSELFTEST", "")
                            .is(ADMIN)
                            .since("2.8.9")
                            .cost("N/A")
                            .about("Tests the HyperLogLog implementation.")
                            .does(HyperLogLogCommands::pfselftest));

    private static final String NOT_ONE = "WRONGTYPE Key is not a valid HyperLogLog string value.";
    private static final String CORRUPT = "INVALIDOBJ Corrupted HLL object detected";
    private static final double RELATIVE_ERROR = 1.04 / Math.sqrt(HyperLogLog.REGISTERS);
    private static final int SELF_TEST_ELEMENTS = 10_000_000;
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private HyperLogLogCommands() {}

    private static long sparseMax(Call call) {
        return call.config().hllSparseBytesMax();
    }

    /** Points the view at the HyperLogLog under the key; false where there is no key. */
    private static boolean find(Call call, Slice key) {
        if (!call.db().findText(key, call.view())) {
            return false;
        }
        if (!HyperLogLog.isOne(call.view())) {
            throw new CommandException(NOT_ONE);
        }
        return true;
    }

    /** The HyperLogLog under the key, to be changed in place; null where there is no key. */
    private static HyperLogLog findMutable(Call call, Slice key) {
        return find(call, key) ? new HyperLogLog(call.db().findMutableText(key)) : null;
    }

    static Reply pfadd(Call call) {
        Slice key = call.key();
        HyperLogLog counter = findMutable(call, key);
        int updated = 0;
        if (counter == null) {
            counter = HyperLogLog.empty();
            call.db().put(key, counter.text(), 0);
            updated++;
        }
        long sparseMax = sparseMax(call);
        try {
            for (int i = 2; i < call.count(); i++) {
                updated += counter.add(call.arg(i), sparseMax) ? 1 : 0;
            }
        } catch (HyperLogLog.CorruptException _) {
            // What was added before stays added, as on the real servers.
            call.counted(updated);
            throw new CommandException(CORRUPT);
        }
        if (updated > 0) {
            counter.invalidate();
            call.changed(key, "pfadd", updated);
        }
        return Reply.integer(updated > 0 ? 1 : 0);
    }

    static Reply pfcount(Call call) {
        try {
            return Reply.integer(call.count() == 2 ? countOne(call) : countUnion(call));
        } catch (HyperLogLog.CorruptException _) {
            throw new CommandException(CORRUPT);
        }
    }

    private static long countOne(Call call) {
        Slice key = call.key();
        if (!find(call, key)) {
            return 0;
        }
        if (HyperLogLog.isCached(call.view())) {
            return HyperLogLog.cached(call.view());
        }
        long count = new HyperLogLog(call.db().findMutableText(key)).count();
        // The estimate is kept inside the string, so that reading it has changed it.
        call.changed(call.db(), key, ' ', "", 1);
        return count;
    }

    private static long countUnion(Call call) {
        byte[] registers = new byte[HyperLogLog.REGISTERS];
        for (int i = 1; i < call.count(); i++) {
            if (find(call, call.arg(i))) {
                HyperLogLog.maximum(call.view(), registers);
            }
        }
        return HyperLogLog.estimate(registers);
    }

    static Reply pfmerge(Call call) {
        byte[] registers = new byte[HyperLogLog.REGISTERS];
        boolean dense = false;
        try {
            for (int i = 1; i < call.count(); i++) {
                if (find(call, call.arg(i))) {
                    dense |= !HyperLogLog.isSparse(call.view());
                    HyperLogLog.maximum(call.view(), registers);
                }
            }
        } catch (HyperLogLog.CorruptException _) {
            throw new CommandException(CORRUPT);
        }
        Slice key = call.key();
        Text text = call.db().findMutableText(key);
        HyperLogLog target = text == null ? HyperLogLog.empty() : new HyperLogLog(text);
        if (dense) {
            target.toDense();
        }
        target.raiseAll(registers, sparseMax(call));
        if (text == null) {
            call.db().put(key, target.text(), 0);
        }
        call.changed(key, "pfadd", 1);
        return Reply.OK;
    }

    static Reply pfdebug(Call call) {
        if (call.args().is(1, "SIMD")) {
            // As in a build without vector instructions: the virtual machine decides on its own.
            if (!call.args().is(2, "ON") && !call.args().is(2, "OFF")) {
                throw new CommandException("ERR Argument must be ON or OFF");
            }
            return Reply.OK;
        }
        Slice key = call.arg(2);
        HyperLogLog counter = findMutable(call, key);
        if (counter == null) {
            throw new CommandException("ERR The specified key does not exist");
        }
        try {
            return switch (call.args().text(1).toUpperCase(Locale.ROOT)) {
                case "GETREG" -> {
                    call.counted(counter.toDense() ? 1 : 0);
                    yield registers(call, counter);
                }
                case "DECODE" -> {
                    String runs = counter.decoded();
                    if (runs == null) {
                        throw new CommandException("ERR HLL encoding is not sparse");
                    }
                    yield Reply.bulk(runs);
                }
                case "ENCODING" -> Reply.status(counter.isSparse() ? "sparse" : "dense");
                case "TODENSE" -> {
                    boolean changed = counter.toDense();
                    call.counted(changed ? 1 : 0);
                    yield Reply.integer(changed ? 1 : 0);
                }
                default ->
                        throw new CommandException(
                                "ERR Unknown PFDEBUG subcommand '" + call.args().text(1) + "'");
            };
        } catch (HyperLogLog.CorruptException _) {
            throw new CommandException(CORRUPT);
        }
    }

    private static Reply registers(Call call, HyperLogLog counter) {
        byte[] registers = new byte[HyperLogLog.REGISTERS];
        Slice all = call.view();
        counter.text().view(all);
        HyperLogLog.maximum(all, registers);
        Reply.Tape tape = call.tape().array(registers.length);
        for (byte register : registers) {
            tape.integer(register);
        }
        return tape;
    }

    /**
     * Writes registers and reads them back, then counts ten million elements in both forms: they
     * must agree with each other, and with the truth within six times the expected error.
     */
    static Reply pfselftest(Call call) {
        RandomGenerator random = call.random();
        for (int cycle = 0; cycle < 1000; cycle++) {
            int wrong = HyperLogLog.wrongRegister(random);
            if (wrong >= 0) {
                throw new CommandException("ERR TESTFAILED Register " + wrong + " is not kept");
            }
        }
        long sparseMax = sparseMax(call);
        HyperLogLog dense = HyperLogLog.empty();
        dense.toDense();
        HyperLogLog either = HyperLogLog.empty();
        long seed = random.nextLong();
        byte[] bytes = new byte[8];
        Slice element = new Slice(bytes);
        int checkpoint = 1;
        for (int i = 1; i <= SELF_TEST_ELEMENTS; i++) {
            LONGS.set(bytes, 0, i ^ seed);
            dense.add(element, sparseMax);
            either.add(element, sparseMax);
            if (i == checkpoint) {
                check(i, dense, either, sparseMax);
                checkpoint *= 10;
            }
        }
        return Reply.OK;
    }

    private static void check(int added, HyperLogLog dense, HyperLogLog either, long sparseMax) {
        if (added < sparseMax / 2 && !either.isSparse()) {
            throw new CommandException("ERR TESTFAILED sparse encoding not used");
        }
        long count = dense.count();
        if (count != either.count()) {
            throw new CommandException("ERR TESTFAILED dense/sparse disagree");
        }
        long most = added == 10 ? 1 : (long) Math.ceil(RELATIVE_ERROR * 6 * added);
        long error = Math.abs(added - count);
        if (error > most) {
            throw new CommandException(
                    "ERR TESTFAILED Too big error. card:" + added + " abserr:" + error);
        }
    }
}
