package dev.larder.store.value;

import java.util.Arrays;

/**
 * Some entries of a {@link Stream}, one after another in one array. Most entries of a stream have
 * the same fields and nearly the same ids, so both are told as differences from the first: an entry
 * with the fields of the first is its values alone.
 *
 * <pre>
 *   fields of the first entry:  how many, then each as length and bytes
 *   each entry:                 flags: 1 = deleted, 2 = has the fields of the first
 *                               milliseconds after the first's, sequence after or before the first's
 *                               length of what follows
 *                               values; or how many words, then fields and values in turn
 * </pre>
 *
 * Numbers have 7 bits a byte, lowest first; a difference that may be negative is told in zigzag. An
 * entry that is deleted is marked, and the block written anew once most of it is of that kind.
 */
final class StreamBlock {
    private static final int DELETED = 1;
    private static final int SAME_FIELDS = 2;
    private static final int FIRST_BYTES = 128;
    private static final int WORTH_COMPACTING = 512;

    /** Where an entry lies and what it is; filled by {@link #read}. */
    static final class Cursor {
        long millis;
        long sequence;
        boolean deleted;
        boolean same;
        int body;
        int next;

        int compare(StreamId id) {
            int first = Long.compareUnsigned(millis, id.millis());
            return first != 0 ? first : Long.compareUnsigned(sequence, id.sequence());
        }

        StreamId id() {
            return new StreamId(millis, sequence);
        }
    }

    /** The id of the first entry it ever had. */
    final long millis;

    final long sequence;
    private byte[] data = new byte[FIRST_BYTES];
    private int used;
    private int entries;

    /** No live entry lies before this place. */
    private int first;

    private int added;
    private int live;
    private int deletedBytes;
    private int fields;

    /** The id of the last entry it was given, deleted or not. */
    private long lastMillis;

    private long lastSequence;

    /** A block whose first entry will be {@code id} with the fields of {@code words}. */
    StreamBlock(StreamId id, Stream.Words words, int count) {
        millis = id.millis();
        sequence = id.sequence();
        fields = count / 2;
        int size = sizeOf(fields);
        for (int i = 0; i < count; i += 2) {
            size += sizeOf(words.word(i));
        }
        reserve(size);
        write(fields);
        for (int i = 0; i < count; i += 2) {
            write(words.word(i));
        }
        entries = used;
        first = used;
    }

    private StreamBlock(StreamBlock other) {
        millis = other.millis;
        sequence = other.sequence;
        data = Arrays.copyOf(other.data, other.used);
        used = other.used;
        entries = other.entries;
        first = other.first;
        added = other.added;
        live = other.live;
        deletedBytes = other.deletedBytes;
        fields = other.fields;
        lastMillis = other.lastMillis;
        lastSequence = other.lastSequence;
    }

    StreamBlock copy() {
        return new StreamBlock(this);
    }

    /** How many entries are not deleted. */
    int live() {
        return live;
    }

    /** How many entries were ever appended. */
    int added() {
        return added;
    }

    int bytes() {
        return used;
    }

    long memoryBytes() {
        return 80 + Value.arrayBytes(data.length);
    }

    int compare(StreamId id) {
        int first = Long.compareUnsigned(millis, id.millis());
        return first != 0 ? first : Long.compareUnsigned(sequence, id.sequence());
    }

    // Writing.

    private static int sizeOf(long number) {
        return (70 - Long.numberOfLeadingZeros(number | 1)) / 7;
    }

    private static int sizeOf(Slice word) {
        return sizeOf(word.length()) + word.length();
    }

    private void reserve(int size) {
        if (data.length - used < size) {
            data = Arrays.copyOf(data, Math.max(data.length * 2, used + size));
        }
    }

    private void write(long number) {
        long rest = number;
        while ((rest & ~0x7FL) != 0) {
            data[used++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        data[used++] = (byte) rest;
    }

    private void write(Slice word) {
        write(word.length());
        used = word.copyTo(data, used);
    }

    private boolean hasFieldsOf(Stream.Words words, int count) {
        if (count != fields * 2) {
            return false;
        }
        int at = sizeOf(fields);
        for (int i = 0; i < count; i += 2) {
            int length = (int) number(at);
            at += sizeOf(length);
            if (!words.word(i).sameAs(data, at, length)) {
                return false;
            }
            at += length;
        }
        return true;
    }

    /** Appends an entry of {@code count} words, fields and values in turn. */
    void append(StreamId id, Stream.Words words, int count) {
        boolean same = hasFieldsOf(words, count);
        int step = same ? 2 : 1;
        int body = same ? 0 : sizeOf(count);
        for (int i = step - 1; i < count; i += step) {
            body = Math.addExact(body, sizeOf(words.word(i)));
        }
        long later = id.millis() - millis;
        long difference = id.sequence() - sequence;
        long zigzag = difference << 1 ^ difference >> 63;
        reserve(Math.addExact(body, 1 + sizeOf(later) + sizeOf(zigzag) + sizeOf(body)));
        data[used++] = (byte) (same ? SAME_FIELDS : 0);
        write(later);
        write(zigzag);
        write(body);
        if (!same) {
            write(count);
        }
        for (int i = step - 1; i < count; i += step) {
            write(words.word(i));
        }
        added++;
        live++;
        lastMillis = id.millis();
        lastSequence = id.sequence();
    }

    /** Gives back the room for entries that will not come. */
    void seal() {
        data = Arrays.copyOf(data, used);
    }

    /** Marks the entry at {@code place} as deleted. */
    void delete(int place) {
        Cursor cursor = read(place, new Cursor());
        data[place] |= DELETED;
        live--;
        deletedBytes += cursor.next - place;
        if (place == first) {
            first = cursor.next;
        }
        if (deletedBytes > WORTH_COMPACTING && deletedBytes > used / 2) {
            compact();
        }
    }

    private void compact() {
        byte[] kept = new byte[used - deletedBytes];
        System.arraycopy(data, 0, kept, 0, entries);
        int to = entries;
        Cursor cursor = new Cursor();
        for (int place = entries; place < used; place = cursor.next) {
            read(place, cursor);
            if (!cursor.deleted) {
                System.arraycopy(data, place, kept, to, cursor.next - place);
                to += cursor.next - place;
            }
        }
        data = kept;
        used = to;
        first = entries;
        deletedBytes = 0;
    }

    // Reading.

    private long number(int place) {
        return number(data, place);
    }

    private static long number(byte[] data, int place) {
        int at = place;
        byte b = data[at++];
        long number = b & 0x7F;
        for (int shift = 7; b < 0; shift += 7) {
            b = data[at++];
            number |= (long) (b & 0x7F) << shift;
        }
        return number;
    }

    /** Where to begin to {@link #read}. */
    int begin() {
        return first;
    }

    int end() {
        return used;
    }

    /** Reads the entry at {@code place}; the next one is at {@code into.next}. */
    Cursor read(int place, Cursor into) {
        int flags = data[place];
        into.deleted = (flags & DELETED) != 0;
        into.same = (flags & SAME_FIELDS) != 0;
        int at = place + 1;
        long later = number(at);
        at += sizeOf(later);
        long zigzag = number(at);
        at += sizeOf(zigzag);
        long length = number(at);
        into.millis = millis + later;
        into.sequence = sequence + (zigzag >>> 1 ^ -(zigzag & 1));
        into.body = at + sizeOf(length);
        into.next = into.body + (int) length;
        return into;
    }

    /** The fields and values of the entry that {@code cursor} has read. */
    Stream.Fields fields(Cursor cursor) {
        return new Stream.Fields(data, cursor.body, cursor.same ? fields * 2 : -1);
    }

    /** The place of the entry {@code id}, where there is a live one; -1. */
    int find(StreamId id, Cursor cursor) {
        for (int place = first; place < used; place = cursor.next) {
            int order = read(place, cursor).compare(id);
            if (order >= 0) {
                return order == 0 && !cursor.deleted ? place : -1;
            }
        }
        return -1;
    }

    /** The first live entry of a block that has any. */
    Cursor firstLive(Cursor cursor) {
        int place = first;
        while (read(place, cursor).deleted) {
            place = cursor.next;
        }
        first = place;
        return cursor;
    }

    /** The place of the first live entry, which {@code cursor} has read then. */
    int firstLivePlace(Cursor cursor) {
        firstLive(cursor);
        return first;
    }

    /** The last entry it was given, be it deleted meanwhile. */
    StreamId last() {
        return new StreamId(lastMillis, lastSequence);
    }

    /** The last live entry of a block that has any. */
    StreamId lastLive() {
        Cursor cursor = new Cursor();
        StreamId last = null;
        int left = live;
        for (int place = first; left > 0; place = cursor.next) {
            if (!read(place, cursor).deleted && --left == 0) {
                last = cursor.id();
            }
        }
        return last;
    }

    /** The places of the live entries, in order. */
    int[] places() {
        int[] places = new int[live];
        int found = 0;
        Cursor cursor = new Cursor();
        for (int place = first; found < live; place = cursor.next) {
            if (!read(place, cursor).deleted) {
                places[found++] = place;
            }
        }
        return places;
    }

    /** Shows the words of an entry; {@code count} is -1 where it has fields of its own. */
    static void forEachWord(byte[] data, int body, int count, SetValue.Visitor visitor) {
        Slice shown = new Slice();
        int at = body;
        if (count < 0) {
            long words = number(data, at);
            at += sizeOf(words);
            for (long i = 0; i < words; i++) {
                int length = (int) number(data, at);
                at += sizeOf(length);
                visitor.visit(shown.point(data, at, length));
                at += length;
            }
            return;
        }
        int name = sizeOf(count / 2);
        for (int i = 0; i < count; i += 2) {
            int length = (int) number(data, name);
            name += sizeOf(length);
            visitor.visit(shown.point(data, name, length));
            name += length;
            length = (int) number(data, at);
            at += sizeOf(length);
            visitor.visit(shown.point(data, at, length));
            at += length;
        }
    }

    static int words(byte[] data, int body) {
        return (int) number(data, body);
    }
}
