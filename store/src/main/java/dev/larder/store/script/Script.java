package dev.larder.store.script;

/**
 * A compiled script.
 *
 * @param sha1 the lower-case hexadecimal SHA-1 of its source, by which clients call it again
 * @param source the source as the client sent it
 * @param flags what its first line promises ({@code #!lua flags=no-writes})
 * @param handle how its engine knows it
 */
public record Script(String sha1, byte[] source, Flags flags, int handle) {
    /**
     * What a script's first line promises.
     *
     * @param declared whether there is such a line; without one a script is judged command by
     *     command, as before Redis 7
     */
    public record Flags(
            boolean declared,
            boolean noWrites,
            boolean allowOom,
            boolean allowStale,
            boolean noCluster,
            boolean allowCrossSlotKeys) {
        static final Flags NONE = new Flags(false, false, false, false, false, false);

        /** Reads {@code #!lua flags=a,b}; {@code line} has no line feed. */
        static Flags parse(String line) throws ScriptException {
            String[] parts = line.trim().split(" +");
            if (!parts[0].equals("#!lua")) {
                throw new ScriptException(
                        "ERR Unexpected engine in script shebang: " + parts[0].substring(2));
            }
            boolean noWrites = false;
            boolean allowOom = false;
            boolean allowStale = false;
            boolean noCluster = false;
            boolean allowCrossSlotKeys = false;
            for (int i = 1; i < parts.length; i++) {
                if (!parts[i].startsWith("flags=")) {
                    throw new ScriptException("ERR Unknown lua shebang option: " + parts[i]);
                }
                for (String flag : parts[i].substring("flags=".length()).split(",")) {
                    switch (flag) {
                        case "no-writes" -> noWrites = true;
                        case "allow-oom" -> allowOom = true;
                        case "allow-stale" -> allowStale = true;
                        case "no-cluster" -> noCluster = true;
                        case "allow-cross-slot-keys" -> allowCrossSlotKeys = true;
                        case "" -> {}
                        default ->
                                throw new ScriptException(
                                        "ERR Unexpected flag in script shebang: " + flag);
                    }
                }
            }
            return new Flags(true, noWrites, allowOom, allowStale, noCluster, allowCrossSlotKeys);
        }
    }
}
