package dev.dromedar.letters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.cluster.Await;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file of a store, and what goes wrong with it. */
@Tag("long")
class StoreFolderTest {
    private static final Duration LONG = Duration.ofMinutes(3);

    private final Path temp;
    private final List<Process> started = new ArrayList<>();

    StoreFolderTest(@TempDir Path temp) {
        this.temp = temp;
    }

    @AfterEach
    void end() throws Exception {
        for (Process process : started) {
            process.destroyForcibly().waitFor(1, TimeUnit.MINUTES);
        }
    }

    @Test
    void onlyTheOwnerMayReadItThoughFolderAndFilesExistedWithMoreRights() throws Exception {
        try (var store = DeadLetterStore.forWorker(settings())) {
            store.add(letter("a"), message());
        }
        Files.createDirectories(temp.resolve("set-aside"));
        try (Stream<Path> files = Files.list(temp)) {
            for (Path file : files.toList()) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxrwxrwx"));

        try (var store = DeadLetterStore.forWorker(settings())) {
            store.add(letter("b"), message());

            assertThat(rights(temp)).isEqualTo("rwx------");
            try (Stream<Path> files = Files.walk(temp)) {
                assertThat(files.toList())
                        .anyMatch(file -> file.toString().endsWith("-wal"))
                        .anyMatch(file -> file.toString().endsWith("-shm"))
                        .allMatch(file ->
                                !temp.equals(file.getParent()) || rights(file).endsWith("------"));
            }
        }
    }

    @Test
    void aFolderThatIsNotOursAloneKeepsItsRightsAndOurFilesAreClosedAllTheSame() throws Exception {
        Files.writeString(temp.resolve("somebody-elses"), "");
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));

        try (var store = DeadLetterStore.forWorker(settings())) {
            store.add(letter("a"), message());

            assertThat(rights(temp)).isEqualTo("rwxr-xr-x");
            assertThat(rights(temp.resolve("dromedar.sqlite"))).isEqualTo("rw-------");
            assertThat(rights(temp.resolve("dromedar.sqlite-wal"))).isEqualTo("rw-------");
        }
    }

    private static String rights(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The first version's second context freed the first one's lock, and another process then got the store. */
    @Test
    void aSecondContextIsRefusedAndASecondProcessAfterItToo() throws Exception {
        try (var one = DeadLetterStore.forWorker(settings())) {
            for (int round = 0; round < 2; round++) {
                assertThatThrownBy(() -> DeadLetterStore.forWorker(settings()))
                        .hasMessageContaining("another Camel context of this process uses " + temp);
            }
            try (var command = DeadLetterStore.forCommand(settings())) {
                assertThat(command.workerRuns()).isTrue();
            }

            assertThat(said(StoreProcess.start(started, temp, "open")))
                    .contains("another worker uses " + temp + ". Stop it");

            one.add(letter("a"), message());
            assertThat(said(StoreProcess.start(started, temp, "command"))).contains("worker runs: true, letters: 1");
        }
        try (var command = DeadLetterStore.forCommand(settings())) {
            assertThat(command.workerRuns()).isFalse();
        }
        assertThat(said(StoreProcess.start(started, temp, "open"))).contains("opened");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqlite-jdbc", "flyway-core"})
    void anApplicationWithoutTheJarsIsToldWhichToAdd(String missing) throws Exception {
        String rest = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(jar -> !jar.contains(missing))
                .collect(Collectors.joining(File.pathSeparator));

        assertThat(said(StoreProcess.start(started, ProcessBuilder.Redirect.PIPE, rest, temp, "open")))
                .contains("Add org.xerial:sqlite-jdbc and org.flywaydb:flyway-core");
    }

    private static String said(Process process) throws Exception {
        String said = new String(process.getInputStream().readNBytes(100_000), StandardCharsets.UTF_8);
        process.waitFor(1, TimeUnit.MINUTES);
        return said;
    }

    /** A letter whose add has returned is there, whole, whenever the process dies. */
    @Test
    void aProcessThatIsKilledAtAnyMomentLeavesEachAcknowledgedLetterWhole() throws Exception {
        for (int round = 0; round < 5; round++) {
            int letters = 3 + round * 17;
            Path said = temp.resolve("said-" + round);
            Process writer = StoreProcess.start(
                    started, ProcessBuilder.Redirect.to(said.toFile()), temp, "write", "round-" + round);
            Await.until(
                    "it writes: " + said, LONG, () -> Files.readAllLines(said).size() >= letters);
            writer.destroyForcibly().waitFor();
            List<String> acknowledged = Files.readString(said)
                    .substring(0, Files.readString(said).lastIndexOf('\n'))
                    .lines()
                    .toList();

            try (var store = DeadLetterStore.forWorker(settings())) {
                for (String id : acknowledged) {
                    Letter letter = Objects.requireNonNull(store.find(id), id);
                    assertThat(store.messageToReplay(letter).bodyText()).hasSize(StoreProcess.BODY);
                }
                String prefix = "round-" + round;
                List<Letter> all = store.list(10_000).stream()
                        .filter(letter -> letter.id().startsWith(prefix))
                        .toList();
                assertThat(all).hasSizeBetween(acknowledged.size(), acknowledged.size() + 1);
                all.forEach(letter -> assertThat(store.messageToReplay(letter).bodyText())
                        .as("none is half written")
                        .hasSize(StoreProcess.BODY));
            }
        }
        try (Stream<Path> left = Files.list(temp.resolve("native"))) {
            assertThat(left.count())
                    .as("what killed processes have unpacked is removed")
                    .isLessThanOrEqualTo(2);
        }
    }

    @Test
    void aReplayThatWasUnderWayWhenItsWorkerWasKilledIsInterrupted() throws Exception {
        try (var store = DeadLetterStore.forWorker(settings())) {
            store.add(letter("a"), message());
            store.ask("a");
        }
        Process worker = StoreProcess.start(started, temp, "claim");
        assertThat(worker.inputReader().readLine()).isEqualTo("claimed a");
        worker.destroyForcibly().waitFor();

        try (var store = DeadLetterStore.forWorker(settings())) {
            assertThat(store.claims().findInterrupted()).extracting(Letter::id).containsExactly("a");
            assertThat(store.claims().claim()).isNull();
        }
    }

    /** As when a node that is frozen was started again elsewhere, under its name, and then goes on. */
    @Test
    void theLateEndOfAReplayIsRefusedThoughTheNextIsOfANodeOfTheSameName() throws Exception {
        try (var database = LocalDatabase.forOneWorker(new StoreFolder(temp, StoreFolder.Use.LETTERS))) {
            var frozen = new DeadLetterStore(database, settings(), one -> {});
            var restarted = new DeadLetterStore(database, settings(), one -> {});
            frozen.add(letter("a"), message());
            frozen.ask("a");
            Letter first = Objects.requireNonNull(frozen.claims().claim());
            database.run("UPDATE dromedar_letter SET state = ?", Letter.State.INTERRUPTED.word());
            assertThat(restarted.ask("a")).isTrue();
            Letter second = Objects.requireNonNull(restarted.claims().claim());

            assertThat(frozen.claims().failed(first, message())).isFalse();
            assertThat(frozen.claims().done(first)).isFalse();
            assertThat(restarted.list(100)).extracting(Letter::state).containsExactly(Letter.State.RUNNING);

            assertThat(restarted.claims().done(second)).isTrue();
            assertThat(restarted.list(100)).isEmpty();
        }
    }

    @Test
    void aStoreThatCannotBeUsedIsToldAtTheStart() throws Exception {
        Files.createDirectories(temp.resolve("newer"));
        Files.writeString(temp.resolve("newer/format"), "99\n");
        Files.writeString(temp.resolve("file"), "");

        assertThatThrownBy(() -> DeadLetterStore.forWorker(settingsIn("newer")))
                .hasMessageContaining("format '99', which a newer version has made");
        assertThatThrownBy(() -> DeadLetterStore.forWorker(settingsIn("file/below")))
                .hasMessageContaining("dromedar.dead-letters.folder: the store")
                .hasMessageContaining("cannot be made");
        assertThatThrownBy(() -> DeadLetterStore.forCommand(settingsIn("nothing")))
                .hasMessageContaining("there is no store");
        assertThat(temp.resolve("nothing")).doesNotExist();
    }

    @Test
    void tablesOfANewerVersionAreLeftAlone() throws Exception {
        DeadLetterStore.forWorker(settings()).close();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + temp.resolve("dromedar.sqlite"));
                var update = connection.createStatement()) {
            update.executeUpdate("UPDATE dromedar_format SET version = 99");
        }

        assertThatThrownBy(() -> DeadLetterStore.forWorker(settings()))
                .hasMessageContaining("have version 99, which a newer");
        assertThatThrownBy(() -> DeadLetterStore.forCommand(settings())).hasMessageContaining("have version 99");
    }

    @Test
    void aFileThatIsGoneEmptyOrNoDatabaseIsNotBegunAnew() throws Exception {
        try (var store = DeadLetterStore.forWorker(settings())) {
            store.add(letter("a"), message());
        }
        Path file = temp.resolve("dromedar.sqlite");
        byte[] whole = Files.readAllBytes(file);

        Files.delete(file);
        assertThatThrownBy(() -> DeadLetterStore.forWorker(settings())).hasMessageContaining("is missing. Restore it");
        Files.write(file, new byte[0]);
        assertThatThrownBy(() -> DeadLetterStore.forWorker(settings())).hasMessageContaining("is empty. Restore it");
        Files.write(file, "not a database, at least 100 bytes long ".repeat(100).getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> DeadLetterStore.forWorker(settings()))
                .hasMessageContaining("is damaged")
                .hasMessageContaining("restore it from a backup");
        Files.write(file, whole);
        try (var store = DeadLetterStore.forWorker(settings())) {
            assertThat(store.list(10)).hasSize(1);
        }
    }

    @Test
    void damageInTheMiddleIsFoundByTheCheckAndNothingIsRemoved() throws Exception {
        try (var store = DeadLetterStore.forWorker(settings())) {
            for (int i = 0; i < 100; i++) {
                store.add(letter("letter-" + i), message());
            }
        }
        Path file = temp.resolve("dromedar.sqlite");
        byte[] bytes = Files.readAllBytes(file);
        java.util.Arrays.fill(bytes, bytes.length / 2, bytes.length / 2 + 8192, (byte) 0x5a);
        Files.write(file, bytes);

        try (var store = DeadLetterStore.forWorker(settings())) {
            assertThatThrownBy(store::verify)
                    .isInstanceOfSatisfying(StoreFailure.class, failure -> assertThat(failure.isDamage())
                            .isTrue())
                    .hasMessageContaining("is damaged")
                    .hasMessageContaining(".recover");
        }
        assertThat(Files.size(file)).isEqualTo(bytes.length);
    }

    @Test
    void aFileThatIsMovedAwayUnderTheWorkerTakesNoMoreLetters() throws Exception {
        try (var store = DeadLetterStore.forWorker(settings())) {
            store.add(letter("a"), message());
            Files.move(temp.resolve("dromedar.sqlite"), temp.resolve("backup"));

            assertThatThrownBy(() -> store.add(letter("b"), message()))
                    .hasMessageContaining("was moved, removed or replaced");
            assertThatThrownBy(store::probe).hasMessageContaining("was moved, removed or replaced");
            Files.move(temp.resolve("backup"), temp.resolve("dromedar.sqlite"));
            store.add(letter("b"), message());
        }
    }

    @Test
    void roomOfDiscardedLettersGoesBackToTheDiskAndTheirContentIsOverwritten() throws Exception {
        try (var store = DeadLetterStore.forWorker(settings())) {
            for (int i = 0; i < 50; i++) {
                store.add(
                        letter("letter-" + i),
                        new KeptMessage(
                                Map.of(),
                                KeptMessage.Kind.BYTES,
                                "sensitive ".repeat(2000).getBytes(StandardCharsets.UTF_8)));
            }
            store.tidy();
            long full = Files.size(temp.resolve("dromedar.sqlite"));

            assertThat(store.discardAll(null)).isEqualTo(50);
            store.tidy();

            assertThat(full).isGreaterThan(1_000_000);
            assertThat(Files.size(temp.resolve("dromedar.sqlite"))).isLessThan(200_000);
            assertThat(Files.size(temp.resolve("dromedar.sqlite-wal"))).isZero();
        }
        assertThat(Files.readString(temp.resolve("dromedar.sqlite"), java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain("sensitive");
    }

    @Test
    void severalWorkersShareTheFolderOfFeedsAndEachMoveIsOneStep() throws Exception {
        Process one = StoreProcess.start(started, temp, "feed");
        Process other = StoreProcess.start(started, temp, "feed");
        Await.until("both are done", LONG, () -> !one.isAlive() && !other.isAlive());

        int moves = Integer.parseInt(said(one).strip())
                + Integer.parseInt(said(other).strip());
        assertThat(Feeds.command(temp, FeedPositions::all)).containsEntry("events", (long) moves);
    }

    private static Letter letter(String id) {
        Instant then = Instant.parse("2026-01-01T00:00:00Z");
        return new Letter(id, "in", null, then, then, 1, Letter.State.KEPT, "why");
    }

    private static KeptMessage message() {
        return new KeptMessage(Map.of(), KeptMessage.Kind.BYTES, new byte[1000]);
    }

    private DeadLetterSettings settings() {
        return StoreProcess.settings(temp);
    }

    private DeadLetterSettings settingsIn(String folder) {
        return StoreProcess.settings(temp.resolve(folder));
    }
}
