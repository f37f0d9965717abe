package dev.larder.store.journal;

import java.util.List;

/**
 * One change as it is replayed elsewhere: a command with its arguments, already free of chance and
 * of clock (an SPOP is journalled as the SREM it came to, an EXPIRE as a PEXPIREAT).
 *
 * @param database the index of the database it happened in
 * @param words the command's name and its arguments
 */
public record Effect(int database, List<byte[]> words) {}
