package dev.dromedar.letters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store on a disk of 200 MB that fills up or becomes read-only. Where no file system can be mounted (not root) it is aborted. */
class FullDiskTest {
    private final Path disk;
    private int letters;

    FullDiskTest(@TempDir Path temp) {
        disk = temp.resolve("disk");
    }

    @BeforeEach
    void mount() throws Exception {
        Files.createDirectory(disk);
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", disk.toString()),
                "this user may not mount a file system");
    }

    @AfterEach
    void unmount() throws Exception {
        // Lazily: a process that another thread is just starting still has our files for a moment
        run("umount", "-l", disk.toString());
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // there is no such program
        }
    }

    @Test
    void whatIsAcknowledgedStaysAndWhatIsLeftOfTheDiskIsEnoughToMakeRoomByDiscarding() throws Exception {
        try (var store = DeadLetterStore.forWorker(settings(disk))) {
            assertThatThrownBy(() -> {
                        while (true) {
                            add(store);
                        }
                    })
                    .isInstanceOf(StoreFailure.class)
                    .hasMessageContaining("is full but for");
            assertThatThrownBy(store::probe).hasMessageContaining("Make room: replay or discard letters");
            assertThat(letters).isGreaterThan(20);
            fill();
            assertThatThrownBy(() -> add(store)).isInstanceOf(StoreFailure.class);
            assertThat(store.list(10_000)).hasSize(letters);
            for (Letter letter : store.list(10_000)) {
                assertThat(store.message(letter).bodyText()).hasSize(1_000_000);
            }

            Files.delete(disk.resolve("filler"));
            assertThat(store.discard("letter-1")).isTrue();
            assertThat(store.ask("letter-0")).as("a replay is requested").isTrue();
            assertThat(store.discardAll(null)).isEqualTo(letters - 2);
            store.tidy();
            store.probe();
            add(store);

            assertThat(store.list(10_000)).hasSize(2);
        }
        try (var store = DeadLetterStore.forWorker(settings(disk))) {
            store.verify();
            assertThat(store.list(10_000)).hasSize(2);
        }
    }

    @Test
    void aFullDiskIsToldAtTheStartAndNothingIsBegunThere() throws Exception {
        fill();

        assertThatThrownBy(() -> DeadLetterStore.forWorker(settings(disk.resolve("letters"))))
                .isInstanceOf(StoreFailure.class)
                .hasMessageContaining("the disk is full. Remove other files first");
        Files.delete(disk.resolve("filler"));
        try (var store = DeadLetterStore.forWorker(settings(disk.resolve("letters")))) {
            add(store);
            assertThat(store.list(10)).hasSize(1);
        }
    }

    @Test
    void aDiskThatBecomesReadOnlyIsToldAndWhatIsThereCanBeRead() throws Exception {
        try (var store = DeadLetterStore.forWorker(settings(disk))) {
            add(store);
        }
        assertThat(run("mount", "-o", "remount,ro", disk.toString())).isTrue();

        assertThatThrownBy(() -> DeadLetterStore.forWorker(settings(disk)))
                .isInstanceOf(StoreFailure.class)
                .hasMessageContaining("dromedar.dead-letters.folder")
                .hasMessageContaining("read-only");
        assertThat(run("mount", "-o", "remount,rw", disk.toString())).isTrue();
        try (var store = DeadLetterStore.forWorker(settings(disk))) {
            assertThat(store.list(10)).hasSize(1);
        }
    }

    private static DeadLetterSettings settings(Path folder) {
        return new DeadLetterSettings(folder, Duration.ofDays(30), 1_000_000_000, null, false, 0, Duration.ZERO);
    }

    private void add(DeadLetterStore store) {
        Instant then = Instant.parse("2026-01-01T00:00:00Z");
        store.add(
                new Letter("letter-" + letters, "in", null, then, then, 1, Letter.State.KEPT, "why"),
                new KeptMessage(
                        Map.of(), KeptMessage.Kind.BYTES, "x".repeat(1_000_000).getBytes(StandardCharsets.UTF_8)));
        letters++;
    }

    /** To the last byte. */
    private void fill() throws IOException {
        try (OutputStream filler = Files.newOutputStream(disk.resolve("filler"))) {
            while (true) {
                filler.write(new byte[512]);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }
}
