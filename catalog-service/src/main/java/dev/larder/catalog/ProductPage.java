package dev.larder.catalog;

import java.util.List;

/** A part of what was found; {@code total} counts all of it. */
public record ProductPage(long total, int offset, List<ProductSummary> items) {}
