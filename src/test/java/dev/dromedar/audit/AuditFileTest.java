package dev.dromedar.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.MovableClock;
import dev.dromedar.keys.Secret;
import dev.dromedar.oauth.InvalidSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is done to an audit file is found, with its line; and what a process left is taken up. */
class AuditFileTest {
    private static final int RECORDS = 12;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    private final MovableClock clock = new MovableClock();

    private AuditSettings settings(long rollSize, @Nullable Duration keep, boolean stops) {
        Path file = folder.resolve("audit.jsonl");
        return new AuditSettings(file, folder.resolve("audit.jsonl.key"), "node-1", rollSize, keep, stops, null);
    }

    private AuditSettings settings() {
        return settings(1 << 20, null, true);
    }

    private void write(AuditSettings settings, int records) throws IOException {
        try (AuditFile file = AuditFile.open(settings, Duration.ZERO, clock)) {
            for (int i = 0; i < records; i++) {
                file.append(Map.of("event", "call", "api", "orders", "status", 200));
            }
        }
    }

    private List<String> verify(AuditSettings settings, @Nullable String head) throws IOException {
        List<String> lines = new ArrayList<>();
        boolean whole = AuditCheck.verify(settings, head, lines::add);
        assertThat(whole).isEqualTo(lines.get(lines.size() - 1).contains("verified"));
        return lines;
    }

    private interface Change {
        void of(List<String> lines) throws Exception;
    }

    static Stream<Arguments> changes() {
        return Stream.of(
                change(
                        "a value changed",
                        lines -> lines.set(4, lines.get(4).replace("200", "204")),
                        ":5: record 5 was changed"),
                change(
                        "the number changed",
                        lines -> lines.set(4, lines.get(4).replace("\"n\":5,", "\"n\":55,")),
                        ":5: not written by this worker"),
                change(
                        "the hash changed",
                        lines -> lines.set(4, lines.get(4).replaceFirst(".\"}$", "!\"}")),
                        ":5: record 5 was changed"),
                change("a record removed", lines -> lines.remove(4), ":5: before this line record 5 is missing"),
                change(
                        "records removed at the beginning",
                        lines -> lines.subList(0, 3).clear(),
                        ":1: before this line records 1 to 3 are missing"),
                change(
                        "a record inserted",
                        lines -> lines.add(4, lines.get(4).replace("200", "204").replace("\"n\":5,", "\"n\":4,")),
                        ":5: not written by this worker"),
                change(
                        "a record written twice",
                        lines -> lines.add(9, lines.get(4)),
                        ":10: record 5 stands out of order"),
                change("a record moved", lines -> lines.add(9, lines.remove(4)), ":10: record 5 stands out of order"),
                change(
                        "two records exchanged",
                        lines -> lines.add(4, lines.remove(5)),
                        ":6: record 5 stands out of order"),
                change(
                        "cut off at the end",
                        lines -> lines.subList(9, RECORDS).clear(),
                        ":9: after this line records 10 to 12 are cut off"),
                change("all records removed", List::clear, "records 1 to 12 are cut off"),
                change("a line that is none of ours", lines -> lines.add(4, "{\"n\":5}"), ":5: record 5 was changed"),
                change(
                        "a line without end",
                        lines -> lines.add(4, "x".repeat(100_000)),
                        ":5: not a record of this worker"));
    }

    private static Arguments change(String name, Change change, String found) {
        return Arguments.of(org.junit.jupiter.api.Named.of(name, change), found);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("changes")
    void findsWhatWasDoneToIt(Change change, String found) throws Exception {
        write(settings(), RECORDS);
        Path file = settings().file();
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        change.of(lines);
        Files.write(file, lines);

        assertThat(verify(settings(), null)).anySatisfy(line -> assertThat(line).contains(file.toString(), found));
    }

    @Test
    void findsACutThatTookTheHeadAlong() throws Exception {
        write(settings(), RECORDS);
        Files.delete(AuditHead.file(settings().file()));

        assertThat(verify(settings(), null)).anySatisfy(line -> assertThat(line).contains("may have been cut off"));
    }

    @Test
    void findsAForgedHead() throws Exception {
        write(settings(), RECORDS);
        Path head = AuditHead.file(settings().file());
        Files.writeString(head, Files.readString(head).replace(" 12 ", " 11 "));

        assertThat(verify(settings(), null)).anySatisfy(line -> assertThat(line).contains("missing or changed"));
    }

    /** File and head put back together to what they were once: only a head that was kept elsewhere shows it. */
    @Test
    void findsARestoredCopyByAHeadThatWasKeptElsewhere() throws Exception {
        write(settings(), 5);
        byte[] file = Files.readAllBytes(settings().file());
        byte[] head = Files.readAllBytes(AuditHead.file(settings().file()));
        write(settings(), 5);
        String known = verify(settings(), null).get(0).replaceFirst(".*head ", "");
        Files.write(settings().file(), file);
        Files.write(AuditHead.file(settings().file()), head);

        assertThat(verify(settings(), null)).hasSize(1);
        assertThat(verify(settings(), known))
                .anySatisfy(line -> assertThat(line).contains("no record has the given head"));
    }

    @Test
    void findsAFileThatWasRenamedThoughTheOrderIsTheSame() throws Exception {
        AuditSettings small = settings(700, null, true);
        write(small, RECORDS);
        List<AuditFiles.Rolled> rolled = new AuditFiles(small.file()).rolled();
        Path second = rolled.get(1).file();
        long first = rolled.get(1).first();
        Path renamed = new AuditFiles(small.file()).rolledName(rolled.get(1).day(), first + 1);
        assertThat(verify(small, null)).singleElement().asString().contains("verified");

        Files.move(second, renamed);

        assertThat(verify(small, null)).anySatisfy(line -> assertThat(line)
                .contains(renamed + ":1: record " + first + " is the first, and the file's name says " + (first + 1)));
    }

    @Test
    void theChainGoesOverFilesAndRestarts() throws Exception {
        AuditSettings small = settings(1024, null, true);
        write(small, 7);
        write(small, 7);
        clock.advance(Duration.ofDays(1));
        write(small, 1);

        List<Path> files = new AuditFiles(small.file()).all();
        assertThat(files).hasSizeGreaterThan(3);
        assertThat(String.valueOf(files.get(0).getFileName())).isEqualTo("audit-20261122-000000000001.jsonl");
        assertThat(verify(small, null)).singleElement().asString().startsWith("15 record(s) from 1 verified");
        Files.delete(files.get(1));
        assertThat(verify(small, null)).anySatisfy(line -> assertThat(line)
                .contains(files.get(2) + ":1: before this line records")
                .contains("the last one before is " + files.get(0)));
    }

    @Test
    void removesOldFilesAndRecordsIt() throws Exception {
        AuditSettings kept = settings(1024, Duration.ofDays(2), true);
        write(kept, 7);
        clock.advance(Duration.ofDays(4));
        write(kept, 2);

        assertThat(new AuditFiles(kept.file()).all()).hasSize(1);
        assertThat(Files.readString(kept.file())).contains("\"event\":\"removed\"");
        assertThat(verify(kept, null)).singleElement().asString().contains("from 8 verified");
    }

    @Test
    void whatAKilledProcessLeftIsCutOffAndRecorded() throws Exception {
        write(settings(), 3);
        Files.writeString(settings().file(), "{\"n\":4,\"time\":\"2026", StandardOpenOption.APPEND);

        assertThat(verify(settings(), null).get(0)).contains(":4: an incomplete record");
        write(settings(), 1);

        assertThat(Files.readString(settings().file())).contains("an incomplete record of 19 bytes was cut off");
        assertThat(verify(settings(), null)).singleElement().asString().startsWith("5 record(s)");
    }

    @Test
    void aStartAfterACutGoesOnAndTheCutStaysSeen() throws Exception {
        write(settings(), 5);
        List<String> lines = Files.readAllLines(settings().file());
        Files.write(settings().file(), lines.subList(0, 3));
        write(settings(), 1);

        assertThat(Files.readString(settings().file())).contains("records 4 to 5 are missing at the end");
        assertThat(verify(settings(), null))
                .anySatisfy(line -> assertThat(line).contains(":4: before this line records 4 to 5 are missing"));
    }

    @Test
    void aProcessThatIsKilledLosesNoRecordThatItHadWritten() throws Exception {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AuditFileTest.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        try (var out = process.inputReader(StandardCharsets.UTF_8)) {
            String line;
            do {
                line = Objects.requireNonNull(out.readLine());
            } while (!line.equals("200"));
            assertThatThrownBy(() -> AuditFile.open(settings(), Duration.ZERO, clock))
                    .isInstanceOf(AuditLock.InUse.class)
                    .hasMessageContaining("(process " + process.pid() + ")");
        } finally {
            process.destroyForcibly().waitFor();
        }

        write(settings(), 1);

        assertThat(verify(settings(), null)).singleElement().asString().contains("verified");
        assertThat(Files.readAllLines(settings().file())).hasSizeGreaterThan(200);
    }

    /** Writes records until it is killed. */
    public static void main(String[] args) throws IOException {
        var test = new AuditFileTest();
        test.folder = Path.of(args[0]);
        AuditFile file = AuditFile.open(test.settings(), Duration.ZERO, test.clock);
        for (int i = 1; ; i++) {
            file.append(Map.of("event", "call"));
            System.out.println(i);
        }
    }

    @Test
    void hasOneWriterInAProcessToo() throws Exception {
        try (AuditFile file = AuditFile.open(settings(), Duration.ZERO, clock)) {
            assertThat(file.head()).startsWith("0:");
            assertThatThrownBy(() -> Audit.begin(settings()))
                    .isInstanceOf(InvalidSettings.class)
                    .hasMessageContaining("is written by another worker");
        }
        write(settings(), 1);
    }

    @Test
    void isItsOwnersAlone() throws Exception {
        Files.createFile(
                settings().file(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
        write(settings(), 1);

        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void aRecordOfAnotherKeyIsNotTaken() throws Exception {
        write(settings(), 2);
        Files.writeString(folder.resolve("audit.jsonl.key"), "A".repeat(43) + "=");

        assertThat(verify(settings(), null)).anySatisfy(line -> assertThat(line).contains(":1: record 1 was changed"));
        assertThat(AuditKey.of(Secret.of("A".repeat(43) + "=")).ofSubject("12057900499"))
                .hasSize(22)
                .isNotEqualTo(AuditKey.made(settings(1, null, true)).ofHead("12057900499"));
    }

    /** The same as a full disk: the file cannot be rolled, since a folder has the name. */
    private void obstruct() throws IOException {
        Path rolled = new AuditFiles(settings().file()).rolledName("20261122", 1);
        Files.createDirectories(rolled.resolve("in-the-way"));
        clock.advance(Duration.ofDays(1));
    }

    private void clear() throws IOException {
        Path rolled = new AuditFiles(settings().file()).rolledName("20261122", 1);
        Files.delete(rolled.resolve("in-the-way"));
        Files.delete(rolled);
    }

    @Test
    void refusesCallsWhileItCannotBeWrittenAndWritesLateWhatHappened() throws Exception {
        try (Audit audit = Audit.begin(settings(), clock)) {
            assertThat(audit.refusal()).isNull();
            obstruct();

            assertThat(audit.acted("ola", "feed rewind", "orders", null)).isFalse();
            assertThat(audit.refusal()).contains("its audit record could not be written");
            clear();
            assertThat(audit.refusal()).isNull();
            assertThat(audit.fault()).isNull();
        }

        assertThat(Files.readString(settings().file())).contains("\"act\":\"feed rewind\"", "\"user\":\"ola\"");
        assertThat(verify(settings(), null)).singleElement().asString().contains("verified");
    }

    @Test
    void goesOnWithoutIfItMayAndRecordsTheLoss() throws Exception {
        AuditSettings going = settings(1 << 20, null, false);
        try (Audit audit = Audit.begin(going, clock)) {
            obstruct();

            assertThat(audit.acted("ola", "feed rewind", "orders", null)).isTrue();
            assertThat(audit.refusal()).isNull();
            assertThat(audit.fault()).isNotNull();
            clear();
            assertThat(audit.acted("kari", "feed rewind", "orders", null)).isTrue();
        }

        assertThat(Files.readString(going.file()))
                .contains("\"event\":\"lost\",\"records\":1", "kari")
                .doesNotContain("ola");
        assertThat(verify(going, null)).singleElement().asString().contains("verified");
    }
}
