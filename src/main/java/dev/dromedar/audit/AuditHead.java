package dev.dromedar.audit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The ends of a chain, in a file beside it that only the key's owner can write: without it records could be cut off at the end,
 * and what is left would still fit together.
 *
 * @param from number of the oldest record that is kept
 * @param number of the newest record
 * @param hash of the newest record
 */
record AuditHead(long from, long number, String hash) {
    /** One block of any disk: it is written whole. */
    private static final int LENGTH = 160;

    static final AuditHead NONE = new AuditHead(1, 0, "");

    static Path file(Path audit) {
        return audit.resolveSibling(audit.getFileName() + ".head");
    }

    void write(RandomAccessFile out, AuditKey key) throws IOException {
        String words = from + " " + number + " " + (hash.isEmpty() ? "-" : hash);
        String line = words + " " + key.ofHead(words);
        byte[] padded = (line + " ".repeat(LENGTH - 1 - line.length()) + "\n").getBytes(StandardCharsets.US_ASCII);
        out.seek(0);
        out.write(padded);
    }

    /** Reads the head beside an audit file; null if there is none, or it was not written with this key. */
    static @Nullable AuditHead read(Path audit, AuditKey key) throws IOException {
        Path file = file(audit);
        if (!Files.exists(file) || Files.size(file) > LENGTH) {
            return null;
        }
        String[] words =
                Files.readString(file, StandardCharsets.ISO_8859_1).strip().split(" ");
        if (words.length != 4
                || !words[0].matches("\\d{1,18}")
                || !words[1].matches("\\d{1,18}")
                || !AuditKey.same(key.ofHead(words[0] + " " + words[1] + " " + words[2]), words[3])) {
            return null;
        }
        return new AuditHead(Long.parseLong(words[0]), Long.parseLong(words[1]), words[2].equals("-") ? "" : words[2]);
    }
}
