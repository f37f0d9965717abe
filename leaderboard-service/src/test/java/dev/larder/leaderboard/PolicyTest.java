package dev.larder.leaderboard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PolicyTest {

    @Test
    void theBestScoreStays() {
        assertThat(Policy.BEST.apply(Order.DESC, 10, 12)).isEqualTo(12);
        assertThat(Policy.BEST.apply(Order.DESC, 10, 9)).isEqualTo(10);
        assertThat(Policy.BEST.apply(Order.ASC, 10, 9)).isEqualTo(9);
        assertThat(Policy.BEST.apply(Order.ASC, 10, 12)).isEqualTo(10);
        assertThat(Policy.BEST.apply(Order.DESC, -5, -7)).isEqualTo(-5);
    }

    @Test
    void aSumAddsUpAndTheLastReplaces() {
        assertThat(Policy.SUM.apply(Order.DESC, 10, -3)).isEqualTo(7);
        assertThat(Policy.LAST.apply(Order.DESC, 10, -3)).isEqualTo(-3);
    }

    @Test
    void everyAcceptedScoreIsExactAsADouble() {
        long max = Policy.SCORE_MAX;
        assertThat((long) (double) max).isEqualTo(max);
        assertThat((double) max).isNotEqualTo((double) (max - 1));
        // One more, and two integers share a double.
        assertThat((double) (max + 1)).isEqualTo((double) (max + 2));
        assertThat(Policy.isExact(max)).isTrue();
        assertThat(Policy.isExact(-max)).isTrue();
        assertThat(Policy.isExact(max + 1)).isFalse();
        assertThat(Policy.isExact(Policy.SUM.apply(Order.DESC, max, max))).isFalse();
        assertThat(Policy.isExact(Policy.SUM.apply(Order.DESC, -max, -max))).isFalse();
    }

    @Test
    void theLowestSortScoreLeadsOnEveryBoard() {
        Board most = new Board("a", "A", Order.DESC, Policy.BEST, 0);
        Board least = new Board("b", "B", Order.ASC, Policy.BEST, 0);
        assertThat(most.sortScore(9)).isLessThan(most.sortScore(8));
        assertThat(least.sortScore(8)).isLessThan(least.sortScore(9));
        for (long score : new long[] {0, 1, -1, Policy.SCORE_MAX, -Policy.SCORE_MAX}) {
            assertThat(most.scoreOf(most.sortScore(score))).isEqualTo(score);
            assertThat(least.scoreOf(least.sortScore(score))).isEqualTo(score);
        }
    }
}
