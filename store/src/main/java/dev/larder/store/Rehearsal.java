package dev.larder.store;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * A short talk with a store that has just started: it brings every class to use that the first
 * clients of a real one will need. The build has the JDK watch it and keep what it saw in an
 * ahead-of-time cache (JEP 483, 514, 515), from which a store starts in a third of the time.
 */
final class Rehearsal {
    /** The property that asks for it. */
    static final String PROPERTY = "larder.rehearsal";

    private static final int ROUNDS = 200;

    private static final String[] LINES = {
        "PING",
        "HELLO 3",
        "CLIENT SETNAME rehearsal",
        "CLIENT SETINFO LIB-NAME larder",
        "SET key value EX 100",
        "GET key",
        "INCR counter",
        "EXPIRE counter 100",
        "TTL counter",
        "MSET a 1 b 2",
        "MGET a b c",
        "HSET hash one 1 two 2",
        "HGETALL hash",
        "RPUSH list a b c",
        "LRANGE list 0 -1",
        "SADD set a b c",
        "SMEMBERS set",
        "ZADD board 1 a 2 b",
        "ZRANGE board 0 -1 WITHSCORES",
        "ZRANK board b",
        "GEOADD places 13.4 52.5 Berlin",
        "GEOSEARCH places FROMLONLAT 13 52 BYRADIUS 100 km",
        "XADD stream * field value",
        "XRANGE stream - +",
        "PUBLISH channel message",
        "MULTI",
        "SET key other",
        "EXEC",
        "EVAL \"return redis.call('get', KEYS[1])\" 1 key",
        "SCAN 0",
        "INFO",
        "COMMAND COUNT",
        "CONFIG GET maxmemory",
        "HELLO 2",
        "DEL key counter a b hash list set board places stream",
    };

    private Rehearsal() {}

    static void with(Store store) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", store.port())) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (int round = 0; round < ROUNDS; round++) {
                for (String line : LINES) {
                    ask(socket, in, line);
                }
            }
        }
    }

    /** Sends a line and an ECHO behind it, and reads until that has come back. */
    private static void ask(Socket socket, InputStream in, String line) throws IOException {
        String end = "=end-of-reply=";
        // Inside a transaction the ECHO is queued; what comes back then is read with the EXEC.
        boolean queued = line.equals("MULTI") || line.startsWith("SET key other");
        String request = queued ? line + "\r\n" : line + "\r\nECHO " + end + "\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        int matched = 0;
        while (!queued && matched < end.length()) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("the store closed the connection after " + line);
            }
            matched = b == end.charAt(matched) ? matched + 1 : b == end.charAt(0) ? 1 : 0;
        }
    }
}
