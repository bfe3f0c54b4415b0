package dev.dromedar.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FolderTest {
    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "ISO-8859-1"})
    void readsPropertiesInTheEncodingThatTheyAreWrittenIn(String encoding, @TempDir Path folder) throws Exception {
        Files.writeString(
                folder.resolve("application.properties"),
                "# æøå\nown.key = blåbær\nescaped.key = bl\\u00e5b\\u00e6r\n",
                Charset.forName(encoding));
        var read = new Folder(folder);

        try (var context = read.context()) {
            assertThat(context.resolvePropertyPlaceholders("{{own.key}}")).isEqualTo("blåbær");
            assertThat(context.resolvePropertyPlaceholders("{{escaped.key}}")).isEqualTo("blåbær");
        }
        assertThat(read.written("own.key", "")).isEqualTo("blåbær");
    }
}
