package dev.larder.suite;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The JDK's ahead-of-time cache of one part: its classes loaded and linked, as a training run left
 * them. It holds only for the jars, the JVM flags and the folder it was made with.
 */
final class AotCache {

    private static final String FILE = "app.aot";

    private AotCache() {}

    static Optional<Path> of(Path folder) {
        return Optional.of(folder.resolve(FILE)).filter(Files::isRegularFile);
    }

    static List<String> use(Path cache) {
        return List.of("-XX:AOTCache=" + cache.getFileName());
    }
}
