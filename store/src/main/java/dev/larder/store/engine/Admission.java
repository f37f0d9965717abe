package dev.larder.store.engine;

import dev.larder.store.acl.Acl;
import dev.larder.store.acl.AclLog;
import dev.larder.store.acl.Denial;
import dev.larder.store.command.Args;
import dev.larder.store.command.Command;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Flag;
import java.util.function.Supplier;

/** Whether a request may run at all: one line for each reason to refuse it, in the real order. */
final class Admission {
    /**
     * An unknown command is answered with the beginning of its arguments, up to this many bytes.
     */
    private static final int ECHOED_MAX = 128;

    private final Acl acl;
    private Supplier<String> writeRefusal;
    private Gate gate;
    private String busy;

    Admission(Acl acl) {
        this.acl = acl;
    }

    /** Gives the error that commands get that write, or null; itself null where none can be. */
    void refuseWrites(Supplier<String> error) {
        writeRefusal = error;
    }

    /** Sets who refuses by the state of replication, or null for nobody. */
    void gate(Gate keeper) {
        gate = keeper;
    }

    /** The refusal of a script by what it declares, as of a command of such flags, or null. */
    String scriptRefusal(Client client, boolean writes, boolean needsFreshData) {
        if (client.isMaster()) {
            return null;
        }
        String refusal = writes && writeRefusal != null ? writeRefusal.get() : null;
        return refusal != null || gate == null ? refusal : gate.refusal(writes, needsFreshData);
    }

    /** The refusal of a command that a script runs on data that is too old for it, or null. */
    String staleRefusal(Client client, Command command) {
        return gate != null
                        && !client.isMaster()
                        && !command.has(Flag.STALE)
                        && gate.refusal(false, true) != null
                ? "ERR Can not execute the command on a stale replica"
                : null;
    }

    private String gateRefusal(Client client, Command command) {
        boolean writes = command.writes();
        boolean needsFresh = !command.has(Flag.STALE);
        if (client.inTransaction() && command.name().equals("EXEC")) {
            for (Client.Queued queued : client.queue) {
                writes |= queued.command().writes();
                needsFresh |= !queued.command().has(Flag.STALE);
            }
        }
        return gate.refusal(writes, needsFresh);
    }

    /** The error that all commands get that may not run beside a busy one, null for none. */
    void busy(String error) {
        busy = error;
    }

    String busy() {
        return busy;
    }

    /** The error that the client gets, or null for an admitted request. */
    String refusal(Client client, Command command, Args args) {
        if (command == null) {
            return unknown(args);
        }
        if (command.body() == null) {
            return args.count() > 1
                    ? "ERR unknown subcommand '"
                            + Errors.clip(args.text(1))
                            + "'. Try "
                            + command.name()
                            + " HELP."
                    : wrongArity(command);
        }
        if (!command.acceptsCount(args.count())) {
            return wrongArity(command);
        }
        if (!client.isAuthenticated() && !command.has(Flag.NO_AUTH) && acl.asksForPassword()) {
            return Errors.NO_AUTH;
        }
        if (client.inTransaction() && command.has(Flag.NO_MULTI)) {
            return "ERR Command not allowed inside a transaction";
        }
        if (!client.user().isUnlimited()) {
            String denial = denial(client, command, args);
            if (denial != null) {
                return denial;
            }
        }
        if (client.protocol() == 2
                && client.subscriptions() > 0
                && !Engine.isPermittedWhileSubscribed(command)) {
            return "ERR Can't execute '"
                    + command.lowerName()
                    + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed"
                    + " in this context";
        }
        if (writeRefusal != null
                && !client.isMaster()
                && (command.writes() || command.name().equals("PING"))) {
            String refusal = writeRefusal.get();
            if (refusal != null) {
                return refusal;
            }
        }
        if (gate != null && !client.isMaster()) {
            String refusal = gateRefusal(client, command);
            if (refusal != null) {
                return refusal;
            }
        }
        if (busy != null && !command.has(Flag.ALLOW_BUSY)) {
            return busy;
        }
        return null;
    }

    /** The refusal of a command that the client's user may not run, which is noted, or null. */
    String denial(Client client, Command command, Args args) {
        client.asks(command, client.lastCommandAt());
        AclLog.Context context =
                client.inTransaction() ? AclLog.Context.MULTI : AclLog.Context.TOPLEVEL;
        Denial denial = acl.check(client, command, args, context);
        return denial == null ? null : "NOPERM " + Acl.message(denial, client.user(), command);
    }

    private static String wrongArity(Command command) {
        return "ERR wrong number of arguments for '" + command.lowerName() + "' command";
    }

    /** A word as a string of C, which ends at its first zero byte. */
    private static String shown(Args args, int index) {
        String word = args.text(index);
        int zero = word.indexOf('\0');
        return zero < 0 ? word : word.substring(0, zero);
    }

    private static String unknown(Args args) {
        StringBuilder echoed = new StringBuilder();
        for (int i = 1; i < args.count() && echoed.length() < ECHOED_MAX; i++) {
            String word = shown(args, i);
            int room = ECHOED_MAX - echoed.length();
            echoed.append('\'').append(word, 0, Math.min(word.length(), room)).append("' ");
        }
        String name = shown(args, 0);
        return "ERR unknown command '"
                + name.substring(0, Math.min(name.length(), ECHOED_MAX))
                + "', with args beginning with: "
                + echoed.toString().replace('\r', ' ').replace('\n', ' ');
    }
}
