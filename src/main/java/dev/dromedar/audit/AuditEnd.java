package dev.dromedar.audit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a chain of records ends.
 *
 * @param head of its newest record
 * @param found what is not as it should be, or empty
 */
record AuditEnd(AuditHead head, String found) {
    private static final int TAIL = 2 * AuditLine.LONGEST;

    /** Looks in what the last process left, torn or not. */
    static AuditEnd find(Path file, AuditFiles files, AuditKey key) throws IOException {
        AuditHead head;
        var note = new StringBuilder();
        List<AuditFiles.Rolled> rolled = files.rolled();
        AuditLine last = last(file, key, note);
        if (last == null && !rolled.isEmpty()) {
            last = last(rolled.get(rolled.size() - 1).file(), key, note);
        }
        AuditHead kept = AuditHead.read(file, key);
        if (last == null && kept == null) {
            head = AuditHead.NONE;
        } else if (last == null || !last.fits()) {
            note.append(last == null ? "no record is there; " : "the last record was changed, or the key is another; ");
            long number = Math.max(last == null ? 0 : last.number(), kept == null ? 0 : kept.number());
            head = new AuditHead(kept == null ? 1 : kept.from(), Math.max(0, number), kept == null ? "" : kept.hash());
        } else if (kept == null) {
            note.append("the file ").append(AuditHead.file(file).getFileName());
            note.append(" is missing or was changed; ");
            head = new AuditHead(rolled.isEmpty() ? 1 : rolled.get(0).first(), last.number(), last.hash());
        } else if (kept.number() > last.number()) {
            note.append("records ").append(last.number() + 1).append(" to ").append(kept.number());
            note.append(" are missing at the end; ");
            head = kept;
        } else {
            head = new AuditHead(kept.from(), last.number(), last.hash());
        }
        String found = note.length() == 0 ? "" : note.substring(0, note.length() - 2);
        return new AuditEnd(head, found);
    }

    /** The last whole record of a file, or null. What a killed process left of a record behind it is cut off. */
    private static @Nullable AuditLine last(Path file, AuditKey key, StringBuilder note) throws IOException {
        if (!Files.exists(file)) {
            return null;
        }
        try (var in = new RandomAccessFile(file.toFile(), "rw")) {
            long size = in.length();
            long from = Math.max(0, size - TAIL);
            byte[] tail = new byte[(int) (size - from)];
            in.seek(from);
            in.readFully(tail);
            int end = tail.length;
            while (end > 0 && tail[end - 1] != '\n') {
                end--;
            }
            if (end < tail.length) {
                note.append("an incomplete record of ")
                        .append(tail.length - end)
                        .append(" bytes was cut off; ");
                in.setLength(from + end);
            }
            if (end == 0) {
                return null;
            }
            int start = end - 1;
            while (start > 0 && tail[start - 1] != '\n') {
                start--;
            }
            return AuditLine.read(key, Arrays.copyOfRange(tail, start, end - 1));
        }
    }
}
