package dev.larder.bench;

/** What cannot be measured, in words for whoever asked. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refusal(String message) {
        super(message);
    }
}
