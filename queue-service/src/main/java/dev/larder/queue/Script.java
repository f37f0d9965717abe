package dev.larder.queue;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One Lua file, called by its hash and sent whole only when the store does not know it. */
final class Script {

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final String text;
    private final String hash;

    private Script(String text, String hash) {
        this.text = text;
        this.hash = hash;
    }

    static Script named(String file) {
        try (InputStream in = Script.class.getResourceAsStream("/lua/" + file)) {
            byte[] bytes = in.readAllBytes();
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(bytes);
            return new Script(
                    new String(bytes, StandardCharsets.UTF_8), HexFormat.of().formatHex(digest));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Blocks; every argument is sent by its {@code toString}. */
    Response run(Redis redis, List<String> keys, List<?> arguments) {
        try {
            return await(redis, request(Command.EVALSHA, hash, keys, arguments));
        } catch (CompletionException e) {
            if (e.getCause() instanceof ErrorType refusal && refusal.is("NOSCRIPT")) {
                return await(redis, request(Command.EVAL, text, keys, arguments));
            }
            throw e;
        }
    }

    private static Request request(Command how, String what, List<String> keys, List<?> arguments) {
        Request request = Request.cmd(how).arg(what).arg(keys.size());
        keys.forEach(request::arg);
        for (Object argument : arguments) {
            request.arg(argument.toString());
        }
        return request;
    }

    /**
     * @throws CompletionException with the refusal of the store, or why it does not answer
     */
    static Response await(Redis redis, Request request) {
        try {
            return redis.send(request)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        } catch (TimeoutException e) {
            throw new CompletionException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        }
    }
}
