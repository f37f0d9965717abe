package dev.larder.store.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same conversation with our store and with a real server: equal answers, byte for byte. */
class CompatTest extends BesidePeer {
    static Stream<Arguments> conversations() {
        return Stream.of(
                        "strings",
                        "bitmaps",
                        "hyperloglogs",
                        "sort",
                        "edges",
                        "keys",
                        "geo",
                        "hashes",
                        "lists",
                        "sets",
                        "zsets",
                        "streams",
                        "transactions",
                        "scripts",
                        "connection",
                        "server",
                        "acl")
                .flatMap(name -> Stream.of(Arguments.of(name, 2), Arguments.of(name, 3)));
    }

    @ParameterizedTest(name = "{0} in RESP{1}")
    @MethodSource("conversations")
    void answersAsARealServer(String name, int protocol) throws IOException {
        SoftAssertions differences = new SoftAssertions();
        try (Wire ours = new Wire(store.port());
                Wire theirs = new Wire(peer.port())) {
            begin(ours, protocol);
            begin(theirs, protocol);
            for (String line : lines(name)) {
                String[] words = words(line);
                differences
                        .assertThat(Answers.normal(words, ours.ask(words)))
                        .as(line)
                        .isEqualTo(Answers.normal(words, theirs.ask(words)));
            }
        }
        differences.assertAll();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*abc\r\n",
                "*1\r\n!3\r\nfoo\r\n",
                "*1\r\n$abc\r\n",
                "*1\r\n$-1\r\n",
                "*99999999999\r\n",
                "*1\r\n$999999999999\r\n",
                "GET \"abc\r\n",
                "SET 'a'b c\r\n",
                "PING\r\n",
                "*0\r\nPING\r\n",
                "\r\nPING\r\n",
                "*-5\r\nPING\r\n",
                "SET k \"a\\x41\\n b\"\r\nGET k\r\n",
            })
    void answersBrokenRequestsAsARealServer(String request) throws IOException {
        try (Wire ours = new Wire(store.port());
                Wire theirs = new Wire(peer.port())) {
            ours.sendRaw(request);
            theirs.sendRaw(request);
            assertThat(ours.reply()).as(request).isEqualTo(theirs.reply());
        }
    }

    private static void begin(Wire wire, int protocol) throws IOException {
        wire.ask("FLUSHALL");
        wire.ask("HELLO", Integer.toString(protocol));
    }

    private static List<String> lines(String name) throws IOException {
        try (InputStream in = CompatTest.class.getResourceAsStream(name + ".txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        }
    }

    private static String[] words(String line) {
        List<String> words = new ArrayList<>();
        java.util.regex.Matcher matcher =
                java.util.regex.Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(line);
        while (matcher.find()) {
            words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
        }
        return words.toArray(String[]::new);
    }
}
