package dev.larder.store.command;

/** The families of commands: group in COMMAND DOCS and class of keyspace event. */
public enum Category {
    STRING("string", '$'),
    BITMAP("bitmap", '$'),
    KEYSPACE("generic", 'g'),
    LIST("list", 'l'),
    SET("set", 's'),
    HASH("hash", 'h'),
    SORTEDSET("sorted-set", 'z'),
    GEO("geo", 'z'),
    HYPERLOGLOG("hyperloglog", '$'),
    STREAM("stream", 't'),
    PUBSUB("pubsub", ' '),
    TRANSACTION("transactions", ' '),
    SCRIPTING("scripting", ' '),
    CONNECTION("connection", ' '),
    CLUSTER("cluster", ' '),
    SERVER("server", ' ');

    private final String group;
    private final char eventClass;

    Category(String group, char eventClass) {
        this.group = group;
        this.eventClass = eventClass;
    }

    /** The group of COMMAND DOCS. */
    public String group() {
        return group;
    }

    /** The letter of {@code notify-keyspace-events} for events of this family; a blank has none. */
    public char eventClass() {
        return eventClass;
    }
}
