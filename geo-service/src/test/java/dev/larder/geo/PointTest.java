package dev.larder.geo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PointTest {
    private static final Point PARIS = new Point(2.3522, 48.8566);
    private static final Point LONDON = new Point(-0.1276, 51.5072);

    @Test
    void parisIsAbout344KilometresFromLondon() {
        assertThat(PARIS.metersTo(LONDON)).isCloseTo(343_700, within(1_000.0));
        assertThat(LONDON.metersTo(PARIS)).isCloseTo(PARIS.metersTo(LONDON), within(1e-6));
        assertThat(PARIS.metersTo(PARIS)).isZero();
    }

    @Test
    void theShortWayLeadsAcrossTheAntimeridian() {
        assertThat(new Point(179.9, 0).metersTo(new Point(-179.9, 0)))
                .isCloseTo(22_245, within(50.0));
    }
}
