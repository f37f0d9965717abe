package dev.larder.store.value;

import java.util.Arrays;

/**
 * Elements in order, fast at both ends: packed nodes of bounded size in a ring of references. While
 * all are in one node it is what clients know as a listpack, and then a quicklist until, by {@link
 * #shrunk}, it is small enough again.
 */
public final class ListValue implements Value {
    /** Shown elements in order, borrowed; answers whether it wants the next. */
    public interface Visitor {
        boolean visit(Slice element);
    }

    /** Bounds of a node for the fill factors -1 to -5 of {@code list-max-listpack-size}. */
    private static final int[] NODE_BYTES = {4096, 8192, 16_384, 32_768, 65_536};

    /** What the number of elements may be at most where the fill factor says bytes. */
    private static final int NODE_BYTES_SAFE = 8192;

    /** What a listpack of the real servers has around its elements; its limits count it. */
    private static final int FRAME_BYTES = 7;

    private static final int NODES_LOOKED_AT_MAX = 6;

    private int fill;
    private Packed[] ring = new Packed[2];
    private int head;
    private int nodes;
    private int size;

    /** Whether it is a quicklist, though it may have one node only. */
    private boolean quick;

    /** {@code fill}: elements in a node when positive, -1 … -5 for 4 to 64 KB of bytes. */
    public ListValue(int fill) {
        this.fill = fill == 0 ? 1 : fill;
        ring[0] = new Packed();
        nodes = 1;
    }

    public int size() {
        return size;
    }

    private Packed node(int index) {
        return ring[head + index & ring.length - 1];
    }

    private boolean hasRoom(Packed node, int length) {
        return node.count() == 0
                || fits(node.bytes() + (long) Packed.sizeOf(length), node.count() + 1L);
    }

    /** Whether a node may have so many bytes and elements. */
    private boolean fits(long bytes, long count) {
        return fill > 0 ? count <= fill && bytes <= NODE_BYTES_SAFE : bytes <= bytesMax();
    }

    private int bytesMax() {
        return NODE_BYTES[Math.min(-fill, NODE_BYTES.length) - 1];
    }

    /**
     * Prepares for {@code count} more elements of {@code bytes} bytes together: where these do not
     * fit into the one node of a listpack, it becomes a quicklist. {@code now} is the fill factor
     * of the configuration; a quicklist keeps the one that it was made with.
     */
    public void expect(int now, int count, long bytes) {
        if (!quick) {
            if (nodes == 1) {
                fill = now == 0 ? 1 : now;
            }
            quick = nodes > 1 || !fits(FRAME_BYTES + node(0).bytes() + bytes, size + (long) count);
        }
    }

    /**
     * Says that elements were removed or replaced: a quicklist of one node becomes a listpack again
     * once it is at most half as large as one may be, so that it does not go back and forth.
     */
    public void shrunk(int now) {
        if (quick && nodes == 1) {
            int before = fill;
            fill = now == 0 ? 1 : now;
            boolean small =
                    fill > 0 ? size <= fill / 2 : FRAME_BYTES + node(0).bytes() <= bytesMax() / 2;
            if (small) {
                quick = false;
            } else {
                fill = before;
            }
        }
    }

    private void insertNode(int index, Packed node) {
        if (nodes == ring.length) {
            Packed[] doubled = new Packed[nodes * 2];
            for (int i = 0; i < nodes; i++) {
                doubled[i] = node(i);
            }
            ring = doubled;
            head = 0;
        }
        int mask = ring.length - 1;
        if (index < nodes / 2) {
            head = head - 1 & mask;
            for (int i = 0; i < index; i++) {
                ring[head + i & mask] = ring[head + i + 1 & mask];
            }
        } else {
            for (int i = nodes; i > index; i--) {
                ring[head + i & mask] = ring[head + i - 1 & mask];
            }
        }
        ring[head + index & mask] = node;
        nodes++;
    }

    private void removeNode(int index) {
        if (nodes == 1) {
            return;
        }
        int mask = ring.length - 1;
        if (index < nodes / 2) {
            for (int i = index; i > 0; i--) {
                ring[head + i & mask] = ring[head + i - 1 & mask];
            }
            ring[head] = null;
            head = head + 1 & mask;
        } else {
            for (int i = index; i < nodes - 1; i++) {
                ring[head + i & mask] = ring[head + i + 1 & mask];
            }
            ring[head + nodes - 1 & mask] = null;
        }
        nodes--;
    }

    public void pushFirst(Slice pushed) {
        Packed first = node(0);
        if (!hasRoom(first, pushed.length())) {
            first.trim();
            first = new Packed();
            insertNode(0, first);
        }
        first.insert(first.begin(), pushed);
        size++;
    }

    public void pushLast(Slice pushed) {
        Packed last = node(nodes - 1);
        if (!hasRoom(last, pushed.length())) {
            last.trim();
            last = new Packed();
            insertNode(nodes, last);
        }
        last.add(pushed);
        size++;
    }

    /** Removes the first element of a list that has any, and points {@code into} at its bytes. */
    public void popFirst(Slice into) {
        Packed first = node(0);
        first.read(first.begin(), into);
        removeAt(0, first, first.begin(), 1);
    }

    /** Removes the last element of a list that has any, and points {@code into} at its bytes. */
    public void popLast(Slice into) {
        Packed last = node(nodes - 1);
        int place = last.previous(last.end());
        last.read(place, into);
        removeAt(nodes - 1, last, place, 1);
    }

    private void removeAt(int index, Packed node, int place, int count) {
        node.remove(place, count);
        size -= count;
        if (node.count() == 0) {
            removeNode(index);
        }
    }

    /** Finds the node of element {@code index}: its index in the high half, the rest in the low. */
    private long locate(int index) {
        if (index < size / 2) {
            int rest = index;
            for (int i = 0; ; i++) {
                int count = node(i).count();
                if (rest < count) {
                    return (long) i << 32 | rest;
                }
                rest -= count;
            }
        }
        int rest = size - index;
        for (int i = nodes - 1; ; i--) {
            int count = node(i).count();
            if (rest <= count) {
                return (long) i << 32 | count - rest;
            }
            rest -= count;
        }
    }

    /** Points {@code into} at element {@code index}, counted from 0; it exists. */
    public void get(int index, Slice into) {
        long where = locate(index);
        Packed node = node((int) (where >>> 32));
        node.read(node.place((int) where), into);
    }

    public void set(int index, Slice value) {
        long where = locate(index);
        Packed node = node((int) (where >>> 32));
        node.replace(node.place((int) where), value);
    }

    /** Puts an element before the one at {@code index}, or at the end. */
    public void insert(int index, Slice inserted) {
        if (index == size) {
            pushLast(inserted);
            return;
        }
        if (index == 0) {
            pushFirst(inserted);
            return;
        }
        long where = locate(index);
        int at = (int) (where >>> 32);
        Packed node = node(at);
        int place = node.place((int) where);
        if (hasRoom(node, inserted.length())) {
            node.insert(place, inserted);
        } else if ((int) where == 0) {
            Packed between = new Packed();
            between.add(inserted);
            insertNode(at, between);
        } else {
            Packed tail = node.split(place, (int) where);
            insertNode(at + 1, tail);
            if (hasRoom(node, inserted.length())) {
                node.add(inserted);
            } else {
                Packed between = new Packed();
                between.add(inserted);
                insertNode(at + 1, between);
            }
        }
        size++;
    }

    /** Removes {@code count} elements from {@code index} on; they exist. */
    public void remove(int index, int count) {
        int left = count;
        while (left > 0) {
            long where = locate(index);
            int at = (int) (where >>> 32);
            Packed node = node(at);
            int here = Math.min(left, node.count() - (int) where);
            if (here == node.count() && nodes > 1) {
                removeNode(at);
                size -= here;
            } else {
                removeAt(at, node, node.place((int) where), here);
            }
            left -= here;
        }
    }

    /** Shows elements from {@code index} on, to the end or until the visitor has enough. */
    public void forEach(int index, Visitor visitor) {
        if (index >= size) {
            return;
        }
        long where = locate(index);
        int at = (int) (where >>> 32);
        int place = node(at).place((int) where);
        Slice element = new Slice();
        while (true) {
            Packed node = node(at);
            while (place < node.end()) {
                place = node.read(place, element);
                if (!visitor.visit(element)) {
                    return;
                }
            }
            if (++at == nodes) {
                return;
            }
            place = node(at).begin();
        }
    }

    /** Shows elements from the last to the first, until the visitor has enough. */
    public void forEachBackwards(Visitor visitor) {
        Slice element = new Slice();
        for (int at = nodes - 1; at >= 0; at--) {
            Packed node = node(at);
            int place = node.end();
            while (place > node.begin()) {
                place = node.previous(place);
                node.read(place, element);
                if (!visitor.visit(element)) {
                    return;
                }
            }
        }
    }

    /** How many nodes it has. */
    public int nodes() {
        return nodes;
    }

    /** Shows the elements of one node in order. */
    public void forEachInNode(int index, SetValue.Visitor visitor) {
        Packed node = node(index);
        Slice element = new Slice();
        for (int place = node.begin(); place < node.end(); ) {
            place = node.read(place, element);
            visitor.visit(element);
        }
    }

    @Override
    public String encoding() {
        return quick || nodes > 1 ? "quicklist" : "listpack";
    }

    @Override
    public void compact() {
        if (nodes == 1) {
            node(0).trim();
        }
    }

    @Override
    public long memoryBytes() {
        // Nodes between the ends are alike, so a few of them stand for all.
        long bytes = node(0).memoryBytes() + (nodes > 1 ? node(nodes - 1).memoryBytes() : 0);
        int between = nodes - 2;
        if (between > 0) {
            int looked = Math.min(between, NODES_LOOKED_AT_MAX);
            long seen = 0;
            for (int i = 0; i < looked; i++) {
                seen += node(1 + (int) ((long) i * between / looked)).memoryBytes();
            }
            bytes += seen * between / looked;
        }
        return 56 + ring.length * 4L + bytes;
    }

    @Override
    public Value copy() {
        ListValue copy = new ListValue(fill);
        copy.ring = Arrays.copyOf(ring, ring.length);
        copy.head = head;
        copy.nodes = nodes;
        copy.size = size;
        copy.quick = quick;
        for (int i = 0; i < copy.ring.length; i++) {
            copy.ring[i] = ring[i] == null ? null : ring[i].copy();
        }
        return copy;
    }
}
