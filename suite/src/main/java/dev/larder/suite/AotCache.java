package dev.larder.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The JDK's ahead-of-time cache of one part: its classes loaded and linked, made when it was built
 * (profile aot of the pom). It holds only for the jars, the JVM and its flags, and the folder it
 * was made with; where it does not hold, the JVM goes without and says so in a log of ours alone.
 */
final class AotCache {

    private static final String FILE = "app.aot";
    private static final String TAKEN = "Using AOT-linked classes: true";

    private AotCache() {}

    static Optional<Path> of(Path folder) {
        return Optional.of(folder.resolve(FILE)).filter(Files::isRegularFile);
    }

    static List<String> use(Path cache, Path log) {
        return List.of("-XX:AOTCache=" + cache.getFileName(), "-Xlog:aot:file=" + log + ":none");
    }

    /** Whether the JVM that wrote this log has taken the cache. */
    static boolean wasTaken(Path log) {
        try {
            return Files.readString(log).contains(TAKEN);
        } catch (IOException e) {
            return false;
        }
    }
}
