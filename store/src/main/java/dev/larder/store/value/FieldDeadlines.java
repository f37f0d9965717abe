package dev.larder.store.value;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * When the fields of a large hash end. Each field that ends has a record in a table of its own (the
 * field, then its deadline in 8 bytes) and a place in a binary heap, earliest first.
 *
 * <p>A record is never changed: a new deadline is a new record, and the heap finds out that the old
 * one is no longer in the table when it comes up. Once such leftovers are the greater part of the
 * heap it is built anew, so that every change costs O(log n) on average.
 */
final class FieldDeadlines {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int LEFTOVERS_MIN = 32;

    private final ByteTable byField = new ByteTable();
    private final List<byte[]> heap = new ArrayList<>();
    private final Slice shown = new Slice();

    int size() {
        return byField.size();
    }

    private static long deadline(byte[] record) {
        return (long) LONGS.get(record, record.length - 8);
    }

    /** Milliseconds since 1970; 0 for a field that does not end. */
    long get(Slice field) {
        byte[] record = byField.find(field);
        return record == null ? 0 : deadline(record);
    }

    void set(Slice field, long at) {
        byte[] record = ByteTable.record(field, 8);
        LONGS.set(record, record.length - 8, at);
        byField.put(field, record);
        push(record);
        if (heap.size() > 2 * byField.size() + LEFTOVERS_MIN) {
            heap.clear();
            byField.forEach(this::push);
        }
    }

    /** False where the field had no deadline. */
    boolean clear(Slice field) {
        return byField.remove(field) != null;
    }

    /** The earliest deadline; {@code Long.MAX_VALUE} where there is none. */
    long earliest() {
        byte[] first = first();
        return first == null ? Long.MAX_VALUE : deadline(first);
    }

    /** A field that ends at {@code now} or before, or null; borrowed. */
    Slice due(long now) {
        byte[] first = first();
        if (first == null || deadline(first) > now) {
            return null;
        }
        ByteTable.key(first, shown);
        return shown;
    }

    private byte[] first() {
        while (!heap.isEmpty()) {
            byte[] first = heap.getFirst();
            ByteTable.key(first, shown);
            if (byField.find(shown) == first) {
                return first;
            }
            pop();
        }
        return null;
    }

    private void push(byte[] record) {
        heap.add(record);
        long at = deadline(record);
        int i = heap.size() - 1;
        while (i > 0) {
            byte[] parent = heap.get((i - 1) / 2);
            if (deadline(parent) <= at) {
                break;
            }
            heap.set(i, parent);
            i = (i - 1) / 2;
        }
        heap.set(i, record);
    }

    private void pop() {
        byte[] last = heap.removeLast();
        if (heap.isEmpty()) {
            return;
        }
        long at = deadline(last);
        int i = 0;
        for (int child; (child = 2 * i + 1) < heap.size(); i = child) {
            if (child + 1 < heap.size()
                    && deadline(heap.get(child + 1)) < deadline(heap.get(child))) {
                child++;
            }
            if (deadline(heap.get(child)) >= at) {
                break;
            }
            heap.set(i, heap.get(child));
        }
        heap.set(i, last);
    }

    long memoryBytes() {
        return 64 + byField.memoryBytes() + 4L * heap.size();
    }
}
