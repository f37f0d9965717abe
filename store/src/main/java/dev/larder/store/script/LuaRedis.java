package dev.larder.store.script;

import dev.larder.store.command.Args;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** {@code redis}: commands, replies, the log, and what else a script asks of the server. */
final class LuaRedis {
    private static final int WORDS_BYTES_KEPT_MAX = 1 << 20;

    private final PucLua lua;
    private final LuaStack stack;
    private final LuaReplies replies;
    private final Args words = new Args();
    private int[] offsets = new int[16];
    private int[] lengths = new int[16];
    private byte[] bytes = new byte[1024];

    LuaRedis(PucLua lua, LuaReplies replies) {
        this.lua = lua;
        this.stack = lua.stack();
        this.replies = replies;
    }

    void register(PucLua.Registry registry) {
        registry.register("call", l -> command(l, false));
        registry.register("try", l -> command(l, true));
        registry.register("error_reply", this::errorReply);
        registry.register("status_reply", this::statusReply);
        registry.register("sha1hex", this::sha1hex);
        registry.register("log", this::log);
        registry.register("setresp", this::setresp);
        registry.register("acl_check_cmd", this::aclCheck);
        registry.register("set_repl", this::setRepl);
        // There is no debugger, and scripts are always told by their effects.
        registry.register("breakpoint", l -> answer(l, false));
        registry.register("debug", _ -> 0);
        registry.register("replicate_commands", l -> answer(l, true));
    }

    private static int answer(long l, boolean value) {
        Lua.pushBoolean(l, value);
        return 1;
    }

    /** A script has ended: memory that one large call took is given back. */
    void trim() {
        if (bytes.length > WORDS_BYTES_KEPT_MAX) {
            bytes = new byte[1024];
        }
    }

    private int command(long l, boolean tried) {
        checkRunning("redis.call/pcall");
        int count = Lua.top(l);
        if (count == 0) {
            return refused(
                    l, tried, "ERR Please specify at least one argument for this redis lib call");
        }
        if (!takeWords(l, count)) {
            return refused(
                    l, tried, "ERR Lua redis lib command arguments must be strings or integers");
        }
        Reply reply = lua.host().call(words);
        Lua.top(l, 0);
        if (reply instanceof Reply.Failure failure) {
            replies.pushError(l, failure.text());
            // It has been counted where it happened; answering it is no second error.
            stack.push(l, LuaReplies.COUNTED);
            Lua.pushBoolean(l, true);
            Lua.rawSet(l, -3);
            if (!tried) {
                throw LuaError.ON_TOP;
            }
            return 1;
        }
        replies.push(l, reply);
        return 1;
    }

    /** Refuses what would speak to the store while a library is loaded. */
    private void checkRunning(String what) {
        if (lua.isLoading()) {
            throw LuaError.table("ERR " + what + " can only be called inside a script invocation");
        }
    }

    private int refused(long l, boolean tried, String text) {
        if (!tried) {
            throw LuaError.table(text);
        }
        replies.pushError(l, text);
        return 1;
    }

    /** Points the words at the arguments of the current call; false when one is no word. */
    private boolean takeWords(long l, int count) {
        if (offsets.length < count) {
            offsets = new int[count * 2];
            lengths = new int[count * 2];
        }
        int used = 0;
        for (int i = 1; i <= count; i++) {
            int type = Lua.type(l, i);
            int length;
            if (type == Lua.STRING) {
                length = (int) Lua.length(l, i);
                makeRoom(used, length);
                Lua.copy(Lua.address(l, i), bytes, used, length);
            } else if (type == Lua.NUMBER) {
                byte[] digits =
                        LuaStack.format(Lua.toNumber(l, i), 17).getBytes(StandardCharsets.US_ASCII);
                length = digits.length;
                makeRoom(used, length);
                System.arraycopy(digits, 0, bytes, used, length);
            } else {
                return false;
            }
            offsets[i - 1] = used;
            lengths[i - 1] = length;
            used += length;
        }
        words.point(bytes, offsets, lengths, count);
        return true;
    }

    private void makeRoom(int used, int more) {
        if (bytes.length - used < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(used, more)));
        }
    }

    private int errorReply(long l) {
        if (Lua.top(l) != 1 || Lua.type(l, 1) != Lua.STRING) {
            replies.pushError(l, "ERR wrong number or type of arguments");
            return 1;
        }
        String text = LuaStack.text(l, 1);
        if (text.startsWith("-")) {
            text = text.substring(1);
        }
        int space = text.indexOf(' ');
        String message = space < 0 ? "ERR " + text : text;
        replies.pushError(l, message.stripTrailing().isEmpty() ? message : trimEnd(message));
        return 1;
    }

    private static String trimEnd(String text) {
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == '\r' || text.charAt(end - 1) == '\n')) {
            end--;
        }
        return text.substring(0, end);
    }

    private int statusReply(long l) {
        if (Lua.top(l) != 1 || Lua.type(l, 1) != Lua.STRING) {
            replies.pushError(l, "ERR wrong number or type of arguments");
            return 1;
        }
        Lua.newTable(l, 0, 1);
        replies.pushStatusKey(l);
        Lua.pushValue(l, 1);
        Lua.rawSet(l, -3);
        return 1;
    }

    private int sha1hex(long l) {
        if (Lua.top(l) != 1) {
            throw LuaError.table("ERR wrong number of arguments");
        }
        byte[] of = LuaStack.isString(l, 1) ? LuaStack.bytes(l, 1) : new byte[0];
        stack.push(l, PucLua.sha1(of));
        return 1;
    }

    private int log(long l) {
        int count = Lua.top(l);
        if (count < 2) {
            throw LuaError.table("ERR redis.log() requires two arguments or more.");
        }
        if (!Lua.isNumber(l, 1)) {
            throw LuaError.table("ERR First argument must be a number (log level).");
        }
        int level = (int) Lua.toNumber(l, 1);
        if (level < 0 || level > 3) {
            throw LuaError.table("ERR Invalid debug level.");
        }
        StringBuilder message = new StringBuilder();
        for (int i = 2; i <= count; i++) {
            if (LuaStack.isString(l, i)) {
                message.append(i == 2 ? "" : " ").append(LuaStack.text(l, i));
            }
        }
        lua.host().log(level, Utf8.encode(message.toString()));
        return 0;
    }

    private int setresp(long l) {
        checkRunning("redis.setresp");
        if (Lua.top(l) != 1) {
            throw LuaError.table("ERR redis.setresp() requires one argument.");
        }
        long wanted = LuaStack.checkInteger(l, 1);
        if (wanted != 2 && wanted != 3) {
            throw LuaError.table("ERR RESP version must be 2 or 3.");
        }
        replies.protocol((int) wanted);
        lua.host().protocol((int) wanted);
        return 0;
    }

    private int aclCheck(long l) {
        checkRunning("redis.acl_check_cmd");
        int count = Lua.top(l);
        if (count == 0) {
            throw LuaError.table(
                    "ERR Please specify at least one argument for this redis lib call");
        }
        if (!takeWords(l, count)) {
            throw LuaError.table(
                    "ERR redis.acl_check_cmd() requires strings or integers arguments");
        }
        Reply reply = lua.host().mayRun(words);
        if (reply instanceof Reply.Failure) {
            throw LuaError.table("ERR Invalid command passed to redis.acl_check_cmd()");
        }
        Lua.pushBoolean(l, reply instanceof Reply.Bool allowed && allowed.value());
        return 1;
    }

    private int setRepl(long l) {
        checkRunning("redis.set_repl");
        if (Lua.top(l) != 1) {
            throw LuaError.table("ERR redis.set_repl() requires two arguments.");
        }
        long flags = (long) Lua.toNumber(l, 1);
        if ((flags & ~3L) != 0) {
            throw LuaError.table(
                    "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or"
                            + " REPL_NONE.");
        }
        lua.host().replicated(flags != 0);
        return 0;
    }
}
