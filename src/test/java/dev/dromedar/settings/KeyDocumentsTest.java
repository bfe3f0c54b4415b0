package dev.dromedar.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A key is declared once; what is written from the declaration is as it should be. */
class KeyDocumentsTest {
    /** {@code mvn test -Dtest=KeyDocumentsTest -Dkeys.write} writes the documents anew. */
    private static final boolean WRITE = System.getProperty("keys.write") != null;

    @Test
    void areWrittenFromTheDeclarations() throws IOException {
        for (Map.Entry<Path, String> file : KeyDocuments.all().entrySet()) {
            if (WRITE) {
                Files.createDirectories(file.getKey().toAbsolutePath().getParent());
                Files.writeString(file.getKey(), file.getValue());
            }

            // What the formatter breaks into lines is the same document
            assertThat(words(Files.readString(file.getKey())))
                    .as("%s: run mvn test -Dtest=KeyDocumentsTest -Dkeys.write, then mvn spotless:apply", file.getKey())
                    .isEqualTo(words(file.getValue()));
        }
    }

    @Test
    void haveEveryKeyInOneTable() throws IOException {
        var tables = new StringBuilder();
        for (Key.Page page : Key.Page.values()) {
            tables.append(Files.readString(Path.of(page.file())));
        }
        List<String> missing = new ArrayList<>();
        WorkerKeys.ALL.forEach(key -> missing.add("| `dromedar." + key.name() + "` |"));
        ApiKeys.ALL.forEach(key -> missing.add("| `" + key.name() + "` |"));

        missing.removeIf(row -> tables.indexOf(row) >= 0);

        assertThat(missing).isEmpty();
    }

    @Test
    void nameEachKeyOnce() {
        List<String> names = new ArrayList<>();
        WorkerKeys.ALL.forEach(key -> names.add(key.name()));
        ApiKeys.ALL.forEach(key -> names.add("api." + key.name()));

        assertThat(names).doesNotHaveDuplicates();
    }

    private static String words(String text) {
        return text.replaceAll("[\\s*]+", "");
    }
}
