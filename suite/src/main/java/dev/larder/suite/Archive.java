package dev.larder.suite;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Comparator;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked once from the archive on the class path. They are unpacked beside
 * their place and moved there whole, so an interrupted first start leaves nothing half-filled.
 */
final class Archive {

    private static final int OWNER_MAY_EXECUTE = 0100;

    private Archive() {}

    /** The folder with {@code bin/postgres}, under {@code folder}. */
    static Path unpacked(Path folder) throws IOException {
        String name = "postgres-" + platform();
        URL archive = Archive.class.getResource("/" + name + ".txz");
        if (archive == null) {
            throw new Refusal(
                    "there is no embedded PostgreSQL for "
                            + platform()
                            + "; set LARDER_DB_URL to one that runs elsewhere.");
        }
        URLConnection connection = archive.openConnection();
        // The size tells one release from the next without reading the archive.
        Path place = folder.resolve(name + "-" + connection.getContentLengthLong());
        if (isWhole(place)) {
            return place;
        }
        Files.createDirectories(folder);
        remove(place);
        Path draft = Files.createTempDirectory(folder, name + ".part");
        try (InputStream in = connection.getInputStream()) {
            unpack(in, draft);
            Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException e) {
            // Another start was faster: what it unpacked is the same.
            remove(draft);
        }
        return place;
    }

    private static boolean isWhole(Path place) {
        return Stream.of("bin/postgres", "bin/initdb", "bin/pg_ctl", "share", "lib")
                .map(place::resolve)
                .allMatch(Files::exists);
    }

    private static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String machine = System.getProperty("os.arch");
        return (os.startsWith("mac") ? "darwin" : "linux")
                + "-"
                + (machine.equals("aarch64") ? "arm_64" : "x86_64");
    }

    private static void unpack(InputStream in, Path target) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(in))) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null;
                    entry = tar.getNextEntry()) {
                Path path = target.resolve(entry.getName()).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException(entry.getName() + " leads out of the archive");
                }
                Files.createDirectories(entry.isDirectory() ? path : path.getParent());
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else if (entry.isFile()) {
                    Files.copy(tar, path);
                    if ((entry.getMode() & OWNER_MAY_EXECUTE) != 0) {
                        executable(path);
                    }
                }
            }
        }
    }

    private static void executable(Path path) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        permissions.add(PosixFilePermission.OWNER_EXECUTE);
        permissions.add(PosixFilePermission.GROUP_EXECUTE);
        permissions.add(PosixFilePermission.OTHERS_EXECUTE);
        Files.setPosixFilePermissions(path, permissions);
    }

    /** Removes a folder and all in it, if it is there. */
    static void remove(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
