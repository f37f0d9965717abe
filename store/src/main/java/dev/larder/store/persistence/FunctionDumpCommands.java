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
import dev.larder.store.engine.Engine;
import dev.larder.store.engine.Libraries;
import dev.larder.store.reply.Reply;
import java.util.ArrayList;
import java.util.List;

/** All libraries of functions as bytes that any server understands. */
public final class FunctionDumpCommands {
    public static final Family ALL =
            family(
                    Category.SCRIPTING,
                    command("FUNCTION|DUMP", "")
                            .is(Flag.NOSCRIPT)
                            .since("7.0.0")
                            .cost("O(N) where N is the number of functions")
                            .about("Dumps all libraries into a serialized binary payload.")
                            .does(FunctionDumpCommands::dump),
                    command("FUNCTION|RESTORE", "serialized-value [FLUSH | APPEND | REPLACE]")
                            .is(Flag.NOSCRIPT, Flag.WRITE, Flag.DENYOOM)
                            .since("7.0.0")
                            .cost("O(N) where N is the number of functions on the payload")
                            .about("Restores all libraries from a payload.")
                            .does(FunctionDumpCommands::restore));

    private FunctionDumpCommands() {}

    private static Libraries libraries(Call call) {
        return Engine.of(call).part(Libraries.class);
    }

    static Reply dump(Call call) {
        RdbOutput out = new RdbOutput(Persistence.of(Engine.of(call)).compression());
        for (byte[] source : libraries(call).sources()) {
            out.octet(RdbType.FUNCTION2);
            out.string(source);
        }
        return Reply.bulk(Dump.closed(out, RdbType.VERSION));
    }

    static Reply restore(Call call) {
        Args args = call.args();
        if (args.count() > 4) {
            throw Errors.subcommandSyntax(args.text(1), "FUNCTION");
        }
        Libraries.Policy policy = policy(args);
        byte[] payload = args.bytes(2);
        if (!Dump.isWhole(payload, Engine.of(call).debug().checksChecksums())) {
            throw new CommandException("ERR DUMP payload version or checksum are wrong");
        }
        libraries(call).restore(sources(payload), policy);
        call.counted(1);
        return Reply.OK;
    }

    private static Libraries.Policy policy(Args args) {
        if (args.count() == 3 || args.is(3, "APPEND")) {
            return Libraries.Policy.APPEND;
        }
        if (args.is(3, "REPLACE")) {
            return Libraries.Policy.REPLACE;
        }
        if (args.is(3, "FLUSH")) {
            return Libraries.Policy.FLUSH;
        }
        throw new CommandException(
                "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.");
    }

    private static List<byte[]> sources(byte[] payload) {
        List<byte[]> sources = new ArrayList<>();
        RdbInput in = new RdbInput(payload, 0, payload.length - Dump.FOOTER);
        try {
            while (in.remaining() > 0) {
                if (in.octet() != RdbType.FUNCTION2) {
                    throw new CommandException("ERR given type is not a function");
                }
                sources.add(in.string());
            }
        } catch (BadDataException _) {
            throw new CommandException("ERR failed loading the given functions payload");
        }
        return sources;
    }
}
