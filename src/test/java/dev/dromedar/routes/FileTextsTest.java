package dev.dromedar.routes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.MovableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that may have changed is read again. */
class FileTextsTest {
    private final MovableClock clock = new MovableClock();
    private final FileTexts texts = new FileTexts(clock);
    private Path file = Path.of("");

    @BeforeEach
    void write(@TempDir Path folder) throws IOException {
        file = folder.resolve("route.yaml");
        write("one", Duration.ofMinutes(1));
    }

    @Test
    void readsAFileAgainWhenItsTimeSizeOrPlaceDiffers() throws IOException {
        String one = texts.of(file);
        assertThat(texts.of(file)).isEqualTo("one").isSameAs(one);

        write("two", Duration.ofSeconds(59));
        assertThat(texts.of(file)).isEqualTo("two");

        write("three", Duration.ofSeconds(59));
        assertThat(texts.of(file)).isEqualTo("three");

        Path other = file.resolveSibling("other");
        Files.writeString(other, "seven");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
        Files.delete(file);
        Files.move(other, file);
        assertThat(texts.of(file)).isEqualTo("seven");
    }

    @Test
    void readsAFileAgainThatHasJustChangedThoughItLooksTheSame() throws IOException {
        write("one", Duration.ofSeconds(1));
        assertThat(texts.of(file)).isEqualTo("one");

        write("two", Duration.ofSeconds(1));
        assertThat(texts.of(file)).isEqualTo("two");
    }

    private void write(String text, Duration ago) throws IOException {
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.from(clock.instant().minus(ago)));
    }
}
