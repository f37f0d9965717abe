package dev.larder.store;

import org.junit.jupiter.api.Test;

/** What SORT stores is kept by the journal, whatever was sorted. */
class SortConversationTest {
    @Test
    void storesAList() {
        try (Conversation c = new Conversation()) {
            c.says("RPUSH l 3 1 2", ":3");
            c.says("SET w_1 9", "OK");
            c.says("SET d v EX 100", "OK");
            c.says("SORT l BY w_* STORE d", ":3");
            c.says("LRANGE d 0 -1", "[2 3 1]");
            c.says("TTL d", ":-1");
            c.says("SADD s b c a", ":3");
            c.says("SORT s BY nosort STORE e", ":3");
            c.says("LRANGE e 0 -1", "[a b c]");
            c.says("SORT s BY none_* ALPHA STORE f", ":3");
            c.says("SORT none STORE d", ":0");
            c.says("EXISTS d", ":0");
        }
    }

    @Test
    void refusesWhatIsNoNumber() {
        try (Conversation c = new Conversation()) {
            c.says("RPUSH l 1e400", ":1");
            c.says("SORT l", "-ERR One or more scores can't be converted into double");
            c.says("LPUSH m 0x1p4 5 -0.0", ":3");
            c.says("SORT m", "[-0.0 5 0x1p4]");
        }
    }
}
