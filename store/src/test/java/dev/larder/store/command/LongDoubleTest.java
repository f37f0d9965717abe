package dev.larder.store.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.store.value.Slice;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums come out as the 80-bit floats of x86 make them; recorded from redis-server 7.0.15. */
class LongDoubleTest {
    @ParameterizedTest
    @CsvSource({
        "0.1, 0.2, 0.3",
        "10.5, 0.1, 10.6",
        "1234567.1, 0.1, 1234567.20000000000004547",
        "-5, 5, 0",
        "1e17, 1.5, 100000000000000001.5",
        "1e30, -1e30, 0",
        "1e-30, 0, 0",
        "0x1p-3, 1, 1.125",
    })
    void sumsAsTheFloatUnit(String a, String b, String sum) {
        assertThat(
                        LongDouble.text(
                                LongDouble.sum(
                                        LongDouble.parse(Slice.of(a)),
                                        LongDouble.parse(Slice.of(b)))))
                .isEqualTo(sum);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "1e", " 1", "1 ", "nan", "1e4933", "1e-5000", "1e999999999"})
    void refusesWhatIsNoNumber(String text) {
        assertThatThrownBy(() -> LongDouble.parse(Slice.of(text)))
                .isInstanceOf(CommandException.class)
                .hasMessage("ERR value is not a valid float");
    }
}
