package dev.larder.store.reply;

import dev.larder.store.value.Slice;
import dev.larder.store.value.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * What a command answers: typed, never bytes. {@code resp.ReplyWriter} is the one place that turns
 * a reply into RESP2 or RESP3; a script, a transaction or a test reads the same objects.
 *
 * <p>{@link View} and {@link Tape} are flyweights of the engine: valid until the next command runs.
 * Who keeps a reply longer takes {@link #detached()}.
 */
public sealed interface Reply {
    Reply OK = new Status("OK");
    Reply QUEUED = new Status("QUEUED");
    Reply PONG = new Status("PONG");

    /** A simple string such as {@code +OK}. */
    record Status(String text) implements Reply {}

    /** An error; {@code text} begins with its code, as in {@code ERR syntax error}. */
    record Failure(String text) implements Reply {
        /** The first word: {@code ERR}, {@code WRONGTYPE}, {@code NOSCRIPT} … */
        public String code() {
            int space = text.indexOf(' ');
            return space < 0 ? text : text.substring(0, space);
        }
    }

    record Int(long value) implements Reply {}

    /** A bulk string that owns its bytes. */
    record Bulk(byte[] bytes) implements Reply {
        @Override
        public boolean equals(Object other) {
            return other instanceof Bulk that && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return '"' + new String(bytes, StandardCharsets.ISO_8859_1) + '"';
        }
    }

    /** A bulk string that lies in somebody else's array; see the note on flyweights above. */
    final class View implements Reply {
        private final Slice slice = new Slice();

        public Slice slice() {
            return slice;
        }

        @Override
        public String toString() {
            return "View[" + slice + "]";
        }
    }

    /**
     * The absent value: {@code $-1} in RESP2 (or {@code *-1} for {@link #ARRAY}), {@code _} in
     * RESP3.
     */
    enum Nil implements Reply {
        BULK,
        ARRAY
    }

    /** A floating-point number: a bulk string in RESP2, {@code ,} in RESP3. */
    record Num(double value) implements Reply {}

    /** A number whose digits are given: a bulk string in RESP2, {@code ,} in RESP3. */
    record Decimal(String digits) implements Reply {}

    /** A truth value: 1 or 0 in RESP2, {@code #t} or {@code #f} in RESP3. */
    record Bool(boolean value) implements Reply {}

    /** An integer of any length: a bulk string in RESP2, {@code (} in RESP3. */
    record BigNumber(String digits) implements Reply {}

    /** Text with a format of three letters: a bulk string in RESP2, {@code =} in RESP3. */
    record Verbatim(String format, byte[] bytes) implements Reply {
        @Override
        public boolean equals(Object other) {
            return other instanceof Verbatim that
                    && format.equals(that.format)
                    && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    record Array(List<Reply> items) implements Reply {}

    /** Keys and values in turn: a flat array in RESP2, {@code %} in RESP3. */
    record Map(List<Reply> keysAndValues) implements Reply {}

    /** An array in RESP2, {@code ~} in RESP3. */
    record Set(List<Reply> items) implements Reply {}

    /** Out of band data: an array in RESP2, {@code >} in RESP3. */
    record Push(List<Reply> items) implements Reply {}

    /**
     * A reply with what is said about it, as keys and values in turn: {@code |} before the reply in
     * RESP3, left out elsewhere.
     */
    record Attributed(List<Reply> attributes, Reply reply) implements Reply {}

    /** Several replies to one command, as SUBSCRIBE gives one for each channel. */
    record Many(List<Reply> replies) implements Reply {}

    /** No reply at all. */
    enum None implements Reply {
        NONE
    }

    /**
     * Not yet: the engine keeps the command and runs its body again when one of {@code keys}
     * changes. {@code timeoutMillis} 0 waits for ever; {@code instead} is answered when the time is
     * over; where waiting is impossible (in a transaction or a script) {@code refused} is, at once.
     * {@code again} are the words to run then, where they are not those that were sent: a {@code $}
     * of XREAD is the end of the stream at the first run; null for the same words.
     */
    record Wait(byte[][] keys, long timeoutMillis, Reply instead, List<byte[]> again, Reply refused)
            implements Reply {
        public Wait(byte[][] keys, long timeoutMillis, Reply instead) {
            this(keys, timeoutMillis, instead, null);
        }

        public Wait(byte[][] keys, long timeoutMillis, Reply instead, List<byte[]> again) {
            this(keys, timeoutMillis, instead, again, instead);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    static Reply integer(long value) {
        return value >= IntCache.LOWEST && value < IntCache.LOWEST + IntCache.INTS.length
                ? IntCache.INTS[(int) value - IntCache.LOWEST]
                : new Int(value);
    }

    static Reply status(String text) {
        return new Status(text);
    }

    static Reply bulk(byte[] bytes) {
        return new Bulk(bytes);
    }

    static Reply bulk(String text) {
        return new Bulk(Utf8.encode(text));
    }

    static Reply array(Reply... items) {
        return new Array(List.of(items));
    }

    static Reply array(List<Reply> items) {
        return new Array(items);
    }

    static Reply map(Reply... keysAndValues) {
        return new Map(List.of(keysAndValues));
    }

    /** This reply without flyweights: equal in meaning, safe to keep. */
    default Reply detached() {
        return switch (this) {
            case View view -> new Bulk(view.slice().toBytes());
            case Tape tape -> tape.toReply();
            case Array array -> new Array(detached(array.items()));
            case Map map -> new Map(detached(map.keysAndValues()));
            case Set set -> new Set(detached(set.items()));
            case Push push -> new Push(detached(push.items()));
            case Many many -> new Many(detached(many.replies()));
            case Attributed with ->
                    new Attributed(detached(with.attributes()), with.reply().detached());
            case Status _,
                    Failure _,
                    Int _,
                    Bulk _,
                    Nil _,
                    Num _,
                    Decimal _,
                    Bool _,
                    BigNumber _,
                    Verbatim _,
                    None _,
                    Wait _ ->
                    this;
        };
    }

    private static List<Reply> detached(List<Reply> items) {
        return items.stream().map(Reply::detached).toList();
    }

    /** Small integers are most of all integer replies; they are made once. */
    final class IntCache {
        private static final int LOWEST = -2;
        private static final Int[] INTS = new Int[10_002];

        static {
            for (int i = 0; i < INTS.length; i++) {
                INTS[i] = new Int(i + LOWEST);
            }
        }

        private IntCache() {}
    }

    /**
     * A reply of any shape and size written down as a flat run of tokens, so that an answer of a
     * thousand elements is not a thousand objects. The engine lends one to each command ({@code
     * call.tape()}); an aggregate is opened by {@link #array}, {@link #map} or {@link #set} with
     * the count of what follows (pairs, for a map).
     */
    final class Tape implements Reply {
        public static final byte BULK = 0;
        public static final byte INT = 1;
        public static final byte NUM = 2;
        public static final byte NIL = 3;
        public static final byte NIL_ARRAY = 4;
        public static final byte ARRAY = 5;
        public static final byte MAP = 6;
        public static final byte SET = 7;
        public static final byte STATUS = 8;
        public static final byte DECIMAL = 9;

        private static final int KEPT_BYTES_MAX = 1 << 20;

        private byte[] kinds = new byte[64];
        private long[] numbers = new long[64];
        private int tokens;
        private byte[] bytes = new byte[1024];
        private int used;

        /** Forgets everything; a buffer that one large answer blew up is given back. */
        public Tape clear() {
            tokens = 0;
            used = 0;
            if (bytes.length > KEPT_BYTES_MAX || kinds.length > KEPT_BYTES_MAX) {
                bytes = new byte[1024];
                kinds = new byte[64];
                numbers = new long[64];
            }
            return this;
        }

        public Tape array(long count) {
            return token(ARRAY, count);
        }

        public Tape map(long pairs) {
            return token(MAP, pairs);
        }

        public Tape set(long count) {
            return token(SET, count);
        }

        public Tape integer(long value) {
            return token(INT, value);
        }

        public Tape number(double value) {
            return token(NUM, Double.doubleToRawLongBits(value));
        }

        /** A number whose digits are given. */
        public Tape decimal(String digits) {
            byte[] from = Utf8.encode(digits);
            return text(DECIMAL, from, 0, from.length);
        }

        public Tape nil() {
            return token(NIL, 0);
        }

        public Tape nilArray() {
            return token(NIL_ARRAY, 0);
        }

        public Tape bulk(Slice slice) {
            return bulk(slice.array(), slice.offset(), slice.length());
        }

        public Tape bulk(byte[] from) {
            return bulk(from, 0, from.length);
        }

        public Tape bulk(String text) {
            return bulk(Utf8.encode(text));
        }

        public Tape bulk(byte[] from, int offset, int count) {
            return text(BULK, from, offset, count);
        }

        public Tape status(String text) {
            byte[] from = Utf8.encode(text);
            return text(STATUS, from, 0, from.length);
        }

        /** Where an aggregate whose count is not known yet begins; {@link #close} sets it. */
        public int openArray() {
            token(ARRAY, 0);
            return tokens - 1;
        }

        /** The same for a map, whose count is of pairs. */
        public int openMap() {
            token(MAP, 0);
            return tokens - 1;
        }

        /** Sets the count of the aggregate opened at {@code mark}. */
        public Tape close(int mark, long count) {
            numbers[mark] = count;
            return this;
        }

        public int tokens() {
            return tokens;
        }

        public byte kind(int token) {
            return kinds[token];
        }

        /** An integer, a count, the bits of a double, or the length of a bulk. */
        public long number(int token) {
            return numbers[token];
        }

        /** The bytes of all bulks, one after another in the order of the tokens. */
        public byte[] bytes() {
            return bytes;
        }

        private Tape token(byte kind, long number) {
            if (tokens == kinds.length) {
                kinds = Arrays.copyOf(kinds, tokens * 2);
                numbers = Arrays.copyOf(numbers, tokens * 2);
            }
            kinds[tokens] = kind;
            numbers[tokens++] = number;
            return this;
        }

        private Tape text(byte kind, byte[] from, int offset, int count) {
            if (bytes.length - used < count) {
                bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, used + count));
            }
            Slice.copy(from, offset, bytes, used, count);
            used += count;
            return token(kind, count);
        }

        /** The same reply as a tree of its own. */
        public Reply toReply() {
            return new Reader().next();
        }

        @Override
        public String toString() {
            return toReply().toString();
        }

        private final class Reader {
            private int token;
            private int at;

            Reply next() {
                int kind = kinds[token];
                long number = numbers[token++];
                return switch (kind) {
                    case BULK -> new Bulk(take((int) number));
                    case STATUS -> new Status(Utf8.decode(take((int) number)));
                    case DECIMAL -> new Decimal(Utf8.decode(take((int) number)));
                    case INT -> Reply.integer(number);
                    case NUM -> new Num(Double.longBitsToDouble(number));
                    case NIL -> Nil.BULK;
                    case NIL_ARRAY -> Nil.ARRAY;
                    case ARRAY -> new Array(items(number));
                    case MAP -> new Map(items(number * 2));
                    case SET -> new Set(items(number));
                    default -> throw new IllegalStateException("tape token " + kind);
                };
            }

            private byte[] take(int count) {
                at += count;
                return Arrays.copyOfRange(bytes, at - count, at);
            }

            private List<Reply> items(long count) {
                Reply[] items = new Reply[(int) count];
                for (int i = 0; i < items.length; i++) {
                    items[i] = next();
                }
                return List.of(items);
            }
        }
    }
}
