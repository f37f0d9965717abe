package dev.larder.caching;

/** Where an answer came from, nearest first. */
public enum Tier {
    /** The shared store. */
    STORE,
    /** The source of truth behind the loader. */
    DATABASE
}
