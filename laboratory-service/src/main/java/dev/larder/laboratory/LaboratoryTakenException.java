package dev.larder.laboratory;

/** Somebody else's run is not over yet. */
final class LaboratoryTakenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Run present;

    LaboratoryTakenException(Run present) {
        super("taken", null, false, false);
        this.present = present;
    }

    Run present() {
        return present;
    }
}
