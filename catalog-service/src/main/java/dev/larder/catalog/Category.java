package dev.larder.catalog;

/** A shelf and how many products stand on it. */
public record Category(String id, String name, long products) {}
