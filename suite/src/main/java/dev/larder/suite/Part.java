package dev.larder.suite;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the suite is made of, in the order in which it starts; it stops the other way round. */
enum Part {
    POSTGRES(Kind.DATABASE, ""),
    STORE(Kind.STORE, "store"),
    SESSION(Kind.SERVICE, "session-service"),
    LEADERBOARD(Kind.SERVICE, "leaderboard-service"),
    CHAT(Kind.SERVICE, "chat-service"),
    GEO(Kind.SERVICE, "geo-service"),
    QUEUE(Kind.SERVICE, "queue-service"),
    CATALOG(Kind.SERVICE, "catalog-service"),
    LABORATORY(Kind.SERVICE, "laboratory-service"),
    UI(Kind.UI, "ui");

    enum Kind {
        DATABASE,
        STORE,
        SERVICE,
        UI
    }

    private final Kind kind;
    private final String module;

    Part(Kind kind, String module) {
        this.kind = kind;
        this.module = module;
    }

    static Part named(String name) {
        return find(name)
                .orElseThrow(
                        () ->
                                new Refusal(
                                        "there is no component '"
                                                + name
                                                + "'; there are "
                                                + String.join(", ", names())
                                                + "."));
    }

    static Optional<Part> find(String name) {
        return Arrays.stream(values()).filter(part -> part.label().equals(name)).findFirst();
    }

    static List<String> names() {
        return Arrays.stream(values()).map(Part::label).toList();
    }

    Kind kind() {
        return kind;
    }

    /** How it is called on the command line, in the status and by its log file. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** True for what is a Quarkus application: answers {@code /q/health/ready}. */
    boolean isApplication() {
        return kind == Kind.SERVICE || kind == Kind.UI;
    }

    /** The ui takes the HTTP port itself and the services the ones after it, in this order. */
    int httpOffset() {
        return kind == Kind.UI ? 0 : ordinal() - SESSION.ordinal() + 1;
    }

    /** The folder a Quarkus application is run from; its AOT cache holds only there. */
    Path applicationFolder(Path root) {
        return root.resolve(module).resolve("target").resolve("quarkus-app");
    }
}
