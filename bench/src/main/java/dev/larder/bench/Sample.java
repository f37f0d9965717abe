package dev.larder.bench;

/**
 * What one round of a workload on one server came to. Times of an operation are in microseconds;
 * processor time is the server's, 0 where it cannot be read.
 */
record Sample(double perSecond, double p50, double p99, double p999, double processorMicros) {}
