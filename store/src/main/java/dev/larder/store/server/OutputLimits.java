package dev.larder.store.server;

import dev.larder.store.StoreConfig;
import dev.larder.store.engine.Client;

/**
 * {@code client-output-buffer-limit}: how many bytes of replies may wait for a client, by its
 * class, before it is closed. Read anew whenever the option is set.
 */
final class OutputLimits {
    private static final String OPTION = "client-output-buffer-limit";

    /**
     * Of one class of clients.
     *
     * @param hardBytes closed at once; 0 for never
     * @param softBytes closed when so many have waited for {@code softSeconds}; 0 for never
     */
    record Limit(long hardBytes, long softBytes, long softSeconds) {
        private static final Limit NONE = new Limit(0, 0, 0);

        /** The least number of bytes at which anything has to be looked at. */
        private long leastBytes() {
            long hard = hardBytes == 0 ? Long.MAX_VALUE : hardBytes;
            long soft = softBytes == 0 ? Long.MAX_VALUE : softBytes;
            return Math.min(hard, soft);
        }
    }

    private Limit normal = Limit.NONE;
    private Limit replica = Limit.NONE;
    private Limit pubsub = Limit.NONE;

    OutputLimits(StoreConfig config) {
        read(config.text(OPTION));
        config.onChange(OPTION, this::read);
    }

    private void read(String value) {
        String[] words = value.strip().split("\\s+");
        for (int i = 0; i + 3 < words.length; i += 4) {
            Limit limit =
                    new Limit(
                            Long.parseLong(words[i + 1]),
                            Long.parseLong(words[i + 2]),
                            Long.parseLong(words[i + 3]));
            switch (words[i]) {
                case "normal" -> normal = limit;
                case "pubsub" -> pubsub = limit;
                default -> replica = limit;
            }
        }
    }

    Limit of(Client client) {
        if (client.isReplica()) {
            return replica;
        }
        return client.subscriptions() > 0 ? pubsub : normal;
    }

    /** Replies of fewer bytes than this break no limit of any class. */
    long leastBytes() {
        return Math.min(normal.leastBytes(), Math.min(replica.leastBytes(), pubsub.leastBytes()));
    }
}
