package dev.larder.store.persistence;

import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.value.HashValue;
import dev.larder.store.value.ListValue;
import dev.larder.store.value.SetValue;
import dev.larder.store.value.Slice;
import dev.larder.store.value.SortedSet;
import dev.larder.store.value.Stream;
import dev.larder.store.value.StreamId;
import dev.larder.store.value.Text;
import dev.larder.store.value.Value;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The digest of data that DEBUG DIGEST shows: equal data has an equal one on every server, whatever
 * its encoding. What has no order is added by exclusive or, what has one is chained.
 */
final class Digest {
    private static final int LENGTH = 20;

    private final MessageDigest sha1;
    private byte[] sum = new byte[LENGTH];

    Digest() {
        try {
            sha1 = MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The digest of all databases. */
    static String ofAll(Iterable<Keyspace> databases) {
        Digest all = new Digest();
        for (Keyspace db : databases) {
            if (db.size() == 0) {
                continue;
            }
            all.mix(number(db.index()));
            long cursor = 0;
            do {
                cursor =
                        db.scanEntries(
                                cursor,
                                1000,
                                (key, value, text, expireAt, _) -> {
                                    Digest one = new Digest();
                                    one.mix(key);
                                    one.value(value, text, expireAt);
                                    all.add(one.sum);
                                });
            } while (cursor != 0);
        }
        return all.text();
    }

    /** The digest of one value, all zeros where there is no such key. */
    static String ofValue(Keyspace db, Slice key) {
        Digest one = new Digest();
        db.showEntry(key, (_, value, text, expireAt, _) -> one.value(value, text, expireAt));
        return one.text();
    }

    private String text() {
        return HexFormat.of().formatHex(sum);
    }

    private void add(byte[] bytes) {
        add(bytes, 0, bytes.length);
    }

    private void add(byte[] bytes, int from, int length) {
        sha1.update(bytes, from, length);
        byte[] hash = sha1.digest();
        for (int i = 0; i < LENGTH; i++) {
            sum[i] ^= hash[i];
        }
    }

    private void mix(byte[] bytes, int from, int length) {
        add(bytes, from, length);
        sum = sha1.digest(sum);
    }

    private void mix(byte[] bytes) {
        mix(bytes, 0, bytes.length);
    }

    private void mix(Slice bytes) {
        mix(bytes.array(), bytes.offset(), bytes.length());
    }

    private static byte[] number(int value) {
        return new byte[] {
            (byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value
        };
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void value(Value value, Slice text, long expireAt) {
        switch (value) {
            case null -> {
                mix(number(0));
                mix(text);
            }
            case Text string -> {
                Slice bytes = new Slice();
                string.view(bytes);
                mix(number(0));
                mix(bytes);
            }
            case ListValue list -> {
                mix(number(1));
                list.forEach(
                        0,
                        element -> {
                            mix(element);
                            return true;
                        });
            }
            case SetValue set -> {
                mix(number(2));
                set.forEach(member -> add(member.array(), member.offset(), member.length()));
            }
            case SortedSet set -> {
                mix(number(3));
                set.forEach((member, score) -> pair(member, ascii(Decimal.general(score))));
            }
            case HashValue hash -> {
                mix(number(4));
                hash.forEach((field, content) -> pair(field, content.toBytes()));
            }
            case Stream stream -> {
                mix(number(6));
                stream.range(StreamId.ZERO, StreamId.MAX, this::entry);
            }
        }
        if (expireAt != 0) {
            add(ascii("!!expire!!"));
        }
    }

    private void pair(Slice first, byte[] second) {
        Digest element = new Digest();
        element.mix(first);
        element.mix(second);
        add(element.sum);
    }

    private boolean entry(StreamId id, Stream.Fields fields) {
        mix(ascii(id.toString().replace('-', '.')));
        fields.forEach(this::mix);
        return true;
    }
}
