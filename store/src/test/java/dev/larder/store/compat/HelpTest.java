package dev.larder.store.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * HELP of every container lists the subcommands that the real server lists, in its order and form;
 * the sentences about them, which are indented, are our own.
 */
class HelpTest extends BesidePeer {
    /** What 7.2 has and 7.0 has not. */
    private static final Set<String> NEW_IN_7_2 =
            Set.of("+NO-TOUCH (ON|OFF)", "+SETINFO <option> <value>");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ACL",
                "CLIENT",
                "COMMAND",
                "CONFIG",
                "FUNCTION",
                "LATENCY",
                "MEMORY",
                "MODULE",
                "OBJECT",
                "PUBSUB",
                "SCRIPT",
                "SLOWLOG",
                "XGROUP",
                "XINFO"
            })
    void listsTheSubcommandsOfARealServer(String container) throws IOException {
        try (Wire ours = new Wire(store.port());
                Wire theirs = new Wire(peer.port())) {
            assertThat(forms(ours.ask(container, "HELP")))
                    .isEqualTo(forms(theirs.ask(container, "HELP")));
        }
    }

    private static List<String> forms(String reply) {
        return Arrays.stream(reply.split("\r\n"))
                .filter(line -> line.startsWith("+") && !line.startsWith("+    "))
                .filter(line -> !NEW_IN_7_2.contains(line))
                .toList();
    }
}
