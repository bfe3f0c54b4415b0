package dev.dromedar.routes;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.camel.spi.Resource;

/**
 * Files byte for byte, each byte a char. One whose size, time and place on the disk are as they were is not read again: three
 * looks a second at 5,000 files would take most of a core. Not thread-safe.
 */
final class FileTexts {
    /** Changed so shortly before it was read, a file can change again and have the same time. */
    private static final Duration RECENT = Duration.ofSeconds(2);

    private final Clock clock;
    private final Map<Path, Seen> files = new HashMap<>();

    private final Set<Path> wanted = new HashSet<>();

    private record Seen(Map<String, Object> attributes, String text) {}

    FileTexts(Clock clock) {
        this.clock = clock;
    }

    String of(Resource resource) throws IOException {
        if (resource.getLocation().startsWith("file:")) {
            return of(Path.of(resource.getLocation().replaceFirst("^file:(//)?", "")));
        }
        try (InputStream content = resource.getInputStream()) {
            return new String(content.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** To be called after a look: files that it did not find are forgotten. */
    void looked() {
        files.keySet().retainAll(wanted);
        wanted.clear();
    }

    String of(Path file) throws IOException {
        wanted.add(file);
        Instant looked = clock.instant();
        Map<String, Object> attributes = attributes(file);
        Seen seen = files.get(file);
        if (seen != null && seen.attributes().equals(attributes)) {
            return seen.text();
        }
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        if (attributes.get("lastModifiedTime") instanceof FileTime time
                && time.toInstant().isBefore(looked.minus(RECENT))) {
            files.put(file, new Seen(attributes, text));
        } else {
            files.remove(file);
        }
        return text;
    }

    /** With the time that a copy cannot set, where there is one: {@code cp -p} keeps the other. */
    private static Map<String, Object> attributes(Path file) throws IOException {
        return Files.readAttributes(
                file,
                file.getFileSystem().supportedFileAttributeViews().contains("unix")
                        ? "unix:size,lastModifiedTime,fileKey,ctime"
                        : "size,lastModifiedTime,fileKey");
    }
}
