package dev.larder.store.acl;

import dev.larder.store.value.Slice;
import java.util.Set;

/** A connection as access control sees it. */
public interface Session {
    User user();

    void user(User user);

    boolean isAuthenticated();

    void authenticated(boolean yes);

    boolean inTransaction();

    /** The line of CLIENT LIST about it at this time, without its end. */
    String line(long now);

    Set<Slice> channels();

    Set<Slice> patterns();

    Set<Slice> shardChannels();

    void closeAfterReply();

    void closeNow();
}
