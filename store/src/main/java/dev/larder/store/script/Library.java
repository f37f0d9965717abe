package dev.larder.store.script;

import java.util.List;

/**
 * A library that is loaded.
 *
 * @param code its source with the first line, as the client sent it
 */
public record Library(String name, byte[] code, List<LibraryFunction> functions) {}
