package dev.dromedar.letters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.keys.Secret;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores of the first version, in files: taken over once, with nothing lost. */
class FormerStoreTest {
    private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00.123Z");
    private static final Secret KEY = key(0);
    private static final Secret OTHER = key(1);

    private final Path temp;

    FormerStoreTest(@TempDir Path temp) {
        this.temp = temp;
    }

    @Test
    void lettersOfEveryStateAreTakenOverAndWhatCannotBeReadIsSetAside() throws Exception {
        Files.createDirectories(temp.resolve("kept"));
        Files.writeString(temp.resolve("format"), "1\n");
        write("kept/20260101-000000-001-aaaaaa.letter", former("20260101-000000-001-aaaaaa", KEY));
        write("asked/20260101-000000-002-aaaaaa.letter", former("20260101-000000-002-aaaaaa", KEY));
        write("running/20260101-000000-003-aaaaaa.letter", former("20260101-000000-003-aaaaaa", KEY));
        write("interrupted/20260101-000000-004-aaaaaa.letter", former("20260101-000000-004-aaaaaa", KEY));
        write("kept/20260101-000000-005-aaaaaa.letter", former("20260101-000000-005-aaaaaa", null));
        write("kept/20260101-000000-006-aaaaaa.letter", former("20260101-000000-006-aaaaaa", OTHER));
        byte[] whole = former("20260101-000000-007-aaaaaa", KEY);
        write("kept/20260101-000000-007-aaaaaa.letter", Arrays.copyOf(whole, whole.length - 1));
        write("kept/20260101-000000-008-aaaaaa.letter", new byte[0]);
        write("kept/notes.txt", new byte[] {1});
        write("unfinished/20260101-000000-009-aaaaaa.letter.4711", Arrays.copyOf(whole, 200));
        write("unfinished/probe", new byte[10]);

        try (var store = DeadLetterStore.forWorker(settings(KEY))) {
            assertThat(store.claims().findInterrupted())
                    .extracting(Letter::id)
                    .containsExactly("20260101-000000-003-aaaaaa");
            assertThat(store.list(100))
                    .extracting(letter ->
                            letter.id().substring(18, 19) + " " + letter.state().word())
                    .containsExactly("1 kept", "2 asked", "3 interrupted", "4 interrupted", "5 kept");
            Letter sealed = store.list(1).get(0);
            assertThat(sealed)
                    .isEqualTo(new Letter(
                            "20260101-000000-001-aaaaaa",
                            "in",
                            "orders",
                            FIRST,
                            FIRST.plusSeconds(1),
                            3,
                            Letter.State.KEPT,
                            "no answer"));
            assertThat(store.messageToReplay(sealed).bodyText()).isEqualTo("the body");
            assertThat(store.messageToReplay(sealed).headers()).containsEntry("patient", "p-17");
            Letter open = Objects.requireNonNull(store.find("20260101-000000-005-aaaaaa"));
            assertThat(store.message(open).bodyText()).isEqualTo("the body");
            assertThatThrownBy(() -> store.messageToReplay(open)).hasMessageContaining("is not sealed");
        }

        assertThat(names("set-aside"))
                .containsExactly(
                        "20260101-000000-006-aaaaaa.letter",
                        "20260101-000000-007-aaaaaa.letter",
                        "20260101-000000-008-aaaaaa.letter",
                        "20260101-000000-009-aaaaaa.letter.4711",
                        "notes.txt");
        assertThat(names("."))
                .doesNotContain("kept", "asked", "running", "interrupted", "unfinished")
                .contains("dromedar.sqlite");
        assertThat(Files.readString(temp.resolve("format")))
                .as("a worker of the first version does not begin beside it")
                .isEqualTo("2\n");

        Files.createDirectories(temp.resolve("kept"));
        Files.move(
                temp.resolve("set-aside/20260101-000000-006-aaaaaa.letter"),
                temp.resolve("kept/20260101-000000-006-aaaaaa.letter"));
        try (var store = DeadLetterStore.forWorker(settings(OTHER))) {
            assertThat(Objects.requireNonNull(store.find("20260101-000000-006-aaaaaa"))
                            .cause())
                    .as("with its key it is taken after all")
                    .isEqualTo("no answer");
        }
    }

    /** The process dies after a letter is in the database and before its file is gone. */
    @Test
    void aLetterThatWasTakenOverAlreadyIsNotThereTwice() throws Exception {
        write("kept/a.letter", former("a", null));
        try (var store = DeadLetterStore.forWorker(settings(null))) {
            assertThat(store.list(10)).hasSize(1);
            store.ask("a");
        }
        write("kept/a.letter", former("a", null));

        try (var store = DeadLetterStore.forWorker(settings(null))) {
            assertThat(store.list(10)).extracting(Letter::state).containsExactly(Letter.State.ASKED);
        }
        assertThat(names(".")).doesNotContain("kept");
    }

    @Test
    void aCommandBeforeTheFirstStartSaysWhatToDo() throws Exception {
        write("kept/a.letter", former("a", null));

        assertThatThrownBy(() -> DeadLetterStore.forCommand(settings(null)))
                .hasMessageContaining("is of an older version. Start the worker");
        assertThat(names("kept")).containsExactly("a.letter");
    }

    @Test
    void feedPositionsAreTakenOverOnceAndOlderWorkersAreTold() throws Exception {
        write("events.pointer", "1 109\n".getBytes(StandardCharsets.US_ASCII));
        write("blocked.pointer", "1 9223372036854775807\n".getBytes(StandardCharsets.US_ASCII));
        write("events.unfinished", "1 1".getBytes(StandardCharsets.US_ASCII));

        try (var feeds = new Open(temp)) {
            feeds.named("events");
            assertThat(feeds.positions())
                    .containsExactlyInAnyOrderEntriesOf(Map.of("events", 109L, "blocked", Long.MAX_VALUE - 1));
        }
        assertThat(Files.readString(temp.resolve("events.pointer"))).doesNotContain("109");
        Feeds.command(temp, positions -> {
            positions.set("events", 5);
            return true;
        });
        try (var feeds = new Open(temp)) {
            feeds.named("events");
            assertThat(feeds.positions()).containsEntry("events", 5L);
        }
    }

    @Test
    void aFeedWhosePositionCannotBeReadDoesNotBeginAnew() throws Exception {
        write("one.pointer", "2 10\n".getBytes(StandardCharsets.US_ASCII));
        write("two.pointer", new byte[0]);

        try (var feeds = new Open(temp)) {
            assertThatThrownBy(() -> feeds.named("three"))
                    .isInstanceOf(StoreFailure.class)
                    .hasMessageContaining(temp.resolve("one.pointer") + ", " + temp.resolve("two.pointer"));
        }
        assertThat(Files.readString(temp.resolve("one.pointer"))).isEqualTo("2 10\n");
    }

    private static final class Open implements AutoCloseable {
        private final Feeds feeds;
        private final Path folder;

        Open(Path folder) {
            this.folder = folder;
            this.feeds = Feeds.in(folder);
            feeds.start();
        }

        void named(String name) {
            feeds.isNamed(name);
        }

        Map<String, Long> positions() {
            return Feeds.command(folder, FeedPositions::all);
        }

        @Override
        public void close() {
            feeds.stop();
        }
    }

    private List<String> names(String folder) throws IOException {
        try (Stream<Path> files = Files.list(temp.resolve(folder))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private void write(String name, byte[] content) throws IOException {
        Path file = temp.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    /** As the first version wrote it. */
    private static byte[] former(String id, @Nullable Secret key) throws IOException {
        Seal seal = key == null ? null : new Seal(key);
        String cause = seal == null
                ? "no answer"
                : Base64.getEncoder().encodeToString(seal.seal(bytes("no answer"), bytes(id + "/cause")));
        var content = new ByteArrayOutputStream();
        var out = new DataOutputStream(content);
        byte[] headers = bytes("{\"patient\":\"p-17\",\"when\":{\"date\":\"2026-01-01T00:00:00Z\"}}");
        out.writeInt(headers.length);
        out.write(headers);
        out.writeUTF("TEXT");
        out.write(bytes("the body"));
        var all = new ByteArrayOutputStream();
        all.write(bytes("{\"version\":1,\"id\":\"" + id + "\",\"route\":\"in\",\"api\":\"orders\",\"firstFailed\":\""
                + FIRST + "\",\"failed\":\"" + FIRST.plusSeconds(1) + "\",\"attempts\":3,\"key\":"
                + (seal == null ? "null" : "\"" + seal.keyId() + "\"") + ",\"cause\":\"" + cause + "\"}\n"));
        all.write(seal == null ? content.toByteArray() : seal.seal(content.toByteArray(), bytes(id + "/input")));
        return all.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Secret key(int first) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) first;
        return Secret.of(Base64.getEncoder().encodeToString(bytes));
    }

    private DeadLetterSettings settings(@Nullable Secret key) {
        return new DeadLetterSettings(temp, Duration.ofDays(30), 1_000_000, key, false, 0, Duration.ZERO);
    }
}
