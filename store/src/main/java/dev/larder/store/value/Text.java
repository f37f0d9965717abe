package dev.larder.store.value;

import java.util.Arrays;

/** A string that grows in place: what APPEND, SETRANGE and SETBIT make of a small one. */
public final class Text implements Value {
    private byte[] bytes;
    private int length;

    /** A copy of the bytes that {@code from} shows. */
    public Text(Slice from) {
        bytes = from.toBytes();
        length = bytes.length;
    }

    private Text(byte[] owned) {
        bytes = owned;
        length = owned.length;
    }

    /** A text of {@code owned}, which is not copied: nobody else may write to it any more. */
    public static Text of(byte[] owned) {
        return new Text(owned);
    }

    public int length() {
        return length;
    }

    /** Points {@code into} at all bytes; they are borrowed until this value changes. */
    public void view(Slice into) {
        into.point(bytes, 0, length);
    }

    public void append(Slice more) {
        room(Math.addExact(length, more.length()));
        length = more.copyTo(bytes, length);
    }

    /** Overwrites bytes from {@code offset} on; a gap before it is filled with zeros. */
    public void setRange(int offset, Slice part) {
        int end = Math.addExact(offset, part.length());
        room(end);
        part.copyTo(bytes, offset);
        length = Math.max(length, end);
    }

    /** Puts {@code count} bytes of {@code with} in the place of {@code removed} bytes. */
    void splice(int at, int removed, byte[] with, int count) {
        int after = length - removed + count;
        room(after);
        System.arraycopy(bytes, at + removed, bytes, at + count, length - at - removed);
        System.arraycopy(with, 0, bytes, at, count);
        if (after < length) {
            Arrays.fill(bytes, after, length, (byte) 0);
        }
        length = after;
    }

    /** Exchanges all bytes for {@code owned}, which is not copied. */
    void become(byte[] owned) {
        bytes = owned;
        length = owned.length;
    }

    /** Makes it {@code wanted} bytes long at least, by zeros behind its end; whether it grew. */
    public boolean grow(int wanted) {
        if (wanted <= length) {
            return false;
        }
        room(wanted);
        length = wanted;
        return true;
    }

    /**
     * The bytes, of which the first {@link #length} count, to be written to in place; theirs until
     * this value changes.
     */
    public byte[] array() {
        return bytes;
    }

    /** Room for {@code wanted} bytes; the bytes behind the length are zero always. */
    private void room(int wanted) {
        if (wanted > bytes.length) {
            // Doubled while it is small, then by an eighth, so that a large one is copied seldom.
            long spare = Math.min(bytes.length, Math.max(1 << 20, bytes.length >> 3));
            bytes =
                    Arrays.copyOf(
                            bytes, (int) Math.max(wanted, Math.min(bytes.length + spare, 1 << 30)));
        }
    }

    @Override
    public String encoding() {
        return "raw";
    }

    @Override
    public long memoryBytes() {
        return 24 + Value.arrayBytes(bytes.length);
    }

    @Override
    public Value copy() {
        return new Text(new Slice().point(bytes, 0, length));
    }
}
