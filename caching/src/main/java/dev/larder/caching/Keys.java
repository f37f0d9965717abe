package dev.larder.caching;

/**
 * The names of a cache's keys. All keys of one entry carry the same hash tag, so that a script that
 * names them runs on one node of a cluster.
 *
 * <pre>
 * key                     kind     what                                          forgotten after
 * name:{id}               string   the entry, see {@link Entry}                  ttl and stale window
 * name:{id}:fence         string   newest version, token of the last write       fence ttl
 * name:{id}:lease         string   token of the reader that loads                lease
 * name:{id}:wake          channel  tells those who wait for that reader          -
 * name:index:{0..15}      zset     ids by the time (ms) at which they are gone   longest life
 * name:tag:{name}:last    string   the last mark given                           never
 * name:tag:{name}:at:TAG  string   when (mark) the tag was invalidated           fence ttl
 * name:tag:{name}:of:TAG  zset     ids that carry the tag, by their end (ms)     longest life
 * </pre>
 *
 * A cache with partitions (write-behind) writes {@code name:{pN}:id} for the first four, so that
 * the entries of a partition share a slot with the partition's stream, see {@link BehindStore}.
 */
final class Keys {

    static final int INDEXES = 16;
    private static final int LENGTH_MAX = 200;

    private final String name;
    private final int partitions;

    Keys(String name, int partitions) {
        this.name = checked(name);
        this.partitions = partitions;
    }

    /** Braces would move the hash tag, and with it the entry away from its fence. */
    static String checked(String id) {
        if (id.isEmpty()
                || id.length() > LENGTH_MAX
                || id.indexOf('{') >= 0
                || id.indexOf('}') >= 0) {
            throw new IllegalArgumentException(
                    "a cache key has 1 to " + LENGTH_MAX + " characters and no braces: " + id);
        }
        return id;
    }

    String name() {
        return name;
    }

    int partitions() {
        return partitions;
    }

    String entry(String id) {
        return partitions == 0 ? name + ":{" + id + "}" : name + ":{p" + partition(id) + "}:" + id;
    }

    int partition(String id) {
        return Math.floorMod(id.hashCode(), partitions);
    }

    String fence(String id) {
        return entry(id) + ":fence";
    }

    String lease(String id) {
        return entry(id) + ":lease";
    }

    String wake(String id) {
        return entry(id) + ":wake";
    }

    String index(String id) {
        return index(Math.floorMod(id.hashCode(), INDEXES));
    }

    String index(int number) {
        return name + ":index:{" + number + "}";
    }

    String lastMark() {
        return tags() + "last";
    }

    String mark(String tag) {
        return tags() + "at:" + checked(tag);
    }

    String taggedWith(String tag) {
        return tags() + "of:" + checked(tag);
    }

    private String tags() {
        return name + ":tag:{" + name + "}:";
    }
}
