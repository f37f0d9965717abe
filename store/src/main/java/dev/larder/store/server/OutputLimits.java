package dev.larder.store.server;

import dev.larder.store.StoreConfig;

/**
 * Reads {@code client-output-buffer-limit}: class, hard bytes, soft bytes, soft seconds, and again.
 */
final class OutputLimits {
    private static final long DEFAULT_PUBSUB_BYTES = 32L << 20;

    private OutputLimits() {}

    /** The bytes that may wait for a subscriber before it is closed. */
    static long pubsubHardBytes(StoreConfig config) {
        String[] words = config.text("client-output-buffer-limit").split("\\s+");
        for (int i = 0; i + 1 < words.length; i += 4) {
            if (words[i].equals("pubsub")) {
                try {
                    long bytes = Long.parseLong(words[i + 1]);
                    return bytes == 0 ? Long.MAX_VALUE : bytes;
                } catch (NumberFormatException _) {
                    return DEFAULT_PUBSUB_BYTES;
                }
            }
        }
        return DEFAULT_PUBSUB_BYTES;
    }
}
