package dev.dromedar.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** Writes into {@code application.properties}. */
final class PropertiesFile {
    private PropertiesFile() {}

    /** Adds a block of properties at the end. In ASCII, which is the same in the encodings that such a file can have. */
    static void append(Path file, Map<String, String> properties) throws IOException {
        byte[] before = Files.readAllBytes(file);
        boolean lineOpen = before.length > 0 && before[before.length - 1] != '\n';
        var text = new StringBuilder(lineOpen ? "\n" : "").append(before.length > 0 ? "\n" : "");
        int width = properties.keySet().stream().mapToInt(String::length).max().orElse(0);
        properties.forEach((key, value) -> text.append(key)
                .append(" ".repeat(width - key.length()))
                .append(" = ")
                .append(escaped(value))
                .append('\n'));
        Files.write(file, text.toString().getBytes(StandardCharsets.US_ASCII), StandardOpenOption.APPEND);
    }

    private static String escaped(String value) {
        var text = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\' || c == ' ' && text.isEmpty()) {
                text.append('\\').append(c);
            } else if (c < 0x7f) {
                text.append(c);
            } else {
                text.append(String.format("\\u%04x", (int) c));
            }
        }
        return text.toString();
    }
}
