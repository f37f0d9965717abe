package dev.larder.store.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Words of 64 bits give what single bits give. */
class BitsTest {
    private static final int LENGTH_MAX = 170;

    private static byte[] row(Random random) {
        byte[] row = new byte[1 + random.nextInt(LENGTH_MAX)];
        switch (random.nextInt(3)) {
            case 0 -> random.nextBytes(row);
            case 1 -> java.util.Arrays.fill(row, (byte) -1);
            default -> {}
        }
        row[random.nextInt(row.length)] ^= (byte) (1 << random.nextInt(8));
        return row;
    }

    @RepeatedTest(2000)
    void countsFindsReadsAndWritesAsBitByBit(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        byte[] around = row(random);
        int offset = random.nextInt(around.length);
        Slice row = new Slice().point(around, offset, around.length - offset);
        int bits = row.length() * 8;
        int first = random.nextInt(bits);
        int last = first + random.nextInt(bits - first);
        int value = random.nextInt(2);
        long count = 0;
        long found = -1;
        for (int i = first; i <= last; i++) {
            count += Bits.get(row, i);
            if (found < 0 && Bits.get(row, i) == value) {
                found = i;
            }
        }
        assertThat(Bits.count(row, first, last)).isEqualTo(count);
        assertThat(Bits.position(row, value, first, last)).isEqualTo(found);

        int width = 1 + random.nextInt(64);
        BigInteger field = BigInteger.ZERO;
        for (int i = first; i < first + width; i++) {
            field = field.shiftLeft(1).or(BigInteger.valueOf(Bits.get(row, i)));
        }
        assertThat(Bits.read(around, offset, row.length(), first, width))
                .isEqualTo(field.longValue());
        if (first + width <= bits) {
            byte[] copy = row.toBytes();
            long written = random.nextLong();
            Bits.write(copy, first, width, written);
            assertThat(Bits.read(copy, 0, copy.length, first, width))
                    .isEqualTo(written << 64 - width >>> 64 - width);
            Bits.write(copy, first, width, field.longValue());
            assertThat(copy).isEqualTo(row.toBytes());
        }
    }

    @RepeatedTest(500)
    void combinesAsBitByBit(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        Slice one = new Slice(row(random));
        Slice other = new Slice(row(random));
        Bits.Operation operation = Bits.Operation.values()[random.nextInt(3)];
        byte[] into = new byte[Math.max(one.length(), other.length())];
        one.copyTo(into, 0);
        Bits.combine(operation, other, into);
        for (int i = 0; i < into.length * 8; i++) {
            int a = Bits.get(one, i);
            int b = Bits.get(other, i);
            int expected =
                    switch (operation) {
                        case AND -> a & b;
                        case OR -> a | b;
                        case XOR -> a ^ b;
                    };
            assertThat(Bits.get(new Slice(into), i)).isEqualTo(expected);
        }
    }
}
