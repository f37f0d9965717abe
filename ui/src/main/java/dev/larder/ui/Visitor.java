package dev.larder.ui;

/** Who is asking, as far as the session service says. */
sealed interface Visitor {

    record Anonymous() implements Visitor {}

    /**
     * @param token for the services, good for a minute
     * @param sessionKey names the session without opening it
     */
    record SignedIn(String token, String sessionKey) implements Visitor {}

    /** There is a cookie, and nobody to ask about it. */
    record Unknown() implements Visitor {}
}
