package dev.larder.store.value;

/**
 * What values need while they work and not afterwards. One for each thread, so that a million small
 * sets do not keep a million of it; never kept past the method that took it, nor used by one that
 * calls another which uses the same part.
 */
final class Workspace {
    private static final ThreadLocal<Workspace> OF_THREAD = ThreadLocal.withInitial(Workspace::new);

    final Slice first = new Slice();
    final Slice second = new Slice();
    final Bound bound = new Bound();
    final Bound target = new Bound();

    private Workspace() {}

    static Workspace here() {
        return OF_THREAD.get();
    }
}
