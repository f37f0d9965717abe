package dev.larder.store.resp;

import dev.larder.store.reply.Numbers;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import dev.larder.store.value.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Turns replies into RESP2 or RESP3 bytes, appended to one growing array that its owner empties
 * after each batch. See the <a
 * href="https://redis.io/docs/latest/develop/reference/protocol-spec/">protocol specification</a>.
 */
public final class ReplyWriter {
    private static final byte[] MIN_LONG =
            "-9223372036854775808".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OK = "+OK\r\n".getBytes(StandardCharsets.US_ASCII);

    /** The room for replies that a connection has from the beginning, in bytes. */
    public static final int SIZE_START = 16 * 1024;

    private static final int SIZE_MIN = 1024;

    /** Strings from this size on are not copied into the array, but handed on as they are. */
    private static final int LARGE_BYTES = 32 * 1024;

    /** Takes a large string, which comes after all that was written so far. Borrowed. */
    @FunctionalInterface
    public interface Large {
        void take(byte[] from, int offset, int count);
    }

    private final Large large;
    private byte[] out = new byte[SIZE_START];
    private int used;
    private int peak;

    /** A writer that keeps everything. */
    public ReplyWriter() {
        this(null);
    }

    /** {@code large} empties this writer and then sends the string that it is given. */
    public ReplyWriter(Large large) {
        this.large = large;
    }

    /** The bytes written so far: {@link #array()} from 0 to this. */
    public int size() {
        return used;
    }

    public byte[] array() {
        return out;
    }

    /** Forgets what was written; an array blown up by one large reply is given back. */
    public void clear() {
        peak = Math.max(peak, used);
        used = 0;
        if (out.length > 64 * SIZE_START) {
            out = new byte[SIZE_START];
        }
    }

    /** The most that was written at a time since {@link #forgetPeak}. */
    public int peak() {
        return Math.max(peak, used);
    }

    public void forgetPeak() {
        peak = 0;
    }

    /** Gives back memory that the peak shows to be idle, down to {@value #SIZE_MIN} bytes. */
    public void shrink() {
        if (used == 0 && out.length / 2 >= SIZE_MIN && peak < out.length / 2) {
            out = new byte[Math.max(SIZE_MIN, peak + 1)];
        }
    }

    /** Appends {@code reply}. {@code protocol} is 2 or 3. */
    public void write(Reply reply, int protocol) {
        switch (reply) {
            case Reply.View view -> bulk(view.slice());
            case Reply.Int number -> line((byte) ':', number.value());
            case Reply.Status status -> status(status);
            case Reply.Bulk bulk -> bulk(bulk.bytes(), 0, bulk.bytes().length);
            case Reply.Nil nil -> nil(nil == Reply.Nil.ARRAY, protocol);
            case Reply.Tape tape -> tape(tape, protocol);
            case Reply.Failure failure -> text((byte) '-', failure.text());
            case Reply.Num number -> number(number.value(), protocol);
            case Reply.Decimal number -> decimal(Utf8.encode(number.digits()), protocol);
            case Reply.Bool bool -> bool(bool.value(), protocol);
            case Reply.BigNumber number -> bigNumber(number.digits(), protocol);
            case Reply.Verbatim verbatim -> verbatim(verbatim, protocol);
            case Reply.Array array ->
                    items((byte) '*', array.items().size(), array.items(), protocol);
            case Reply.Map map -> map(map.keysAndValues(), protocol);
            case Reply.Set set ->
                    items(
                            (byte) (protocol == 3 ? '~' : '*'),
                            set.items().size(),
                            set.items(),
                            protocol);
            case Reply.Push push ->
                    items(
                            (byte) (protocol == 3 ? '>' : '*'),
                            push.items().size(),
                            push.items(),
                            protocol);
            case Reply.Many many -> {
                for (Reply each : many.replies()) {
                    write(each, protocol);
                }
            }
            case Reply.Attributed with -> {
                if (protocol == 3) {
                    items((byte) '|', with.attributes().size() / 2, with.attributes(), protocol);
                }
                write(with.reply(), protocol);
            }
            case Reply.None _ -> {}
            case Reply.Wait _ -> throw new IllegalStateException("a wait is no answer");
        }
    }

    /** Appends bytes that are no reply. */
    public void raw(byte[] bytes) {
        room(bytes.length);
        System.arraycopy(bytes, 0, out, used, bytes.length);
        used += bytes.length;
    }

    /** Opens an array of {@code count} replies that the caller writes next. */
    public void openArray(int count) {
        line((byte) '*', count);
    }

    private void status(Reply.Status status) {
        if (status == Reply.OK) {
            room(OK.length);
            System.arraycopy(OK, 0, out, used, OK.length);
            used += OK.length;
        } else {
            text((byte) '+', status.text());
        }
    }

    private void items(byte type, int count, List<Reply> items, int protocol) {
        line(type, count);
        for (Reply item : items) {
            write(item, protocol);
        }
    }

    private void map(List<Reply> keysAndValues, int protocol) {
        int size = keysAndValues.size();
        if (protocol == 3) {
            items((byte) '%', size / 2, keysAndValues, protocol);
        } else {
            items((byte) '*', size, keysAndValues, protocol);
        }
    }

    private void tape(Reply.Tape tape, int protocol) {
        int at = 0;
        for (int i = 0; i < tape.tokens(); i++) {
            long number = tape.number(i);
            switch (tape.kind(i)) {
                case Reply.Tape.BULK -> {
                    bulk(tape.bytes(), at, (int) number);
                    at += (int) number;
                }
                case Reply.Tape.STATUS -> {
                    raw((byte) '+', tape.bytes(), at, (int) number);
                    at += (int) number;
                }
                case Reply.Tape.DECIMAL -> {
                    decimal(tape.bytes(), at, (int) number, protocol);
                    at += (int) number;
                }
                case Reply.Tape.INT -> line((byte) ':', number);
                case Reply.Tape.NUM -> number(Double.longBitsToDouble(number), protocol);
                case Reply.Tape.NIL -> nil(false, protocol);
                case Reply.Tape.NIL_ARRAY -> nil(true, protocol);
                case Reply.Tape.ARRAY -> line((byte) '*', number);
                case Reply.Tape.MAP ->
                        line(
                                (byte) (protocol == 3 ? '%' : '*'),
                                protocol == 3 ? number : number * 2);
                case Reply.Tape.SET -> line((byte) (protocol == 3 ? '~' : '*'), number);
                default -> throw new IllegalStateException("tape token " + tape.kind(i));
            }
        }
    }

    private void nil(boolean array, int protocol) {
        room(5);
        if (protocol == 3) {
            out[used++] = '_';
        } else {
            out[used++] = (byte) (array ? '*' : '$');
            out[used++] = '-';
            out[used++] = '1';
        }
        end();
    }

    private void bool(boolean value, int protocol) {
        room(4);
        out[used++] = (byte) (protocol == 3 ? '#' : ':');
        out[used++] = (byte) (protocol == 3 ? (value ? 't' : 'f') : (value ? '1' : '0'));
        end();
    }

    private void number(double value, int protocol) {
        decimal(Numbers.format(value), protocol);
    }

    private void decimal(byte[] digits, int protocol) {
        decimal(digits, 0, digits.length, protocol);
    }

    private void decimal(byte[] from, int offset, int count, int protocol) {
        if (protocol == 3) {
            raw((byte) ',', from, offset, count);
        } else {
            bulk(from, offset, count);
        }
    }

    private void bigNumber(String digits, int protocol) {
        byte[] bytes = digits.getBytes(StandardCharsets.US_ASCII);
        if (protocol == 3) {
            raw((byte) '(', bytes, 0, bytes.length);
        } else {
            bulk(bytes, 0, bytes.length);
        }
    }

    private void verbatim(Reply.Verbatim verbatim, int protocol) {
        if (protocol == 2) {
            bulk(verbatim.bytes(), 0, verbatim.bytes().length);
            return;
        }
        line((byte) '=', verbatim.bytes().length + 4L);
        room(verbatim.bytes().length + 6);
        for (int i = 0; i < 3; i++) {
            out[used++] = (byte) verbatim.format().charAt(i);
        }
        out[used++] = ':';
        System.arraycopy(verbatim.bytes(), 0, out, used, verbatim.bytes().length);
        used += verbatim.bytes().length;
        end();
    }

    /**
     * A line of text; a line break inside would be the end of it for the reader, so it is a blank.
     */
    private void text(byte type, String text) {
        byte[] bytes = Utf8.encode(text);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\r' || bytes[i] == '\n') {
                bytes[i] = ' ';
            }
        }
        raw(type, bytes, 0, bytes.length);
    }

    private void raw(byte type, byte[] from, int offset, int count) {
        room(count + 3);
        out[used++] = type;
        Slice.copy(from, offset, out, used, count);
        used += count;
        end();
    }

    private void bulk(Slice slice) {
        bulk(slice.array(), slice.offset(), slice.length());
    }

    private void bulk(byte[] from, int offset, int count) {
        boolean handedOn = count >= LARGE_BYTES && large != null;
        room(handedOn ? 16 : count + 16);
        out[used++] = '$';
        digits(count);
        end();
        if (handedOn) {
            large.take(from, offset, count);
            room(2);
        } else {
            Slice.copy(from, offset, out, used, count);
            used += count;
        }
        end();
    }

    private void line(byte type, long number) {
        room(24);
        out[used++] = type;
        digits(number);
        end();
    }

    private void digits(long number) {
        if (number >= 0 && number < 10) {
            out[used++] = (byte) ('0' + number);
            return;
        }
        if (number == Long.MIN_VALUE) {
            System.arraycopy(MIN_LONG, 0, out, used, MIN_LONG.length);
            used += MIN_LONG.length;
            return;
        }
        long rest = number;
        if (rest < 0) {
            out[used++] = '-';
            rest = -rest;
        }
        int length = 1;
        for (long power = 10; length < 19 && rest >= power; power *= 10) {
            length++;
        }
        for (int at = used + length - 1; at >= used; at--) {
            long tenth = rest / 10;
            out[at] = (byte) ('0' + (rest - tenth * 10));
            rest = tenth;
        }
        used += length;
    }

    private void end() {
        out[used++] = '\r';
        out[used++] = '\n';
    }

    private void room(int count) {
        if (out.length - used < count) {
            long wanted = Math.max((long) out.length * 2, (long) used + count);
            out = Arrays.copyOf(out, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
        }
    }
}
