package dev.larder.queue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.larder.kit.Problems;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** The work that this service can do itself. Other types of jobs are for workers outside. */
enum Work {
    /** {@code {text, rounds}}: SHA-256 of the text, then of each digest, so many rounds in all. */
    CHECKSUM("checksum") {
        @Override
        void check(ObjectNode payload) {
            text(payload);
            integer(payload, "rounds", 1, 1_000_000);
        }

        @Override
        ObjectNode run(JsonNode payload, int attempt) throws InterruptedException {
            int rounds = payload.get("rounds").asInt();
            byte[] digest = payload.get("text").asText().getBytes(StandardCharsets.UTF_8);
            MessageDigest sha = sha256();
            for (int round = 0; round < rounds; round++) {
                digest = sha.digest(digest);
                if ((round & 0xFFF) == 0 && Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("sha256", HexFormat.of().formatHex(digest))
                    .put("rounds", rounds);
        }
    },

    /** {@code {text, failTimes}}: fails so many attempts, then says the text. */
    FLAKY("flaky") {
        @Override
        void check(ObjectNode payload) {
            text(payload);
            integer(payload, "failTimes", 0, 1_000);
        }

        @Override
        ObjectNode run(JsonNode payload, int attempt) throws FailedException {
            int failTimes = payload.get("failTimes").asInt();
            if (attempt <= failTimes) {
                throw new FailedException(
                        "Failed on purpose, " + attempt + " of " + failTimes + " times.");
            }
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("text", payload.get("text").asText())
                    .put("attempts", attempt);
        }
    };

    private static final int TEXT_MAX = 10_000;

    private final String type;

    Work(String type) {
        this.type = type;
    }

    /** An attempt that came to nothing; its message is for whoever looks at the job. */
    static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        FailedException(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * @throws dev.larder.kit.ProblemException 400 when this work cannot be done on that payload
     */
    abstract void check(ObjectNode payload);

    /**
     * @param payload one that passed {@link #check}
     * @param attempt from 1
     */
    abstract ObjectNode run(JsonNode payload, int attempt)
            throws FailedException, InterruptedException;

    /** Null for a type that is not ours. */
    static Work of(String type) {
        for (Work work : values()) {
            if (work.type.equals(type)) {
                return work;
            }
        }
        return null;
    }

    static List<String> types() {
        return List.of(CHECKSUM.type, FLAKY.type);
    }

    private static void text(ObjectNode payload) {
        JsonNode text = payload.get("text");
        if (text == null || !text.isTextual() || text.asText().length() > TEXT_MAX) {
            throw Problems.badRequest(
                    "payload.text", "must be a text of at most " + TEXT_MAX + " characters");
        }
    }

    private static void integer(ObjectNode payload, String field, int min, int max) {
        JsonNode number = payload.get(field);
        if (number == null
                || !number.isIntegralNumber()
                || !number.canConvertToInt()
                || number.asInt() < min
                || number.asInt() > max) {
            throw Problems.badRequest(
                    "payload." + field, "must be an integer from " + min + " to " + max);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
