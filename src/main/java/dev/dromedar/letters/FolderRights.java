package dev.dromedar.letters;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rights on a store's folder and what is in it: the owner's alone, where the file system has such rights. */
final class FolderRights {
    private static final Logger LOG = LoggerFactory.getLogger(FolderRights.class);
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final Pattern OURS =
            Pattern.compile("dromedar\\.sqlite(-wal|-shm|-journal)?|lock|setup\\.lock|format|native"
                    + "|set-aside|kept|asked|running|interrupted|unfinished|[a-z0-9-]+\\.(pointer|unfinished)");

    private final Path folder;
    private final String key;

    /** @param key that names the folder */
    FolderRights(Path folder, String key) {
        this.folder = folder;
        this.key = key;
    }

    /** For a folder that is made. */
    FileAttribute<?>[] ofFolder() throws IOException {
        return onlyFor(OWNER_ONLY);
    }

    /** For a file that is made in it. */
    FileAttribute<?>[] ofFile() throws IOException {
        return onlyFor(EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
    }

    private FileAttribute<?>[] onlyFor(Set<PosixFilePermission> rights) throws IOException {
        Path there = folder;
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        return isPosix(there)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(rights)}
                : new FileAttribute<?>[0];
    }

    /** Takes the rights of all but the owner away, where a folder or a file had more. */
    void closeToOthers() throws IOException {
        if (!isPosix(folder)) {
            return;
        }
        boolean oursAlone = true;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (OURS.matcher(String.valueOf(file.getFileName())).matches()) {
                    closeToOthers(file);
                } else {
                    oursAlone = false;
                }
            }
        }
        if (oursAlone) {
            closeToOthers(folder);
        }
    }

    private void closeToOthers(Path path) throws IOException {
        try {
            Set<PosixFilePermission> rights = Files.getPosixFilePermissions(path);
            if (!OWNER_ONLY.containsAll(rights)) {
                rights.retainAll(OWNER_ONLY);
                Files.setPosixFilePermissions(path, rights);
            }
        } catch (NoSuchFileException e) {
            // it is gone
        } catch (FileSystemException e) {
            LOG.warn(
                    "{}: others than the owner may use {}, and this user cannot change that. Set its rights to the owner's"
                            + " alone.",
                    key,
                    path);
        }
    }

    private static boolean isPosix(Path path) throws IOException {
        return Files.getFileStore(path).supportsFileAttributeView("posix");
    }
}
