package dev.larder.bench.jmh;

import dev.larder.store.command.Args;
import dev.larder.store.reply.Reply;
import dev.larder.store.resp.ReplyWriter;
import dev.larder.store.resp.RequestParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Bytes to words and replies to bytes. */
@State(Scope.Thread)
public class ProtocolBenchmark {
    private static final int COMMANDS = 16;
    private static final int ITEMS = 100;

    private final RequestParser parser = new RequestParser();
    private final Args args = new Args();
    private final ReplyWriter writer = new ReplyWriter();
    private byte[] requests;
    private Reply bulk;
    private Reply number;
    private Reply array;

    @Setup
    public void write() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < COMMANDS; i++) {
            text.append("*3\r\n$3\r\nSET\r\n$6\r\nkey:%02d\r\n$64\r\n".formatted(i));
            text.append("v".repeat(64)).append("\r\n");
        }
        requests = text.toString().getBytes(StandardCharsets.ISO_8859_1);
        bulk = Reply.bulk("v".repeat(64));
        number = Reply.integer(123_456_789);
        List<Reply> items = new ArrayList<>();
        for (int i = 0; i < ITEMS; i++) {
            items.add(Reply.bulk("element:" + i));
        }
        array = Reply.array(items);
    }

    @Benchmark
    @OperationsPerInvocation(COMMANDS)
    public int parseSet() {
        parser.feed(requests, 0, requests.length);
        int words = 0;
        while (parser.next(args) == RequestParser.Found.COMMAND) {
            words += args.count();
        }
        return words;
    }

    @Benchmark
    public int writeBulk() {
        return written(bulk);
    }

    @Benchmark
    public int writeInteger() {
        return written(number);
    }

    @Benchmark
    @OperationsPerInvocation(ITEMS)
    public int writeArrayItem() {
        return written(array);
    }

    private int written(Reply reply) {
        writer.write(reply, 2);
        int size = writer.size();
        writer.clear();
        return size;
    }
}
