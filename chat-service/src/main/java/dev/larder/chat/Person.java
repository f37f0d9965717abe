package dev.larder.chat;

/** Somebody who talks. */
public record Person(String id, String displayName) {}
