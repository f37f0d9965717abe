package dev.larder.store;

import org.junit.jupiter.api.Test;

/** What is said of functions and to them; the journal of each talk is replayed at its end. */
class FunctionConversationTest {
    private static final String LIBRARY =
            """
            #!lua name=counter
            local function up(keys, args)
              return redis.call('INCRBY', keys[1], args[1])
            end
            redis.register_function('up', up)
            redis.register_function{
              function_name='look', description='reads', flags={'no-writes'},
              callback=function(keys) return redis.call('GET', keys[1]) end}
            redis.register_function{
              function_name='cheat', flags={'no-writes'},
              callback=function(keys) return redis.call('DEL', keys[1]) end}
            """;

    @Test
    void aLibraryIsLoadedAndItsFunctionsRun() {
        try (Conversation c = new Conversation()) {
            says(c, "counter", "FUNCTION", "LOAD", LIBRARY);
            c.says("FCALL up 1 n 5", ":5");
            c.says("FCALL UP 1 n 2", ":7");
            c.says("FCALL_RO look 1 n", "7");
            c.says(
                    "FCALL_RO up 1 n 1",
                    "-ERR Can not execute a script with write flag using *_ro command.");
            c.says(
                    "FCALL cheat 1 n",
                    "-ERR Write commands are not allowed from read-only scripts. script: cheat, on"
                            + " @user_function:11.");
            c.says("FCALL none 0", "-ERR Function not found");
            c.says("FCALL up x", "-ERR Bad number of keys provided");
            c.says("FCALL up 3 a", "-ERR Number of keys can't be greater than number of args");
        }
    }

    @Test
    void whatFailsLeavesTheOldLibrary() {
        try (Conversation c = new Conversation()) {
            says(c, "counter", "FUNCTION", "LOAD", LIBRARY);
            says(
                    c,
                    "-ERR Library 'counter' already exists",
                    "FUNCTION",
                    "LOAD",
                    "#!lua name=counter\n");
            says(
                    c,
                    "-ERR No functions registered",
                    "FUNCTION",
                    "LOAD",
                    "REPLACE",
                    "#!lua name=counter\n");
            says(
                    c,
                    "-ERR Function up already exists",
                    "FUNCTION",
                    "LOAD",
                    "#!lua name=other\nredis.register_function('up', function() end)");
            c.says("FCALL up 1 n 5", ":5");
            c.says("FUNCTION DELETE counter", "OK");
            c.says("FUNCTION DELETE counter", "-ERR Library not found");
            c.says("FCALL up 1 n 5", "-ERR Function not found");
            c.says("FUNCTION LIST", "[]");
        }
    }

    @Test
    void aScriptDoesNotSeeWhatIsOverItsTime() {
        try (Conversation c = new Conversation()) {
            c.says("SET k v PX 1", "OK");
            c.passes(2);
            org.assertj.core.api.Assertions.assertThat(c.ask("DEBUG OBJECT k"))
                    .startsWith("Value at:");
            says(c, ":0", "EVAL", "return redis.call('EXISTS', 'k')", "0");
            c.says("DEBUG OBJECT k", "-ERR no such key");
        }
    }

    private static void says(Conversation c, String reply, String... words) {
        org.assertj.core.api.Assertions.assertThat(c.ask(words)).isEqualTo(reply);
    }
}
