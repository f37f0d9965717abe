package dev.larder.store;

import org.junit.jupiter.api.Test;

/** Many strings are set with one expiry, or none of them is. */
class MsetexConversationTest {
    @Test
    void setsAllOrNone() {
        try (Conversation c = new Conversation()) {
            c.says("MSETEX 2 a 1 b 2 EX 100", ":1");
            c.says("TTL b", ":100");
            c.says("MSETEX 2 a 3 c 4 NX", ":0");
            c.says("MSETEX 2 a 3 c 4 XX", ":0");
            c.says("MSETEX 2 a 3 b 4 XX KEEPTTL", ":1");
            c.says("MGET a b c", "[3 4 (nil)]");
            c.says("TTL a", ":100");
            c.says("MSETEX 2 a 5 a 6", ":1");
            c.says("GET a", "6");
            c.says("TTL a", ":-1");
            c.says("MSETEX 2 a 7 d 8 PXAT 1", ":1");
            c.says("DBSIZE", ":3");
            c.says("EXISTS a d", ":0");
            c.says("DBSIZE", ":1");
        }
    }

    @Test
    void refusesWhatIsMalformed() {
        try (Conversation c = new Conversation()) {
            c.says("MSETEX 0 a 1", "-ERR invalid numkeys value or out of range");
            c.says("MSETEX x a 1", "-ERR invalid numkeys value or out of range");
            c.says("MSETEX 2147483648 a 1", "-ERR invalid numkeys value or out of range");
            c.says("MSETEX 2147483647 a 1", "-ERR syntax error");
            c.says("MSETEX 2 a 1 b", "-ERR syntax error");
            c.says("MSETEX 1 a 1 NX XX", "-ERR syntax error");
            c.says("MSETEX 1 a 1 EX 1 PX 1", "-ERR syntax error");
            c.says("MSETEX 1 a 1 EX", "-ERR syntax error");
            c.says("MSETEX 1 a 1 EX 0", "-ERR invalid expire time in 'msetex' command");
            c.says("MSETEX 1 a 1 EX x", "-ERR value is not an integer or out of range");
            c.says("MSETEX 1 a", "-ERR wrong number of arguments for 'msetex' command");
        }
    }
}
