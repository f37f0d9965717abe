package dev.larder.store.acl;

import dev.larder.store.keyspace.Clock;
import dev.larder.store.reply.Reply;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * What was denied lately, the newest first. The same denial within a minute is counted in the entry
 * it already has.
 */
public final class AclLog {
    /** Where a command came from. */
    public enum Context {
        TOPLEVEL("toplevel"),
        MULTI("multi"),
        LUA("lua"),
        MODULE("module");

        private final String name;

        Context(String name) {
            this.name = name;
        }
    }

    private static final long GROUPED_MILLIS = 60_000;
    private static final int COMPARED_MAX = 10;

    private static final class Entry {
        private final long id;
        private final long createdAt;
        private final String reason;
        private final Context context;
        private final String object;
        private final String username;
        private long updatedAt;
        private String clientLine;
        private long count = 1;

        Entry(long id, long now, String reason, Context context, String object, String username) {
            this.id = id;
            this.createdAt = now;
            this.updatedAt = now;
            this.reason = reason;
            this.context = context;
            this.object = object;
            this.username = username;
        }

        boolean isLike(Entry other) {
            return reason.equals(other.reason)
                    && context == other.context
                    && Math.abs(updatedAt - other.updatedAt) <= GROUPED_MILLIS
                    && object.equals(other.object)
                    && username.equals(other.username);
        }

        Reply reply(long now) {
            return Reply.map(
                    Reply.bulk("count"),
                    Reply.integer(count),
                    Reply.bulk("reason"),
                    Reply.bulk(reason),
                    Reply.bulk("context"),
                    Reply.bulk(context.name),
                    Reply.bulk("object"),
                    Reply.bulk(Rules.bytes(object)),
                    Reply.bulk("username"),
                    Reply.bulk(username),
                    Reply.bulk("age-seconds"),
                    new Reply.Num((now - updatedAt) / 1000.0),
                    Reply.bulk("client-info"),
                    Reply.bulk(clientLine),
                    Reply.bulk("entry-id"),
                    Reply.integer(id),
                    Reply.bulk("timestamp-created"),
                    Reply.integer(createdAt),
                    Reply.bulk("timestamp-last-updated"),
                    Reply.integer(updatedAt));
        }
    }

    private final Deque<Entry> entries = new ArrayDeque<>();
    private final Clock clock;
    private final LongSupplier sizeMax;
    private long nextId;

    AclLog(Clock clock, LongSupplier sizeMax) {
        this.clock = clock;
        this.sizeMax = sizeMax;
    }

    /** {@code object} is a rule-like string: the name of the command, key or channel. */
    void add(String reason, Context context, String object, String username, String clientLine) {
        Entry entry = new Entry(nextId, clock.millis(), reason, context, object, username);
        Entry known = takeLike(entry);
        if (known != null) {
            known.updatedAt = entry.updatedAt;
            known.count++;
            entry = known;
        } else {
            nextId++;
        }
        entry.clientLine = clientLine;
        entries.addFirst(entry);
        while (entries.size() > sizeMax.getAsLong()) {
            entries.removeLast();
        }
    }

    /** Takes the entry out that {@code entry} is counted in; only the newest few are looked at. */
    private Entry takeLike(Entry entry) {
        Iterator<Entry> newest = entries.iterator();
        for (int i = 0; i < COMPARED_MAX && newest.hasNext(); i++) {
            Entry candidate = newest.next();
            if (candidate.isLike(entry)) {
                newest.remove();
                return candidate;
            }
        }
        return null;
    }

    void clear() {
        entries.clear();
    }

    /** The newest {@code count} entries, as ACL LOG answers them. */
    Reply newest(long count) {
        List<Reply> replies = new ArrayList<>();
        for (Entry entry : entries) {
            if (replies.size() >= count) {
                break;
            }
            replies.add(entry.reply(clock.millis()));
        }
        return Reply.array(replies);
    }
}
