package dev.larder.suite;

/** Something the person at the keyboard must know or change; its message is shown as it is. */
final class Refusal extends RuntimeException {

    Refusal(String message) {
        super(message, null, false, false);
    }
}
