package dev.dromedar.routes;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.camel.spi.Resource;
import org.jspecify.annotations.Nullable;

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

    private record Seen(
            long size, FileTime changed, @Nullable Object place, String text) {
        boolean is(BasicFileAttributes file) {
            return size == file.size()
                    && changed.equals(file.lastModifiedTime())
                    && Objects.equals(place, file.fileKey());
        }
    }

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
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        Seen seen = files.get(file);
        if (seen != null && seen.is(attributes)) {
            return seen.text();
        }
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        if (attributes.lastModifiedTime().toInstant().isBefore(looked.minus(RECENT))) {
            files.put(file, new Seen(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey(), text));
        } else {
            files.remove(file);
        }
        return text;
    }
}
