package dev.larder.laboratory;

import java.util.List;

/**
 * What the adviser says of a run.
 *
 * @param fromSecond the first second by which queries, latency and hits were judged: the one after
 *     the cold start, or 1 before there is one; staleness and failures count from the beginning
 * @param lane the one that fits best, or null when none does
 * @param pattern of that lane
 * @param summary one sentence
 * @param reasons with the measured figures
 * @param lanes each lane's verdict
 * @param changes of the workload's settings that would pay
 */
public record Advice(
        long toleratedStalenessMillis,
        int fromSecond,
        String lane,
        String pattern,
        String summary,
        List<String> reasons,
        List<Verdict> lanes,
        List<String> changes) {

    public record Verdict(String lane, boolean fits, String reason) {}
}
