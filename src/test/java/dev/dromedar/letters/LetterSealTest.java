package dev.dromedar.letters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.keys.Secret;
import dev.dromedar.letters.DeadLetterOperations.Selection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With a key a letter is replayed only as it was kept, whatever was done to the database. */
class LetterSealTest {
    private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00.123Z");
    private static final Secret KEY = key(0);

    private final Path temp;

    LetterSealTest(@TempDir Path temp) {
        this.temp = temp;
    }

    @Test
    void aSealedLetterShowsNothingOnDiskAndOpensWithItsKeyAlone() throws Exception {
        try (var store = DeadLetterStore.forWorker(settings(KEY))) {
            store.add(letter("a", "secret-route"), message("sensitive"));
        }

        String onDisk = Files.readString(temp.resolve("dromedar.sqlite"), StandardCharsets.ISO_8859_1);
        assertThat(onDisk).contains("secret-route").doesNotContain("sensitive", "p-17", "no answer");
        try (var store = DeadLetterStore.forCommand(settings(KEY))) {
            Letter letter = store.list(10).get(0);
            assertThat(letter).isEqualTo(letter("a", "secret-route"));
            assertThat(store.messageToReplay(letter).bodyText()).isEqualTo("sensitive");
        }
        for (Secret other : new @Nullable Secret[] {key(1), null}) {
            try (var store = DeadLetterStore.forCommand(settings(other))) {
                Letter letter = store.list(10).get(0);
                assertThat(letter.route()).isEqualTo("secret-route");
                assertThat(letter.cause()).startsWith("(sealed with the key 66687aad");
                assertThatThrownBy(() -> store.messageToReplay(letter))
                        .hasMessageContaining("sealed with the key 66687aad");
            }
        }
    }

    /** Each changes the letter {@code a}; {@code b} is another, sealed with the same key. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "route = 'public-route'",
                "route = route || ' '",
                "id = 'c'",
                "cluster = ''||cluster, id = 'A'",
                "api = 'other'",
                "api = NULL",
                "api = ''",
                "first_failed = first_failed + 1",
                "failed = failed + 1",
                "failed = 4102444800000",
                "attempts = attempts + 1",
                "key_id = '66687aae'",
                "cause = (SELECT cause FROM dromedar_letter WHERE id = 'b')",
                "content = (SELECT content FROM dromedar_letter WHERE id = 'b')",
                "cause = (SELECT cause FROM dromedar_letter WHERE id = 'b'),"
                        + " content = (SELECT content FROM dromedar_letter WHERE id = 'b')",
                "cause = x'00'",
                "cause = x''",
                "content = x''",
                "content = substr(content, 1, length(content) - 1)",
                "content = content || x'00'",
                "content = cause",
                "cause = content, content = cause",
                "key_id = NULL",
                "key_id = NULL, cause = 'why', content = x'000000027b7d00044e4f4e45'"
            })
    void whateverIsChangedTheLetterIsNotReplayedAndSaysSo(String change) throws Exception {
        try (var store = DeadLetterStore.forWorker(settings(KEY))) {
            store.add(letter("a", "secret-route"), message("sensitive"));
            store.add(letter("b", "other-route"), message("other"));
        }
        sql("UPDATE dromedar_letter SET " + change + " WHERE id = 'a'");

        try (var store = DeadLetterStore.forWorker(settings(KEY))) {
            Letter letter = store.list(10).stream()
                    .filter(one -> !one.id().equals("b"))
                    .findFirst()
                    .orElseThrow();
            assertThatThrownBy(() -> store.messageToReplay(letter))
                    .isInstanceOf(StoreFailure.class)
                    .hasMessageMatching("(?s)Dead letter \\S+ (does not open: .* changed after it was sealed.*"
                            + "|is not sealed, and .*|is sealed with the key 66687aae.*)");
            store.ask(letter.id());
            sql("UPDATE dromedar_letter SET state = 'asked' WHERE id <> 'b'");
            Letter claimed = Objects.requireNonNull(store.claims().claim());
            assertThatThrownBy(() -> store.messageToReplay(claimed)).isInstanceOf(StoreFailure.class);
            store.claims().release(claimed);
            assertThat(store.list(10)).as("it stays, for a person to look at").hasSize(2);
            assertThat(store.messageToReplay(letter("b", "other-route")).bodyText())
                    .isEqualTo("other");
        }
    }

    @Test
    void aLetterThatWasTakenFromAnotherClusterDoesNotOpen() {
        var one = new LetterFormat("one", new Seal(KEY));
        var other = new LetterFormat("other", new Seal(KEY));
        Letter letter = letter("a", "in");
        LetterFormat.Parts parts = one.write(letter, message("x"));

        assertThat(one.message(letter, parts).bodyText()).isEqualTo("x");
        assertThatThrownBy(() -> other.message(letter, parts)).hasMessageContaining("does not open");
    }

    @Test
    void lettersFromBeforeTheKeyAreRefusedUntilTheyAreSealed() {
        try (var store = DeadLetterStore.forWorker(settings(null))) {
            store.add(letter("a", "in"), message("one"));
            store.add(letter("b", "in"), message("two"));
            store.add(letter("c", "out"), message("three"));
            store.ask("c");
        }

        try (var store = DeadLetterStore.forWorker(settings(KEY))) {
            assertThat(store.list(10)).extracting(Letter::cause).allMatch(cause -> cause.startsWith("not sealed, and"));
            assertThat(store.ask("a")).isFalse();
            assertThat(store.askAll(null)).isZero();
            Letter claimed = Objects.requireNonNull(store.claims().claim());
            assertThatThrownBy(() -> store.messageToReplay(claimed)).hasMessageContaining("./run dead-letters seal c");
            store.claims().release(claimed);

            List<String> out = new ArrayList<>();
            var operations = new DeadLetterOperations(store, out::add);
            assertThat(operations.replay(new Selection(List.of("a"), false, null)))
                    .isFalse();
            assertThat(out).contains("a: not replayed: " + store.list(1).get(0).cause());
            assertThat(operations.show("a", true)).isTrue();
            assertThat(operations.seal(new Selection(List.of("b"), false, null)))
                    .isTrue();
            assertThat(store.list(10))
                    .extracting(Letter::cause)
                    .filteredOn("no answer"::equals)
                    .hasSize(1);
            assertThat(operations.seal(new Selection(List.of(), false, null))).isTrue();

            assertThat(out).contains("2 dead letter(s) sealed.");
            assertThat(store.list(10)).containsExactly(letter("a", "in"), letter("b", "in"), letter("c", "out"));
            assertThat(store.messageToReplay(letter("a", "in")).bodyText()).isEqualTo("one");
            assertThat(operations.replay(new Selection(List.of("a"), false, null)))
                    .isTrue();
        }
        try (var store = DeadLetterStore.forCommand(settings(null))) {
            assertThatThrownBy(() -> store.unsealed().seal("a")).hasMessageContaining("there is no key");
        }
    }

    @Test
    void aReplayThatFailsIsSealedAnew() {
        try (var store = DeadLetterStore.forWorker(settings(KEY))) {
            store.add(letter("a", "in"), message("one"));
            store.ask("a");
            Letter claimed = Objects.requireNonNull(store.claims().claim());
            Letter again = claimed.failedAgain("orders", FIRST.plusNanos(999_999_999), 2, "still no answer");

            store.claims().failed(again, store.messageToReplay(claimed));

            Letter kept = Objects.requireNonNull(store.find("a"));
            assertThat(kept.attempts()).isEqualTo(5);
            assertThat(kept.cause()).isEqualTo("still no answer");
            assertThat(store.messageToReplay(kept).bodyText()).isEqualTo("one");
        }
    }

    private void sql(String statement) throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + temp.resolve("dromedar.sqlite"));
                var update = connection.createStatement()) {
            assertThat(update.executeUpdate(statement)).isEqualTo(1);
        }
    }

    private DeadLetterSettings sealedByDefault() {
        Path folder = temp.resolve("letters");
        return new DeadLetterSettings(
                folder, Duration.ofDays(30), 1_000_000, null, temp.resolve("letters.key"), false, 0, Duration.ZERO);
    }

    @Test
    void aKeyIsMadeAtFirstUseAndSealsWhatWasThereBefore() throws Exception {
        DeadLetterSettings sealed = sealedByDefault();
        var open =
                new DeadLetterSettings(sealed.folder(), Duration.ofDays(30), 1_000_000, null, false, 0, Duration.ZERO);
        try (var store = DeadLetterStore.forWorker(open)) {
            store.add(letter("a", "before"), message("sensitive"));
        }
        try (var store = DeadLetterStore.forCommand(sealed)) {
            assertThat(store.list(10)).hasSize(1); // a command makes no key
        }
        assertThat(sealed.keyFile()).doesNotExist();

        try (var store = DeadLetterStore.forWorker(sealed)) {
            store.add(letter("b", "after"), message("delicate"));

            assertThat(store.unsealed().list(null, "", 10)).isEmpty();
        }

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve("letters.key"))))
                .isEqualTo("rw-------");
        try (var store = DeadLetterStore.forWorker(sealed)) {
            assertThat(store.list(10))
                    .extracting(letter -> store.messageToReplay(letter).bodyText())
                    .containsExactly("sensitive", "delicate");
        }
        assertThat(Files.readString(sealed.folder().resolve("dromedar.sqlite"), StandardCharsets.ISO_8859_1))
                .doesNotContain("sensitive", "delicate");
    }

    @Test
    void lettersOfAKeyBeforeOpenWhileItIsListed() throws Exception {
        try (var store = DeadLetterStore.forWorker(settings(KEY))) {
            store.add(letter("a", "r"), message("old"));
        }
        Secret both = Secret.of(key(1).reveal() + "\n" + KEY.reveal());
        try (var store = DeadLetterStore.forWorker(settings(both))) {
            store.add(letter("b", "r"), message("new"));

            assertThat(store.list(10))
                    .extracting(letter -> store.messageToReplay(letter).bodyText())
                    .containsExactly("old", "new");
        }
        try (var store = DeadLetterStore.forWorker(settings(key(1)))) {
            Letter old = store.list(10).get(0);

            assertThat(store.messageToReplay(store.list(10).get(1)).bodyText()).isEqualTo("new");
            assertThatThrownBy(() -> store.messageToReplay(old)).hasMessageContaining("Add the key 66687aad");
        }
    }

    @Test
    void aNodeOfAClusterMakesNoKey() {
        assertThatThrownBy(() -> LetterKey.shared(sealedByDefault()))
                .isInstanceOf(StoreFailure.class)
                .hasMessageContaining("all nodes need the same key");
        assertThat(LetterKey.shared(settings(null))).isNull();
        assertThat(LetterKey.shared(settings(KEY))).isEqualTo(KEY);
    }

    @Test
    void aKeyFileThatIsDamagedSaysSoAndMakesNoOther() throws Exception {
        Files.writeString(temp.resolve("letters.key"), "not a key");

        assertThatThrownBy(() -> DeadLetterStore.forWorker(sealedByDefault()))
                .isInstanceOf(StoreFailure.class)
                .hasMessageContaining("letters.key must hold base64 of 32 bytes")
                .hasMessageNotContaining("not a key");
    }

    private static Secret key(int first) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) first;
        return Secret.of(Base64.getEncoder().encodeToString(bytes));
    }

    private static Letter letter(String id, String route) {
        return new Letter(id, route, "orders", FIRST, FIRST.plusSeconds(1), 3, Letter.State.KEPT, "no answer");
    }

    private static KeptMessage message(String body) {
        return new KeptMessage(Map.of("patient", "p-17"), KeptMessage.Kind.TEXT, body.getBytes(StandardCharsets.UTF_8));
    }

    private DeadLetterSettings settings(@Nullable Secret key) {
        return new DeadLetterSettings(temp, Duration.ofDays(30), 1_000_000, key, false, 0, Duration.ZERO);
    }
}
