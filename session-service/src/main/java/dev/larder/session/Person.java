package dev.larder.session;

/**
 * Somebody who signs in.
 *
 * @param id a UUID, the same for the same display name
 */
public record Person(String id, String displayName) {}
