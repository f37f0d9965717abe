package dev.larder.suite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The commands of {@code ./larder} that need the suite: the script builds and calls this. */
public final class Larder {

    private final Path root;
    private final Path home;

    private Larder(Path root) {
        this.root = root;
        this.home = Settings.home(root, System.getenv());
    }

    public static void main(String[] arguments) {
        Path root = Path.of(System.getProperty("larder.root", "")).toAbsolutePath();
        List<String> words = Arrays.asList(arguments);
        int status;
        try {
            String command = words.isEmpty() ? "help" : words.getFirst();
            status =
                    new Larder(root)
                            .run(command, words.subList(Math.min(1, words.size()), words.size()));
        } catch (Refusal e) {
            System.err.println("larder: " + e.getMessage());
            status = 1;
        } catch (IOException | UncheckedIOException e) {
            System.err.println("larder: " + e);
            status = 1;
        }
        System.out.flush();
        System.exit(status);
    }

    private int run(String command, List<String> options) throws IOException {
        return switch (command) {
            case "up" -> new Up(root, home, System.out, onTerminal()).run(options);
            case "down" -> new Down(root, home, System.out, onTerminal()).run();
            case "status" -> new Status(root, home, System.out).run(options.contains("--json"));
            case "start", "stop", "restart" -> one(command, options);
            case "home" -> {
                System.out.println(home);
                yield 0;
            }
            default ->
                    throw new Refusal("there is no command '" + command + "'; see ./larder help.");
        };
    }

    private int one(String command, List<String> options) {
        if (options.size() != 1) {
            throw new Refusal(command + " wants the name of one component.");
        }
        Part part = Part.named(options.getFirst());
        Settings settings =
                Settings.load(root, home)
                        .orElseThrow(
                                () -> new Refusal("nothing runs here; ./larder up starts it."));
        if (!settings.isOurs(part)) {
            throw new Refusal(part.label() + " runs elsewhere and is not ours to " + command + ".");
        }
        Launch launch = new Launch(settings, Keys.in(settings.data()));
        Suite suite = new Suite(settings, launch);
        Board board = new Board(System.out, onTerminal());
        boolean runs = suite.process(part).isPresent();
        if (!command.equals("start")) {
            if (runs) {
                suite.stop(List.of(part), board);
            } else if (command.equals("stop")) {
                System.out.println(part.label() + " is not running.");
            }
        }
        if (!command.equals("stop")) {
            if (runs && command.equals("start")) {
                System.out.println(part.label() + " is running already.");
                return 0;
            }
            try {
                suite.start(part, board);
            } catch (StartFailure e) {
                System.err.println(Tail.of(settings, e));
                return 1;
            }
        }
        return 0;
    }

    private static boolean onTerminal() {
        return "1".equals(System.getenv("LARDER_TTY"));
    }

    static void prepare(Path home) throws IOException {
        Files.createDirectories(home.resolve("run"));
        Files.createDirectories(home.resolve("logs"));
    }
}
