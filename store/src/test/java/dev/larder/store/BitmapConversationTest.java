package dev.larder.store;

import org.junit.jupiter.api.Test;

/**
 * Bits of strings, and what is counted by them: what is asked is answered, and what has changed is
 * kept by the journal.
 */
class BitmapConversationTest {
    @Test
    void bits() {
        try (Conversation c = new Conversation()) {
            c.says("SETBIT b 7 1", ":0");
            c.says("SETBIT b 7 1", ":1");
            c.says("SETBIT b 20 0", ":0");
            c.says("STRLEN b", ":3");
            c.says("SET n 12 EX 100", "OK");
            c.says("SETBIT n 7 1", ":1");
            c.says("SETBIT n 6 1", ":0");
            c.says("BITCOUNT n", ":7");
            c.says("BITOP NOT d n", ":2");
            c.says("BITOP AND e b none", ":3");
            c.says("BITOP OR n none", ":0");
            c.says("EXISTS n", ":0");
        }
    }

    @Test
    void fields() {
        try (Conversation c = new Conversation()) {
            c.says("BITFIELD f SET i5 3 -9 GET i5 3 INCRBY u2 #1 3", "[:0 :-9 :0]");
            c.says("BITFIELD f OVERFLOW FAIL INCRBY u2 0 4", "[(nil)]");
            c.says("BITFIELD fresh OVERFLOW FAIL SET u8 8 256", "[(nil)]");
            c.says("STRLEN fresh", ":2");
            c.says("BITFIELD_RO f GET u8 0", "[:7]");
        }
    }

    @Test
    void hyperLogLogs() {
        try (Conversation c = new Conversation()) {
            c.says("PFADD h a b c", ":1");
            c.says("PFADD h a", ":0");
            c.says("PFCOUNT h", ":3");
            c.says("PFADD g d", ":1");
            c.says("PFCOUNT h g none", ":4");
            c.says("PFDEBUG TODENSE g", ":1");
            c.says("PFMERGE m h g", "OK");
            c.says("PFDEBUG ENCODING m", "dense");
            c.says("PFCOUNT m", ":4");
            c.says("PFDEBUG ENCODING h", "sparse");
            c.says("APPEND h x", ":28");
            c.says("PFCOUNT h g", "-INVALIDOBJ Corrupted HLL object detected");
        }
    }

    @Test
    void wrongArgumentsAreRefusedForAMissingKeyToo() {
        try (Conversation c = new Conversation()) {
            c.says("BITCOUNT none 0", ":0");
            c.says("BITCOUNT none x", "-ERR value is not an integer or out of range");
            c.says("BITCOUNT none 0 x", "-ERR value is not an integer or out of range");
            c.says("BITCOUNT none 0 1 BOT", "-ERR syntax error");
            c.says("BITPOS none 1 0 1 BOT", "-ERR syntax error");
        }
    }
}
