package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWK;
import dev.dromedar.MovableClock;
import dev.dromedar.Proves;
import dev.dromedar.cluster.Await;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.AuthorityUnavailable;
import dev.dromedar.oauth.Clients;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.Time;
import dev.dromedar.oauth.TokenRefused;
import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Origin;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Request;
import dev.dromedar.sandbox.Sandbox;
import dev.dromedar.sandbox.SelfService;
import dev.dromedar.settings.Settings;
import dev.dromedar.settings.TrustedAuthorities;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client's key is replaced at Selvbetjening, whatever stops it, and at no moment is there none that works. */
@Tag("long")
class KeyRotationTest {
    private final Path file;
    private final MovableClock clock = new MovableClock();
    private final List<String> told = new ArrayList<>();
    private Sandbox sandbox;
    private ProtectedApi api;
    private SelfService service;

    KeyRotationTest(@TempDir Path folder) {
        this.file = folder.resolve("key.jwk.json");
    }

    /** What ends a process at that line. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    @BeforeEach
    void start() throws Exception {
        sandbox = Sandbox.start(Sandbox.Options.plain().withClock(clock));
        api = sandbox.add(Registration.helseid("register").withAlgorithm("ES256"));
        service = sandbox.selfService("register");
        Files.writeString(file, api.client().privateKey().toJSONString());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    }

    @AfterEach
    void stop() {
        sandbox.close();
    }

    private Clients clients(String... more) {
        Map<String, String> properties = new LinkedHashMap<>();
        sandbox.properties().forEach((key, value) -> {
            if (key.startsWith("sandbox.register.")) {
                properties.put("dromedar.api." + key.substring("sandbox.".length()), value);
            }
        });
        properties.put("dromedar.api.register.private-key", "{{secretfile:" + file + "}}");
        for (int i = 0; i < more.length; i += 2) {
            properties.put("dromedar.api.register." + more[i], more[i + 1]);
        }
        return new Clients(
                Settings.read(properties, Worker.placeholders(properties)).apis(),
                TrustedAuthorities.with((Path) null).context(),
                Duration.ofSeconds(5),
                new Time(clock, System::nanoTime));
    }

    private void rotate(Consumer<String> lines) throws Exception {
        try (Clients clients = clients()) {
            clients.rotation("register", clock::advance, line -> {
                        told.add(line);
                        lines.accept(line);
                    })
                    .run(false);
        }
    }

    private String kid() throws Exception {
        return JWK.parse(Files.readString(file)).getKeyID();
    }

    /** A worker that starts with what is on disk gets a token. */
    private void works() throws Exception {
        try (Clients clients = clients()) {
            ApiClient client = Objects.requireNonNull(clients.named("register"));
            assertThat(client.token(client.settings().tokens().request())).isNotNull();
        }
    }

    @ParameterizedTest
    @EnumSource(SelfService.Body.class)
    void takesANewKeyInEitherFormAfterTheCacheAndAWorkerFollows(SelfService.Body form) throws Exception {
        service.takes(form);
        service.cacheDelay(Duration.ofSeconds(20));
        String old = kid();
        try (Clients worker = clients()) {
            ApiClient client = Objects.requireNonNull(worker.named("register"));

            rotate(line -> {});

            assertThat(kid()).isNotEqualTo(old);
            assertThat(service.registered()).containsExactly(old, kid());
            worker.checkCredentials();
            worker.checkCredentials();
            assertThat(Objects.requireNonNull(
                                    client.settings().client().authentication().key())
                            .keyId())
                    .isEqualTo(kid());
        }
        works();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r-----");
        assertThat(file.resolveSibling("key.jwk.json.previous")).content().contains(old);
        clock.advance(Duration.ofHours(1));
        rotate(line -> {});
        assertThat(file.getParent()).isDirectoryNotContaining("glob:**.{previous,next,rotation,unfinished}");
        assertThat(told).noneMatch(line -> line.contains("\"d\""));
    }

    @Test
    @Proves("HelseID key registry")
    void goesOnWhereItWasKilledAndNeverWithoutAKeyThatWorks() throws Exception {
        int step = 0;
        boolean killed = true;
        for (; killed; step++) {
            String before = kid();
            int registered = service.registered().size();
            int last = step;
            int[] lines = {0};
            killed = false;
            try {
                rotate(line -> {
                    if (lines[0]++ == last) {
                        throw new Killed();
                    }
                });
            } catch (Killed e) {
                killed = true;
            }
            works();

            rotate(line -> {});

            assertThat(kid()).as("killed after %s", step).isNotEqualTo(before);
            assertThat(service.registered())
                    .as("killed after %s", step)
                    .hasSize(registered + 1)
                    .endsWith(kid());
            works();
            clock.advance(Duration.ofHours(1));
            rotate(line -> {});
            assertThat(Files.exists(file.resolveSibling("key.jwk.json.rotation")))
                    .isFalse();
        }
        assertThat(step).isGreaterThan(8);
    }

    @Test
    void aLostAnswerIsSeenInTheListAndAnOutageChangesNothing() throws Exception {
        String old = kid();
        Origin.Switch down = service.api().fault(Fault.status(503));
        assertThatThrownBy(() -> rotate(line -> {})).isInstanceOf(AuthorityUnavailable.class);
        down.off();
        works();
        Origin.Switch lost = service.api().fault(new Fault() {
            @Override
            public Answer answer(Request request, Server server) {
                server.answer(request);
                return Answer.of(500, "text/html", "<html>secret words");
            }

            @Override
            public boolean concerns(Request request) {
                return request.method().equals("POST");
            }
        });
        assertThatThrownBy(() -> rotate(line -> {}))
                .isInstanceOf(AuthorityUnavailable.class)
                .hasMessageContaining("HTTP 500")
                .message()
                .doesNotContain("secret words");
        lost.off();
        assertThat(kid()).isEqualTo(old);
        works();

        rotate(line -> {});

        assertThat(service.registered()).containsExactly(old, kid());
        works();
    }

    @Test
    void aKeyThatTheAuthorityDoesNotKnowIsNotSwitchedToAndServesLater() throws Exception {
        String old = kid();
        service.cacheDelay(Duration.ofMinutes(10));
        assertThatThrownBy(() -> rotate(line -> {}))
                .isInstanceOf(TokenRefused.class)
                .hasMessageContaining("so the old one stays in use");
        assertThat(kid()).isEqualTo(old);
        works();
        clock.advance(Duration.ofMinutes(10));

        rotate(line -> {});

        assertThat(service.registered()).containsExactly(old, kid());
        works();
    }

    @Test
    @Proves("HelseID key registry")
    void isDoneUnattendedAheadOfTheEndAndByOneNodeAlone() throws Exception {
        String old = kid();
        service.endsIn(old, Duration.ofDays(40));
        try (Clients worker = clients("key-rotation", "30d")) {
            ApiClient client = Objects.requireNonNull(worker.named("register"));
            var mine = new java.util.concurrent.atomic.AtomicBoolean();
            worker.rotateIf(mine::get);
            worker.checkCredentials();
            Await.until(
                    "the calendar has the list",
                    Duration.ofSeconds(60),
                    () -> client.snapshot().keyLeft() != null);
            assertThat(client.snapshot().ends().get(0).what()).isEqualTo("private-key");
            assertThat(client.snapshot().values().get("keyDaysLeft")).isEqualTo(40L);

            clock.advance(Duration.ofDays(11));
            int asked = service.api().received().size();
            worker.checkCredentials();
            Await.until(
                    "another look",
                    Duration.ofSeconds(60),
                    () -> service.api().received().size() > asked);
            assertThat(kid()).as("another node's turn").isEqualTo(old);

            mine.set(true);
            clock.advance(Duration.ofDays(1).plusSeconds(1));
            worker.checkCredentials();
            Await.until("the new key", Duration.ofSeconds(60), () -> !kid().equals(old));
            Await.until("its last step", Duration.ofSeconds(60), () -> String.valueOf(client.lastOfRotation())
                    .startsWith("The previous key"));
            worker.checkCredentials();
            worker.checkCredentials();
            client.forget();
            assertThat(client.token(client.settings().tokens().request())).isNotNull();
        }
        assertThat(service.registered()).containsExactly(old, kid());
    }

    /** A pipe would hang the worker's thread for rotations, and a time beyond all dates end it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'step':'switched','kid':'x','at':'2020-01-01T00:00:00Z','tokenSeconds':9223372036854775807}",
                "{'step':'switched','kid':'x','at':'+1000000000-12-31T23:59:59Z','tokenSeconds':1}",
                "{'step':'proven','kid':'x','at':'2020-01-01T00:00:00Z','tokenSeconds':-5}",
                "too large",
                "a pipe"
            })
    void aJournalThatWasNotWrittenHereIsAFaultAndTheKeyStays(String journal) throws Exception {
        Path place = file.resolveSibling(file.getFileName() + ".rotation");
        if (journal.equals("a pipe")) {
            assertThat(new ProcessBuilder("mkfifo", place.toString()).start().waitFor())
                    .isZero();
        } else {
            Files.writeString(place, journal.equals("too large") ? " ".repeat(100_000) : journal.replace('\'', '"'));
        }
        String before = Files.readString(file);

        assertThatThrownBy(() -> rotate(line -> {}))
                .isInstanceOf(InvalidSettings.class)
                .hasMessageMatching(".*(journal of the rotation is damaged|is no file of at most 65536 bytes).*");

        assertThat(file).hasContent(before);
        works();
    }

    @Test
    void refusesWhatItCannotReplaceAndADryRunChangesNothing() throws Exception {
        try (Clients clients = clients()) {
            clients.rotation("register", clock::advance, told::add).run(true);
        }
        String kid = kid();
        assertThat(told).anyMatch(line -> line.contains(kid) && line.endsWith("in use here"));
        assertThat(service.registered()).hasSize(1);
        assertThat(file.getParent()).isDirectoryContaining("glob:**key.jwk.json");
        try (var files = Files.list(file.getParent())) {
            assertThat(files).hasSize(1);
        }
        try (Clients clients = clients("key-id", kid)) {
            assertThatThrownBy(() -> clients.rotation("register", clock::advance, told::add))
                    .isInstanceOf(InvalidSettings.class)
                    .hasMessageContaining("without key-id");
        }
        Path real = Files.move(file, file.resolveSibling("real"));
        Files.createSymbolicLink(file, real);
        assertThatThrownBy(() -> rotate(line -> {}))
                .isInstanceOf(InvalidSettings.class)
                .hasMessageContaining("is a symbolic link");
    }
}
