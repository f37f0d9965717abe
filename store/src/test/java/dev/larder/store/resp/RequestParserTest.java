package dev.larder.store.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.store.command.Args;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestParserTest {
    private final RequestParser parser = new RequestParser();
    private final Args args = new Args();

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Takes all commands out of {@code message}, which comes in two pieces. */
    private List<String> read(byte[] message, int cut) {
        RequestParser fresh = new RequestParser();
        List<String> found = new ArrayList<>();
        fresh.feed(message, 0, cut);
        take(fresh, found);
        fresh.feed(message, fresh.position(), message.length);
        take(fresh, found);
        return found;
    }

    private void take(RequestParser from, List<String> found) {
        RequestParser.Found next;
        while ((next = from.next(args)) != RequestParser.Found.INCOMPLETE) {
            if (next == RequestParser.Found.COMMAND) {
                List<String> words = new ArrayList<>();
                for (int i = 0; i < args.count(); i++) {
                    words.add(new String(args.bytes(i), StandardCharsets.ISO_8859_1));
                }
                found.add(String.join("|", words));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*1\r\n$4\r\nPING\r\n",
                "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\r\nbc\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
                "*2\r\n$3\r\nGET\r\n$0\r\n\r\n",
                "*0\r\n*1\r\n$4\r\nPING\r\n",
                "PING\r\nSET a 'b c'\r\nGET \"\\x41\\n\"\n*1\r\n$4\r\nPING\r\n",
                "\r\n\nPING\r\n",
            })
    void readsTheSameWhereverTheMessageIsCut(String message) {
        byte[] bytes = bytes(message);
        List<String> whole = read(bytes, bytes.length);
        assertThat(whole).isNotEmpty();
        for (int cut = 0; cut < bytes.length; cut++) {
            assertThat(read(bytes, cut)).as("cut at %d", cut).isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\n", "SET k 'a b'\r\n"})
    void readsByteByByte(String message) {
        byte[] bytes = bytes(message);
        List<String> found = new ArrayList<>();
        for (int end = 1; end <= bytes.length; end++) {
            parser.feed(bytes, parser.position(), end);
            take(parser, found);
        }
        assertThat(found).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "*abc~;invalid multibulk length",
                "*~;invalid multibulk length",
                "*99999999999~;invalid multibulk length",
                "*1~!3~foo~;expected '$', got '!'",
                "*1~$abc~;invalid bulk length",
                "*1~$-1~;invalid bulk length",
                "*1~$536870913~;invalid bulk length",
                "GET \"abc~;unbalanced quotes in request",
                "GET \"a\"b~;unbalanced quotes in request",
            })
    void refusesWhatIsNoRequest(String message, String error) {
        byte[] bytes = bytes(message.replace("~", "\r\n"));
        parser.feed(bytes, 0, bytes.length);
        assertThatThrownBy(() -> parser.next(args))
                .isInstanceOf(ProtocolException.class)
                .hasMessageEndingWith(error);
    }

    @Test
    void refusesLinesWithoutEnd() {
        byte[] inline = bytes("x".repeat(70_000));
        parser.feed(inline, 0, inline.length);
        assertThatThrownBy(() -> parser.next(args)).hasMessageEndingWith("too big inline request");
        byte[] count = bytes("*" + "1".repeat(70_000));
        RequestParser other = new RequestParser();
        other.feed(count, 0, count.length);
        assertThatThrownBy(() -> other.next(args)).isInstanceOf(ProtocolException.class);
    }

    @Test
    void takesLittleFromWhoIsNotAuthenticated() {
        parser.limits(512L << 20, false);
        byte[] many = bytes("*11\r\n");
        parser.feed(many, 0, many.length);
        assertThatThrownBy(() -> parser.next(args))
                .hasMessageEndingWith("unauthenticated multibulk length");
        RequestParser other = new RequestParser();
        other.limits(512L << 20, false);
        byte[] large = bytes("*1\r\n$16385\r\n");
        other.feed(large, 0, large.length);
        assertThatThrownBy(() -> other.next(args))
                .hasMessageEndingWith("unauthenticated bulk length");
    }

    @Test
    void allocatesNothingForWhatIsOnlyClaimed() {
        byte[] claim = bytes("*2147483647\r\n$536870912\r\n");
        var threads =
                (com.sun.management.ThreadMXBean)
                        java.lang.management.ManagementFactory.getThreadMXBean();
        new RequestParser().feed(claim, 0, claim.length);
        long before = threads.getCurrentThreadAllocatedBytes();
        parser.feed(claim, 0, claim.length);
        assertThat(parser.next(args)).isEqualTo(RequestParser.Found.INCOMPLETE);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(64 * 1024);
    }
}
