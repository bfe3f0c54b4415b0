package dev.dromedar.audit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a chain from its oldest file to its newest, and says what does not fit, with file and line. May run beside the worker
 * that writes it. Needs memory for one record. Not thread-safe.
 */
public final class AuditCheck {
    private static final int MOST_TOLD = 100;

    private final AuditSettings settings;
    private final AuditKey key;
    private final Consumer<String> out;
    private final @Nullable String known;
    private int faults;
    private long records;
    private long expected = 1;
    private @Nullable String previous = "";
    private boolean seenHead;
    private boolean seenKnown;
    private String place = "";

    private AuditCheck(AuditSettings settings, AuditKey key, @Nullable String known, Consumer<String> out) {
        this.settings = settings;
        this.key = key;
        this.known = known;
        this.out = out;
    }

    /**
     * Verifies the chain of a worker, or of the commands.
     *
     * @param known a head of this chain that was kept elsewhere, as {@code number:hash}; or null
     * @param out takes a line for each fault, and one at the end
     * @return whether everything fits
     */
    public static boolean verify(AuditSettings settings, @Nullable String known, Consumer<String> out)
            throws IOException {
        AuditKey key = AuditKey.found(settings);
        if (key == null) {
            out.accept("The key " + settings.keyFile()
                    + " is missing, so that no record can be verified. Restore it from a backup.");
            return false;
        }
        return new AuditCheck(settings, key, known, out).run();
    }

    /** The number that a file's name has for its first record, until that was read; 0 for none. */
    private long named;

    private boolean run() throws IOException {
        // Before the records: a worker may write meanwhile
        AuditHead head = AuditHead.read(settings.file(), key);
        var files = new AuditFiles(settings.file());
        if (head != null) {
            expected = Math.max(1, head.from());
            previous = expected == 1 ? "" : null;
        }
        long first = expected;
        for (AuditFiles.Rolled rolled : files.rolled()) {
            named = rolled.first();
            read(rolled.file(), head);
        }
        named = 0;
        if (Files.exists(settings.file())) {
            read(settings.file(), head);
        }
        if (head == null) {
            boolean none = records == 0;
            fault(AuditHead.file(settings.file())
                    + (none
                            ? ": missing, and there is no record."
                            : ": missing or changed: records may have been cut off at the end."));
        } else if (expected <= head.number()) {
            fault((place.isEmpty() ? settings.file() + ": " : place + "after this line ")
                    + numbers(expected, head.number()) + " cut off at the end.");
        } else if (!seenHead && head.number() > 0) {
            fault(settings.file() + ": record " + head.number() + " is not the one that was written.");
        }
        if (known != null && !seenKnown) {
            fault(settings.file() + ": no record has the given head: it was changed, removed or never written here.");
        }
        if (faults > MOST_TOLD) {
            out.accept("... and " + (faults - MOST_TOLD) + " more.");
        }
        out.accept(
                faults == 0
                        ? records + " record(s) from " + first + " verified in " + settings.file() + "; head "
                                + (expected - 1) + ":" + (previous == null ? "" : previous)
                        : faults + " fault(s) in " + records + " record(s) of " + settings.file() + ".");
        return faults == 0;
    }

    private void read(Path file, @Nullable AuditHead head) throws IOException {
        int number = 0;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            var line = new ByteArrayOutputStream(1024);
            int next;
            boolean tooLong = false;
            while ((next = in.read()) >= 0) {
                if (next != '\n') {
                    tooLong |= line.size() > AuditLine.LONGEST;
                    if (!tooLong) {
                        line.write(next);
                    }
                    continue;
                }
                String before = place;
                place = file + ":" + ++number + ": ";
                if (tooLong) {
                    fault(place + "not a record of this worker.");
                } else {
                    check(AuditLine.read(key, line.toByteArray()), head, before);
                }
                line.reset();
                tooLong = false;
            }
            if (line.size() > 0) {
                boolean last = file.equals(settings.file());
                if (!last || head == null || expected <= head.number()) {
                    fault(file + ":" + (number + 1) + ": the record is incomplete.");
                } else {
                    out.accept(file + ":" + (number + 1)
                            + ": an incomplete record, being written or left by a crash; the next start records it.");
                }
            }
        }
    }

    private void check(AuditLine line, @Nullable AuditHead head, String before) {
        records++;
        if (!line.fits()) {
            boolean inPlace = line.number() == expected;
            fault(place
                    + (inPlace
                            ? "record " + expected + " was changed."
                            : "not written by this worker: inserted, or changed with its number."));
            if (inPlace) {
                expected++;
                previous = null; // what the next one names cannot be compared
            }
            return;
        }
        if (named > 0 && named != line.number()) {
            fault(place + "record " + line.number() + " is the first, and the file's name says " + named
                    + ": it was renamed, or its beginning removed.");
        }
        named = 0;
        if (line.number() < expected) {
            boolean older = head != null && line.number() < head.from();
            if (older && records == 1) { // a file that keep is about to remove
                expected = line.number();
            } else {
                fault(place + "record " + line.number() + " stands out of order: moved here, or inserted again.");
                return;
            }
        } else if (line.number() > expected) {
            fault(place + "before this line " + numbers(expected, line.number() - 1)
                    + " missing: removed, or moved elsewhere"
                    + (before.isEmpty() ? "" : "; the last one before is " + before.substring(0, before.length() - 2))
                    + ".");
            previous = null;
        }
        if (previous != null && !previous.equals(line.previous())) {
            fault(place + "record " + line.number() + " does not follow the record before it.");
        }
        seenHead |=
                head != null && head.number() == line.number() && head.hash().equals(line.hash());
        seenKnown |= (line.number() + ":" + line.hash()).equals(known);
        expected = line.number() + 1;
        previous = line.hash();
    }

    private static String numbers(long from, long to) {
        return from == to ? "record " + from + " is" : "records " + from + " to " + to + " are";
    }

    private void fault(String fault) {
        if (faults++ < MOST_TOLD) {
            out.accept(fault);
        }
    }

    /** Whether anything of this chain is there. */
    public static boolean exists(AuditSettings settings) throws IOException {
        return Files.exists(AuditHead.file(settings.file()))
                || !new AuditFiles(settings.file()).all().isEmpty();
    }

    /** The hash that stands in records for a person; null without a key. */
    public static @Nullable String subject(AuditSettings settings, String subject) throws IOException {
        AuditKey key = AuditKey.found(settings);
        return key == null ? null : key.ofSubject(subject);
    }
}
