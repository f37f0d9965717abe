package dev.larder.laboratory;

import java.time.Instant;
import java.util.List;

/** One second of a run: what every lane did, and what was wrong on purpose. */
public record Second(int second, Instant at, List<Figures> lanes, Switches switches) {}
