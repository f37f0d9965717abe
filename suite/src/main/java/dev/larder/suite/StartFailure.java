package dev.larder.suite;

/** A part that did not come up; its log says why. */
final class StartFailure extends RuntimeException {

    private final Part part;

    StartFailure(Part part, String what) {
        super(part.label() + " " + what, null, false, false);
        this.part = part;
    }

    Part part() {
        return part;
    }
}
