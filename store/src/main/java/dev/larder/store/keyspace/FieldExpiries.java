package dev.larder.store.keyspace;

import dev.larder.store.value.Slice;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Which hashes have fields that end, and when the first of each does: at most one note for a key,
 * found by key and in the order of time. A note may be out of date, for nobody says that a hash is
 * gone; it says so itself when it comes up. It is never later than the deadline it stands for.
 */
final class FieldExpiries {
    private record Note(long at, long number, Slice key) implements Comparable<Note> {
        @Override
        public int compareTo(Note other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private final Map<Slice, Note> byKey = new HashMap<>();
    private final TreeSet<Note> byTime = new TreeSet<>();
    private long numbers;

    int size() {
        return byKey.size();
    }

    /** Drops the notes of keys that {@code holds} denies to have fields that end. */
    void keep(Predicate<Slice> holds) {
        byTime.removeIf(
                note -> {
                    boolean stale = !holds.test(note.key);
                    if (stale) {
                        byKey.remove(note.key);
                    }
                    return stale;
                });
    }

    /** Notes that a field of {@code key} ends at {@code at}, and perhaps no other before. */
    void note(Slice key, long at) {
        Note before = byKey.get(key);
        if (before != null) {
            if (before.at <= at) {
                return;
            }
            byTime.remove(before);
        }
        Note note = new Note(at, numbers++, before == null ? new Slice(key.toBytes()) : before.key);
        byKey.put(note.key, note);
        byTime.add(note);
    }

    /** Takes out the key whose time came first, where that is not after {@code now}; or null. */
    Slice take(long now) {
        if (byTime.isEmpty() || byTime.first().at > now) {
            return null;
        }
        Note first = byTime.pollFirst();
        byKey.remove(first.key);
        return first.key;
    }
}
