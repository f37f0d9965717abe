package dev.larder.store.value;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Fields and their values: packed in one array while small, a table of records after. */
public final class HashValue implements Value {
    /** Shown each field with its value. Both slices are borrowed. */
    public interface Visitor {
        void visit(Slice field, Slice value);
    }

    private Packed packed = new Packed();
    private ByteTable table;
    private final Slice first = new Slice();
    private final Slice second = new Slice();

    /** How many fields there are. */
    public int size() {
        return table == null ? packed.count() / 2 : table.size();
    }

    /** Points {@code into} at the value of {@code field}; false where there is none. */
    public boolean get(Slice field, Slice into) {
        if (table == null) {
            int place = packed.find(field, 2);
            if (place < 0) {
                return false;
            }
            packed.read(packed.next(place), into);
            return true;
        }
        byte[] record = table.find(field);
        if (record == null) {
            return false;
        }
        int at = ByteTable.key(record, into);
        into.point(record, at, record.length - at);
        return true;
    }

    /**
     * Sets a field; true where it is new. Beyond {@code entriesMax} fields or {@code bytesMax}
     * bytes in one of them the hash becomes a table, for good.
     */
    public boolean put(Slice field, Slice value, long entriesMax, long bytesMax) {
        if (table == null) {
            if (field.length() <= bytesMax && value.length() <= bytesMax) {
                int place = packed.find(field, 2);
                if (place >= 0) {
                    packed.replace(packed.next(place), value);
                    return false;
                }
                if (packed.count() / 2 < entriesMax) {
                    packed.add(field);
                    packed.add(value);
                    return true;
                }
            }
            unpack();
        }
        byte[] record = ByteTable.record(field, value.length());
        value.copyTo(record, record.length - value.length());
        return table.put(field, record) == null;
    }

    private void unpack() {
        table = new ByteTable();
        forEachPacked(
                (field, value) -> {
                    byte[] record = ByteTable.record(field, value.length());
                    value.copyTo(record, record.length - value.length());
                    table.put(field, record);
                });
        packed = null;
    }

    public boolean remove(Slice field) {
        if (table != null) {
            return table.remove(field) != null;
        }
        int place = packed.find(field, 2);
        if (place < 0) {
            return false;
        }
        packed.remove(place, 2);
        return true;
    }

    /** Shows every field. The visitor must not change the hash. */
    public void forEach(Visitor visitor) {
        if (table == null) {
            forEachPacked(visitor);
        } else {
            table.forEach(record -> show(record, visitor));
        }
    }

    private void forEachPacked(Visitor visitor) {
        for (int place = packed.begin(); place < packed.end(); ) {
            place = packed.read(place, first);
            place = packed.read(place, second);
            visitor.visit(first, second);
        }
    }

    private void show(byte[] record, Visitor visitor) {
        int at = ByteTable.key(record, first);
        second.point(record, at, record.length - at);
        visitor.visit(first, second);
    }

    /** As {@link ByteTable#scan}; a packed hash is shown whole. */
    public long scan(long cursor, int count, Visitor visitor) {
        if (table == null) {
            forEachPacked(visitor);
            return 0;
        }
        return table.scan(cursor, count, record -> show(record, visitor));
    }

    /** Shows one field, chosen by chance, of a hash that has any. */
    public void random(RandomGenerator random, Visitor visitor) {
        if (table == null) {
            int place = packed.place(random.nextInt(size()) * 2);
            place = packed.read(place, first);
            packed.read(place, second);
            visitor.visit(first, second);
        } else {
            show(table.random(random), visitor);
        }
    }

    /** Names of all fields, for choosing several different ones. */
    public List<byte[]> fields() {
        List<byte[]> fields = new ArrayList<>(size());
        forEach((field, _) -> fields.add(field.toBytes()));
        return fields;
    }

    @Override
    public String encoding() {
        return table == null ? "listpack" : "hashtable";
    }

    @Override
    public long memoryBytes() {
        return 72 + (table == null ? packed.memoryBytes() : table.memoryBytes());
    }

    @Override
    public Value copy() {
        HashValue copy = new HashValue();
        if (table == null) {
            copy.packed = packed.copy();
        } else {
            forEach((field, value) -> copy.put(field, value, 0, 0));
        }
        return copy;
    }
}
