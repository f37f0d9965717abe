package dev.larder.store.script;

import dev.larder.store.reply.Numbers;
import dev.larder.store.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Replies as values of Lua and values of Lua as replies, by the types of the protocol that the
 * script has asked for; errors among them are tables with the field {@code err}.
 */
final class LuaReplies {
    /** The field of an error of {@code redis.call} that says that it was counted there. */
    static final String COUNTED = "ignore_error_stats_update";

    private static final int DEPTH_MAX = 250;

    private final PucLua lua;
    private final LuaStack stack;
    private final PucLua.Text err;
    private final PucLua.Text ok;
    private int protocol = 2;
    private int depth;

    LuaReplies(PucLua lua) {
        this.lua = lua;
        this.stack = lua.stack();
        this.err = lua.text("err");
        this.ok = lua.text("ok");
    }

    /** 2 or 3, whose types a script sees and makes. */
    void protocol(int version) {
        protocol = version;
    }

    /** Pushes the name of the field that makes a table an error. */
    void pushErrorKey(long l) {
        err.push(l);
    }

    /** Pushes the name of the field that makes a table a status. */
    void pushStatusKey(long l) {
        ok.push(l);
    }

    void push(long l, Reply reply) {
        switch (reply) {
            case Reply.Bulk bulk -> stack.push(l, bulk.bytes());
            case Reply.View view ->
                    stack.push(
                            l, view.slice().array(), view.slice().offset(), view.slice().length());
            case Reply.Int integer -> Lua.pushNumber(l, integer.value());
            case Reply.Status status -> {
                Lua.newTable(l, 0, 1);
                ok.push(l);
                stack.push(l, status.text());
                Lua.rawSet(l, -3);
            }
            case Reply.Failure failure -> pushError(l, failure.text());
            case Reply.Nil _, Reply.None _ -> pushAbsent(l);
            case Reply.Num number -> {
                if (protocol == 3) {
                    Lua.newTable(l, 0, 1);
                    stack.push(l, "double");
                    Lua.pushNumber(l, number.value());
                    Lua.rawSet(l, -3);
                } else {
                    stack.push(l, Numbers.format(number.value()));
                }
            }
            case Reply.Decimal number -> {
                if (protocol == 3) {
                    push(l, new Reply.Num(Double.parseDouble(number.digits())));
                } else {
                    stack.push(l, number.digits());
                }
            }
            case Reply.Bool truth -> {
                if (protocol == 3) {
                    Lua.pushBoolean(l, truth.value());
                } else {
                    Lua.pushNumber(l, truth.value() ? 1 : 0);
                }
            }
            case Reply.BigNumber big -> {
                if (protocol == 3) {
                    Lua.newTable(l, 0, 1);
                    stack.setField(l, "big_number", big.digits());
                } else {
                    stack.push(l, big.digits());
                }
            }
            case Reply.Verbatim verbatim -> {
                if (protocol == 3) {
                    Lua.newTable(l, 0, 1);
                    stack.push(l, "verbatim_string");
                    Lua.newTable(l, 0, 2);
                    stack.push(l, "string");
                    stack.push(l, verbatim.bytes());
                    Lua.rawSet(l, -3);
                    stack.setField(l, "format", verbatim.format());
                    Lua.rawSet(l, -3);
                } else {
                    stack.push(l, verbatim.bytes());
                }
            }
            case Reply.Array array -> pushItems(l, array.items());
            case Reply.Push push -> pushItems(l, push.items());
            case Reply.Many many -> pushItems(l, many.replies());
            case Reply.Attributed with -> push(l, with.reply());
            case Reply.Map map -> {
                if (protocol == 3) {
                    openTable(l, "map", 0, map.keysAndValues().size() / 2);
                    for (int i = 0; i + 1 < map.keysAndValues().size(); i += 2) {
                        push(l, map.keysAndValues().get(i));
                        push(l, map.keysAndValues().get(i + 1));
                        Lua.rawSet(l, -3);
                    }
                    Lua.rawSet(l, -3);
                } else {
                    pushItems(l, map.keysAndValues());
                }
            }
            case Reply.Set set -> {
                if (protocol == 3) {
                    openTable(l, "set", 0, set.items().size());
                    for (Reply item : set.items()) {
                        push(l, item);
                        Lua.pushBoolean(l, true);
                        Lua.rawSet(l, -3);
                    }
                    Lua.rawSet(l, -3);
                } else {
                    pushItems(l, set.items());
                }
            }
            case Reply.Wait wait -> push(l, wait.instead());
            case Reply.Tape tape -> new TapeReader(l, tape).push();
        }
    }

    private void pushAbsent(long l) {
        if (protocol == 3) {
            Lua.pushNil(l);
        } else {
            Lua.pushBoolean(l, false);
        }
    }

    private void openTable(long l, String name, int items, int fields) {
        checkDepth(l);
        Lua.newTable(l, 0, 1);
        stack.push(l, name);
        Lua.newTable(l, items, fields);
    }

    private static void checkDepth(long l) {
        if (!Lua.checkStack(l, 8)) {
            throw LuaError.placed("reached lua stack limit");
        }
    }

    private void pushItems(long l, List<Reply> items) {
        checkDepth(l);
        Lua.newTable(l, items.size(), 0);
        for (int i = 0; i < items.size(); i++) {
            push(l, items.get(i));
            Lua.rawSet(l, -2, i + 1);
        }
    }

    /** Walks a tape without making a tree of it. */
    private final class TapeReader {
        private final long l;
        private final Reply.Tape tape;
        private int token;
        private int at;

        TapeReader(long l, Reply.Tape tape) {
            this.l = l;
            this.tape = tape;
        }

        void push() {
            int kind = tape.kind(token);
            long number = tape.number(token++);
            switch (kind) {
                case Reply.Tape.BULK -> pushBytes((int) number);
                case Reply.Tape.STATUS -> {
                    Lua.newTable(l, 0, 1);
                    ok.push(l);
                    pushBytes((int) number);
                    Lua.rawSet(l, -3);
                }
                case Reply.Tape.INT -> Lua.pushNumber(l, number);
                case Reply.Tape.NUM ->
                        LuaReplies.this.push(l, new Reply.Num(Double.longBitsToDouble(number)));
                case Reply.Tape.DECIMAL -> {
                    if (protocol == 3) {
                        LuaReplies.this.push(l, new Reply.Num(number((int) number)));
                    } else {
                        pushBytes((int) number);
                    }
                }
                case Reply.Tape.NIL, Reply.Tape.NIL_ARRAY -> pushAbsent(l);
                case Reply.Tape.ARRAY -> items(number);
                case Reply.Tape.MAP -> {
                    if (protocol == 3) {
                        fields("map", number, true);
                    } else {
                        items(number * 2);
                    }
                }
                case Reply.Tape.SET -> {
                    if (protocol == 3) {
                        fields("set", number, false);
                    } else {
                        items(number);
                    }
                }
                default -> throw new IllegalStateException("tape token " + kind);
            }
        }

        private double number(int count) {
            at += count;
            return Double.parseDouble(
                    new String(tape.bytes(), at - count, count, StandardCharsets.US_ASCII));
        }

        private void pushBytes(int count) {
            stack.push(l, tape.bytes(), at, count);
            at += count;
        }

        private void items(long count) {
            checkDepth(l);
            Lua.newTable(l, (int) count, 0);
            for (int i = 1; i <= count; i++) {
                push();
                Lua.rawSet(l, -2, i);
            }
        }

        private void fields(String name, long count, boolean valued) {
            openTable(l, name, 0, (int) count);
            for (int i = 0; i < count; i++) {
                push();
                if (valued) {
                    push();
                } else {
                    Lua.pushBoolean(l, true);
                }
                Lua.rawSet(l, -3);
            }
            Lua.rawSet(l, -3);
        }
    }

    /** What lies on top of the stack, as a reply; takes it away. */
    Reply toReply(long l) {
        Reply reply =
                switch (Lua.type(l, -1)) {
                    case Lua.STRING -> new Reply.Bulk(LuaStack.bytes(l, -1));
                    case Lua.NUMBER -> Reply.integer(toInteger(Lua.toNumber(l, -1)));
                    case Lua.BOOLEAN -> {
                        boolean value = Lua.toBoolean(l, -1);
                        yield protocol == 3
                                ? new Reply.Bool(value)
                                : value ? Reply.integer(1) : Reply.Nil.BULK;
                    }
                    case Lua.TABLE -> tableToReply(l);
                    default -> Reply.Nil.BULK;
                };
        Lua.pop(l, 1);
        return reply;
    }

    /** As x86 converts: what is out of range becomes the smallest number. */
    private static long toInteger(double value) {
        return value >= -0x1p63 && value < 0x1p63 ? (long) value : Long.MIN_VALUE;
    }

    private Reply tableToReply(long l) {
        if (depth == DEPTH_MAX || !Lua.checkStack(l, 8)) {
            return new Reply.Failure("ERR reached lua stack limit");
        }
        depth++;
        try {
            return openTableToReply(l);
        } finally {
            depth--;
        }
    }

    private Reply openTableToReply(long l) {
        if (fieldIs(l, "err", Lua.STRING)) {
            Lua.insert(l, -2);
            noteCounted(l);
            Lua.insert(l, -2);
            return new Reply.Failure(PucLua.oneLine(upToZero(LuaStack.take(l))));
        }
        if (fieldIs(l, "ok", Lua.STRING)) {
            return new Reply.Status(PucLua.oneLine(upToZero(LuaStack.take(l))));
        }
        if (fieldIs(l, "double", Lua.NUMBER)) {
            double value = Lua.toNumber(l, -1);
            Lua.pop(l, 1);
            return new Reply.Num(value);
        }
        if (fieldIs(l, "map", Lua.TABLE)) {
            return new Reply.Map(entries(l, true));
        }
        if (fieldIs(l, "set", Lua.TABLE)) {
            return new Reply.Set(entries(l, false));
        }
        if (fieldIs(l, "big_number", Lua.STRING)) {
            return new Reply.BigNumber(PucLua.oneLine(LuaStack.take(l)));
        }
        if (fieldIs(l, "verbatim_string", Lua.TABLE)) {
            String format = field(l, "format");
            stack.push(l, "string");
            Lua.rawGet(l, -2);
            byte[] of = LuaStack.isString(l, -1) ? LuaStack.bytes(l, -1) : null;
            Lua.pop(l, 2);
            if (format != null && of != null) {
                return new Reply.Verbatim((format + "   ").substring(0, 3), of);
            }
        }
        List<Reply> items = new ArrayList<>();
        for (int i = 1; ; i++) {
            Lua.rawGet(l, -1, i);
            if (Lua.type(l, -1) == Lua.NIL) {
                Lua.pop(l, 1);
                return new Reply.Array(items);
            }
            items.add(toReply(l));
        }
    }

    /** Whether a field of the table on top has a type; then its value is on top. */
    private boolean fieldIs(long l, String name, int type) {
        stack.push(l, name);
        Lua.rawGet(l, -2);
        if (Lua.type(l, -1) == type) {
            return true;
        }
        Lua.pop(l, 1);
        return false;
    }

    /** The keys (and values) of the table on top, which is taken away. */
    private List<Reply> entries(long l, boolean valued) {
        List<Reply> entries = new ArrayList<>();
        Lua.pushNil(l);
        while (Lua.next(l, -2)) {
            Lua.pushValue(l, -2);
            entries.add(toReply(l));
            if (valued) {
                entries.add(toReply(l));
            } else {
                Lua.pop(l, 1);
            }
        }
        Lua.pop(l, 1);
        return entries;
    }

    /** Tells the host of an error on top that has been counted before. */
    private void noteCounted(long l) {
        stack.push(l, COUNTED);
        Lua.rawGet(l, -2);
        if (Lua.toBoolean(l, -1)) {
            lua.host().alreadyCounted();
        }
        Lua.pop(l, 1);
    }

    /** The text as a string of C, which ends at its first zero byte. */
    private static String upToZero(String text) {
        int zero = text.indexOf('\0');
        return zero < 0 ? text : text.substring(0, zero);
    }

    /** A field of the table on top, when it is a string or a number, up to a zero byte. */
    String field(long l, String name) {
        stack.push(l, name);
        Lua.rawGet(l, -2);
        String value = LuaStack.isString(l, -1) ? upToZero(LuaStack.text(l, -1)) : null;
        Lua.pop(l, 1);
        return value;
    }

    void pushError(long l, String message) {
        Lua.newTable(l, 0, 1);
        err.push(l);
        stack.push(l, message);
        Lua.rawSet(l, -3);
    }

    Reply failure(long l, Routine routine) {
        if (Lua.type(l, -1) != Lua.TABLE) {
            String why = LuaStack.isString(l, -1) ? LuaStack.text(l, -1) : "execution failure";
            return new Reply.Failure(
                    "ERR Error running script "
                            + routine.name()
                            + ", "
                            + PucLua.oneLine(why.length() > 100 ? why.substring(0, 100) : why));
        }
        String message = field(l, "err");
        String source = field(l, "source");
        String line = field(l, "line");
        String where =
                source == null || line == null
                        ? ""
                        : " script: " + routine.name() + ", on " + source + ":" + line + ".";
        noteCounted(l);
        return new Reply.Failure(
                PucLua.oneLine(message == null ? "ERR unknown error" : message) + where);
    }
}
