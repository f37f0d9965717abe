package dev.larder.caching;

/** Where an answer came from, nearest first. */
public enum Tier {
    /** Hot: this JVM. */
    HOT,
    /** Warm: the shared store. */
    STORE,
    /** Cold: the source of truth behind the loader. */
    DATABASE
}
