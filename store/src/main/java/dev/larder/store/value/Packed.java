package dev.larder.store.value;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A sequence of byte strings in one array, walked from either end: a small hash, set or list is one
 * of these and no object more. Each element is its length (7 bits a byte, high bit: more follow),
 * its bytes, and the size of both written backwards, by which it is stepped over from behind.
 *
 * <p>A place is the index of an element's first byte; {@link #end()} is the place after the last.
 * There may be room on both sides, so pushing at the front moves nothing.
 */
final class Packed {
    private static final VarHandle DOUBLES =
            MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int SMALL_BYTES = 192;
    private static final byte[] NONE = {};

    private byte[] data;
    private int from;
    private int to;
    private int count;

    Packed() {
        data = NONE;
    }

    private Packed(byte[] data, int count) {
        this.data = data;
        this.to = data.length;
        this.count = count;
    }

    int count() {
        return count;
    }

    int bytes() {
        return to - from;
    }

    long memoryBytes() {
        return 24 + Value.arrayBytes(data.length);
    }

    Packed copy() {
        return new Packed(Arrays.copyOfRange(data, from, to), count);
    }

    /** Gives back the room on both sides, for a sequence that will hardly grow any more. */
    void trim() {
        if (to - from < data.length) {
            data = Arrays.copyOfRange(data, from, to);
            to -= from;
            from = 0;
        }
    }

    int begin() {
        return from;
    }

    int end() {
        return to;
    }

    /** Points {@code into} at the element at {@code place} and returns the place after it. */
    int read(int place, Slice into) {
        int length = 0;
        int at = place;
        int shift = 0;
        byte b;
        do {
            b = data[at++];
            length |= (b & 0x7F) << shift;
            shift += 7;
        } while (b < 0);
        into.point(data, at, length);
        int head = at - place + length;
        return at + length + backSize(head);
    }

    /** The element at {@code place}, which is a double of eight bytes, little endian. */
    double doubleAt(int place) {
        return (double) DOUBLES.get(data, place + 1);
    }

    int next(int place) {
        int length = 0;
        int at = place;
        int shift = 0;
        byte b;
        do {
            b = data[at++];
            length |= (b & 0x7F) << shift;
            shift += 7;
        } while (b < 0);
        int head = at - place + length;
        return at + length + backSize(head);
    }

    /** The place of the element before {@code place}, which is not the first. */
    int previous(int place) {
        int size = 0;
        int at = place - 1;
        int shift = 0;
        byte b;
        do {
            b = data[at--];
            size |= (b & 0x7F) << shift;
            shift += 7;
        } while (b < 0);
        return at + 1 - size;
    }

    private static int varintSize(int value) {
        int size = 1;
        for (int rest = value >>> 7; rest != 0; rest >>>= 7) {
            size++;
        }
        return size;
    }

    private static int backSize(int head) {
        return varintSize(head);
    }

    static int sizeOf(int length) {
        int head = varintSize(length) + length;
        return head + backSize(head);
    }

    private void write(int place, Slice element) {
        int at = place;
        int rest = element.length();
        while (rest > 0x7F) {
            data[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        data[at++] = (byte) rest;
        at = element.copyTo(data, at);
        // Backwards: the byte read first, the last one, has the lowest bits.
        int head = at - place;
        int size = backSize(head);
        int back = at + size - 1;
        rest = head;
        for (int i = 0; i < size; i++) {
            data[back--] = (byte) (rest & 0x7F | (i < size - 1 ? 0x80 : 0));
            rest >>>= 7;
        }
    }

    /** Puts an element before the one at {@code place}, or at the end. */
    void insert(int place, Slice element) {
        int size = sizeOf(element.length());
        int at = open(place, size);
        write(at, element);
        count++;
    }

    void add(Slice element) {
        insert(to, element);
    }

    /** Makes room of {@code size} bytes at {@code place}; returns where it is now. */
    private int open(int place, int size) {
        if (place == from && from >= size && count > 0) {
            from -= size;
            return from;
        }
        if (data.length - to < size) {
            return reallocate(place, size);
        }
        System.arraycopy(data, place, data, place + size, to - place);
        to += size;
        return place;
    }

    /**
     * Room to grow into. Most small sequences are written once, and there are millions of them, so
     * these get little; a long one, which moves more when it grows, gets a quarter.
     */
    private static int slack(int used) {
        return used < SMALL_BYTES ? 8 : used / 4;
    }

    private int reallocate(int place, int size) {
        int used = to - from;
        int room = used + size + slack(used);
        byte[] grown = new byte[room];
        // Pushing at the front wants its room there.
        boolean front = place == from && count > 0;
        int start = front ? room - used - size : 0;
        int before = place - from;
        System.arraycopy(data, from, grown, start, before);
        System.arraycopy(data, place, grown, start + before + size, to - place);
        data = grown;
        from = start;
        to = start + used + size;
        return start + before;
    }

    /**
     * Removes {@code elements} elements from {@code place} on; what came after them is there then.
     */
    int remove(int place, int elements) {
        int after = place;
        for (int i = 0; i < elements; i++) {
            after = next(after);
        }
        count -= elements;
        if (place == from) {
            from = after;
            if (count == 0) {
                from = 0;
                to = 0;
            }
            return from;
        }
        System.arraycopy(data, after, data, place, to - after);
        to -= after - place;
        return place;
    }

    void replace(int place, Slice element) {
        int after = next(place);
        int size = sizeOf(element.length());
        if (after - place == size) {
            write(place, element);
            return;
        }
        int at = remove(place, 1);
        insert(count == 0 ? to : at, element);
    }

    /**
     * The place of the first element equal to {@code wanted}, looking at every {@code step}th; -1.
     */
    int find(Slice wanted, int step) {
        int place = from;
        while (place < to) {
            int length = 0;
            int at = place;
            int shift = 0;
            byte b;
            do {
                b = data[at++];
                length |= (b & 0x7F) << shift;
                shift += 7;
            } while (b < 0);
            if (length == wanted.length() && wanted.sameAs(data, at, length)) {
                return place;
            }
            place = at + length + backSize(at - place + length);
            for (int i = 1; i < step; i++) {
                place = next(place);
            }
        }
        return -1;
    }

    /** The place of element {@code index} counted from the front; it exists. */
    int place(int index) {
        if (index < count / 2) {
            int place = from;
            for (int i = 0; i < index; i++) {
                place = next(place);
            }
            return place;
        }
        int place = to;
        for (int i = count; i > index; i--) {
            place = previous(place);
        }
        return place;
    }

    /** Moves the elements from {@code place} on into a new sequence. */
    Packed split(int place, int elementsBefore) {
        Packed tail = new Packed(Arrays.copyOfRange(data, place, to), count - elementsBefore);
        to = place;
        count = elementsBefore;
        return tail;
    }
}
