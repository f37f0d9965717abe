package dev.larder.laboratory;

import java.util.List;

/**
 * What the adviser says of a run.
 *
 * @param lane the one that fits best, or null when none does
 * @param pattern of that lane
 * @param summary one sentence
 * @param reasons with the measured figures
 * @param lanes each lane's verdict
 * @param changes of the workload's settings that would pay
 */
public record Advice(
        long toleratedStalenessMillis,
        String lane,
        String pattern,
        String summary,
        List<String> reasons,
        List<Verdict> lanes,
        List<String> changes) {

    public record Verdict(String lane, boolean fits, String reason) {}
}
