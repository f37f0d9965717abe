package dev.larder.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Files and folders that nobody but their owner may read. */
final class OwnerOnly {

    private OwnerOnly() {}

    /** An empty file with mode 0600, replacing what was there. */
    static Path create(Path file) throws IOException {
        folder(file.getParent());
        Files.deleteIfExists(file);
        return Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    /** A folder with mode 0700; one that is there already keeps its own. */
    static Path folder(Path folder) throws IOException {
        return Files.createDirectories(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
}
