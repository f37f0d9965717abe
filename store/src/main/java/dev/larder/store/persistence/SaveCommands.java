package dev.larder.store.persistence;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.engine.Debug;
import dev.larder.store.engine.Engine;
import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.reply.Reply;
import java.util.ArrayList;
import java.util.List;

/** The data file on request: SAVE, BGSAVE, LASTSAVE, SHUTDOWN, and what DEBUG does with it. */
public final class SaveCommands {
    private static final String IN_PROGRESS = "ERR Background save already in progress";

    public static final Family ALL =
            family(
                    Category.SERVER,
                    command("SAVE", "")
                            .is(Flag.ADMIN, Flag.NOSCRIPT, Flag.NO_ASYNC_LOADING, Flag.NO_MULTI)
                            .cost("O(N) where N is the total number of keys in all databases")
                            .about("Synchronously saves the database(s) to disk.")
                            .does(SaveCommands::save),
                    command("BGSAVE", "[SCHEDULE | CANCEL]")
                            .is(Flag.ADMIN, Flag.NOSCRIPT, Flag.NO_ASYNC_LOADING)
                            .about("Asynchronously saves the database(s) to disk.")
                            .does(SaveCommands::bgsave),
                    command("BGREWRITEAOF", "")
                            .is(Flag.ADMIN, Flag.NOSCRIPT, Flag.NO_ASYNC_LOADING)
                            .about("Asynchronously rewrites the append-only file to disk.")
                            .does(SaveCommands::bgrewriteaof),
                    command("LASTSAVE", "")
                            .is(Flag.LOADING, Flag.STALE, Flag.FAST)
                            .about("Returns the Unix time of the last successful save to disk.")
                            .does(
                                    call ->
                                            Reply.integer(
                                                    Persistence.of(Engine.of(call))
                                                            .lastSaveSeconds())),
                    command("SHUTDOWN", "[NOSAVE | SAVE] [NOW] [FORCE] [ABORT]")
                            .is(
                                    Flag.ADMIN,
                                    Flag.NOSCRIPT,
                                    Flag.LOADING,
                                    Flag.STALE,
                                    Flag.NO_MULTI,
                                    Flag.ALLOW_BUSY)
                            .cost(
                                    "O(N) when saving, where N is the total number of keys in all"
                                            + " databases when saving data, otherwise O(1)")
                            .about(
                                    "Synchronously saves the database(s) to disk and shuts down the"
                                            + " server.")
                            .does(SaveCommands::shutdown));

    private SaveCommands() {}

    static Reply save(Call call) {
        Persistence persistence = Persistence.of(Engine.of(call));
        if (persistence.isSaving()) {
            throw new CommandException(IN_PROGRESS);
        }
        return persistence.save() ? Reply.OK : new Reply.Failure("ERR");
    }

    static Reply bgsave(Call call) {
        boolean schedules = call.args().is(1, "SCHEDULE");
        boolean cancels = call.args().is(1, "CANCEL");
        if (call.count() > 2 || call.count() == 2 && !schedules && !cancels) {
            throw Errors.syntax();
        }
        Persistence persistence = Persistence.of(Engine.of(call));
        if (cancels) {
            return Reply.status(cancel(persistence));
        }
        if (persistence.isSaving()) {
            throw new CommandException(IN_PROGRESS);
        }
        boolean isRewriting = persistence.appendOnly().isRewriting();
        if (isRewriting && !schedules && !Engine.of(call).transactions().isExecuting()) {
            throw new CommandException(
                    "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE"
                            + " SCHEDULE in order to schedule a BGSAVE whenever possible.");
        }
        if (isRewriting || Engine.of(call).transactions().isExecuting()) {
            // As of the end of the transaction, like everything that is seen of it.
            persistence.schedule();
            return Reply.status("Background saving scheduled");
        }
        persistence.saveInBackground();
        return Reply.status("Background saving started");
    }

    /** BGSAVE CANCEL, of Valkey 8.1. */
    private static String cancel(Persistence persistence) {
        if (persistence.isSaving()) {
            persistence.cancel();
            return "Background saving cancelled";
        }
        if (persistence.unschedule()) {
            return "Scheduled background saving cancelled";
        }
        throw new CommandException(
                "ERR Background saving is currently not in progress or scheduled");
    }

    static Reply bgrewriteaof(Call call) {
        Persistence persistence = Persistence.of(Engine.of(call));
        AppendOnly file = persistence.appendOnly();
        if (file.isRewriting()) {
            throw new CommandException(
                    "ERR Background append only file rewriting already in progress");
        }
        if (persistence.isSaving() || Engine.of(call).transactions().isExecuting()) {
            file.schedule();
            return Reply.status("Background append only file rewriting scheduled");
        }
        if (!file.begin()) {
            throw new CommandException(
                    "ERR Can't execute an AOF background rewriting. Please check the server logs"
                            + " for more information.");
        }
        return Reply.status("Background append only file rewriting started");
    }

    static Reply shutdown(Call call) {
        Args args = call.args();
        Boolean saves = null;
        boolean force = false;
        boolean abort = false;
        for (int i = 1; i < args.count(); i++) {
            if (args.is(i, "NOSAVE") && saves != Boolean.TRUE) {
                saves = false;
            } else if (args.is(i, "SAVE") && saves != Boolean.FALSE) {
                saves = true;
            } else if (args.is(i, "FORCE")) {
                force = true;
            } else if (args.is(i, "ABORT")) {
                abort = true;
            } else if (!args.is(i, "NOW")) {
                throw Errors.syntax();
            }
        }
        if (abort) {
            if (args.count() > 2) {
                throw Errors.syntax();
            }
            throw new CommandException("ERR No shutdown in progress.");
        }
        String busy = Engine.of(call).busy();
        if (busy != null && saves != Boolean.FALSE) {
            throw new CommandException(busy);
        }
        if (!Persistence.of(Engine.of(call)).prepareToStop(saves, force)) {
            throw new CommandException("ERR Errors trying to SHUTDOWN. Check logs.");
        }
        Engine.of(call).stop();
        return Reply.None.NONE;
    }

    // Words of DEBUG.

    static void words(Debug debug) {
        debug.on(
                "RELOAD [option ...]",
                "Saves the data file and loads it again.",
                2,
                5,
                SaveCommands::debugReload);
        debug.on("LOADAOF", "Loads the append-only file again.", 2, 2, SaveCommands::debugLoadAof);
        debug.on("DIGEST", "Shows the digest of all data.", 2, 2, SaveCommands::debugDigest);
        debug.on(
                "DIGEST-VALUE <key> [<key> ...]",
                "Shows the digests of values.",
                2,
                Integer.MAX_VALUE,
                SaveCommands::debugDigestValue);
    }

    /** DEBUG RELOAD [MERGE] [NOFLUSH] [NOSAVE]. */
    private static Reply debugReload(Call call) {
        boolean saves = true;
        boolean flushes = true;
        boolean merges = false;
        for (int i = 2; i < call.count(); i++) {
            if (call.args().is(i, "MERGE")) {
                merges = true;
            } else if (call.args().is(i, "NOFLUSH")) {
                flushes = false;
            } else if (call.args().is(i, "NOSAVE")) {
                saves = false;
            } else {
                throw new CommandException(
                        "ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
            }
        }
        String error = Persistence.of(Engine.of(call)).reload(saves, flushes, merges);
        if (error != null) {
            throw new CommandException(error);
        }
        return Reply.OK;
    }

    private static Reply debugLoadAof(Call call) {
        String error = Persistence.of(Engine.of(call)).appendOnly().reload();
        if (error != null) {
            throw new CommandException(error);
        }
        return Reply.OK;
    }

    /** DEBUG DIGEST. */
    private static Reply debugDigest(Call call) {
        List<Keyspace> all = new ArrayList<>();
        for (int i = 0; i < call.host().databases(); i++) {
            all.add(call.host().database(i));
        }
        return Reply.status(Digest.ofAll(all));
    }

    /** DEBUG DIGEST-VALUE key …. */
    private static Reply debugDigestValue(Call call) {
        List<Reply> digests = new ArrayList<>();
        for (int i = 2; i < call.count(); i++) {
            digests.add(Reply.status(Digest.ofValue(call.db(), call.arg(i))));
        }
        return Reply.array(digests);
    }
}
