package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.Clients;
import dev.dromedar.oauth.Time;
import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Origin;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Sandbox;
import dev.dromedar.sandbox.SelfService;
import dev.dromedar.settings.Settings;
import dev.dromedar.settings.TrustedAuthorities;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A process that rotates a key is killed (kill -9) at every request that it sends, before and after it was heeded, and after
 * every step of its journal. Each time there is a key that works, the next run ends what was begun, and one key more is registered.
 */
@Tag("long")
class KilledRotationTest {
    private static final Duration LONGEST = Duration.ofMinutes(2);
    private static final Time IN_AN_HOUR =
            new Time(Clock.offset(Clock.systemUTC(), Duration.ofHours(1)), System::nanoTime);

    private final Path file;
    private final Path site;
    private final List<String> told = new ArrayList<>();
    private Sandbox sandbox;
    private ProtectedApi api;
    private SelfService service;

    KilledRotationTest(@TempDir Path folder) {
        file = folder.resolve("key.jwk.json");
        site = folder.resolve("site.properties");
    }

    /** The process. Says each line, and goes no further at the one whose number is its second argument. */
    static final class Rotating {
        private Rotating() {}

        public static void main(String[] args) throws Exception {
            var properties = new Properties();
            try (var reader = Files.newBufferedReader(Path.of(args[0]))) {
                properties.load(reader);
            }
            Map<String, String> map = new LinkedHashMap<>();
            properties.stringPropertyNames().forEach(key -> map.put(key, properties.getProperty(key)));
            int last = Integer.parseInt(args[1]);
            var lines = new AtomicInteger();
            try (Clients clients = clients(map, Time.SYSTEM)) {
                clients.rotation("register", time -> TimeUnit.MILLISECONDS.sleep(time.toMillis()), line -> {
                            System.out.println(line);
                            System.out.flush();
                            if (lines.getAndIncrement() == last) {
                                forEver();
                            }
                        })
                        .run(false);
            }
        }

        private static void forEver() {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Clients clients(Map<String, String> properties, Time time) {
        return new Clients(
                Settings.read(properties, Worker.placeholders(properties)).apis(),
                TrustedAuthorities.with((Path) null).context(),
                Duration.ofSeconds(5),
                time);
    }

    @BeforeEach
    void start() throws Exception {
        sandbox = Sandbox.start();
        api = sandbox.add(Registration.helseid("register").withAlgorithm("ES256"));
        service = sandbox.selfService("register");
        Files.writeString(file, api.client().privateKey().toJSONString());
        var properties = new Properties();
        properties.putAll(properties());
        try (Writer writer = Files.newBufferedWriter(site)) {
            properties.store(writer, null);
        }
    }

    @AfterEach
    void stop() {
        sandbox.close();
    }

    private Map<String, String> properties() {
        Map<String, String> properties = new LinkedHashMap<>();
        sandbox.properties().forEach((key, value) -> {
            if (key.startsWith("sandbox.register.")) {
                properties.put("dromedar.api." + key.substring("sandbox.".length()), value);
            }
        });
        properties.put("dromedar.api.register.private-key", "{{secretfile:" + file + "}}");
        return properties;
    }

    private Process begin(int lastLine) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx96m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Rotating.class.getName(),
                        site.toString(),
                        String.valueOf(lastLine))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private void goOn(Time time) throws Exception {
        try (Clients clients = clients(properties(), time)) {
            clients.rotation("register", pause -> {}, told::add).run(false);
        }
    }

    private String kid() throws Exception {
        return JWK.parse(Files.readString(file)).getKeyID();
    }

    private void works(String when) throws Exception {
        try (Clients clients = clients(properties(), Time.SYSTEM)) {
            ApiClient client = Objects.requireNonNull(clients.named("register"));
            assertThat(client.token(client.settings().tokens().request()))
                    .as(when)
                    .isNotNull();
        }
    }

    /** What there must be after a kill, now and when it has been run again. */
    private void recovers(String when, String kidBefore, List<String> registeredBefore) throws Exception {
        works(when);
        told.clear();

        goOn(Time.SYSTEM);

        assertThat(kid()).as(when).isNotEqualTo(kidBefore);
        List<String> expected = new ArrayList<>(registeredBefore);
        expected.add(kid());
        assertThat(service.registered()).as(when).isEqualTo(expected);
        works(when + ", and run again");
        assertThat(told).as(when).anyMatch(line -> line.startsWith("The previous key is kept until"));
        goOn(IN_AN_HOUR);
        try (var files = Files.list(file.getParent())) {
            assertThat(files.map(one -> one.getFileName().toString()))
                    .as(when)
                    .containsExactlyInAnyOrder("key.jwk.json", "key.jwk.json.lock", "site.properties");
        }
    }

    private static void kill(Process process) {
        try {
            assertThat(process.destroyForcibly().waitFor(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kills the process at the request of that number; gives how many there were if there was none of it. */
    private int killedAtRequest(int number, boolean heeded) throws Exception {
        var count = new AtomicInteger();
        var process = new CompletableFuture<Process>();
        Fault killer = (request, server) -> {
            if (count.getAndIncrement() != number) {
                return server.answer(request);
            }
            if (heeded) {
                server.answer(request);
            }
            kill(process.join());
            return Answer.of(503, List.of(), "");
        };
        Origin.Switch atAuthority = sandbox.helseid().origin().fault(killer);
        Origin.Switch atRegistry = api.origin().fault(killer);
        Process started = begin(Integer.MAX_VALUE);
        process.complete(started);
        try {
            assertThat(started.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            started.destroyForcibly();
            atAuthority.off();
            atRegistry.off();
        }
        boolean killed = started.exitValue() == 128 + 9;
        assertThat(killed || started.exitValue() == 0)
                .as("exit %s", started.exitValue())
                .isTrue();
        return killed ? -1 : count.get();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void atEveryRequest(boolean heeded) throws Exception {
        int number = 0;
        int requests = -1;
        for (; requests < 0; number++) {
            String before = kid();
            List<String> registered = service.registered();
            requests = killedAtRequest(number, heeded);
            recovers("killed at request " + number, before, registered);
        }
        assertThat(requests)
                .as("metadata, a token, the list, the registration, a token")
                .isEqualTo(number - 1)
                .isGreaterThanOrEqualTo(5);
    }

    @Test
    void afterEveryLineOfItsWork() throws Exception {
        String last = "";
        int line = 0;
        List<String> lines = new ArrayList<>();
        for (; !last.startsWith("The previous key is kept"); line++) {
            String before = kid();
            List<String> registered = service.registered();
            Process process = begin(line);
            Future<List<String>> said = read(process, line);
            last = said.get(LONGEST.toSeconds(), TimeUnit.SECONDS).get(line);
            kill(process);
            assertThat(process.exitValue()).as(last).isEqualTo(128 + 9);
            lines.add(last.replaceAll("[ :].*", ""));
            if (last.startsWith("The key ")) {
                assertThat(kid()).as("switched").isNotEqualTo(before);
                halfWritten(".rotation");
            } else if (last.equals("Journal: proven.")) { // and then in the middle of the switch
                Files.copy(file, file.resolveSibling("key.jwk.json.previous"));
                halfWritten(".previous");
            } else if (line == 0) {
                halfWritten(".rotation");
            }
            recovers("killed after: " + last, before, registered);
        }
        assertThat(lines).contains("Made", "Registered", "A", "The").hasSizeGreaterThanOrEqualTo(9);
    }

    /** What a kill leaves in the middle of a file. */
    private void halfWritten(String suffix) throws IOException {
        Files.writeString(file.resolveSibling("key.jwk.json" + suffix + ".unfinished"), "{\"ste");
    }

    /** Reads until the line of that number is there. */
    private static Future<List<String>> read(Process process, int number) {
        return CompletableFuture.supplyAsync(() -> {
            List<String> lines = new ArrayList<>();
            try {
                var reader =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                while (lines.size() <= number) {
                    lines.add(Objects.requireNonNull(reader.readLine(), () -> "ended after " + lines));
                }
                return lines;
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    @Test
    void inTheMiddleOfItsEnd() throws Exception {
        String before = kid();
        List<String> registered = service.registered();
        goOn(Time.SYSTEM);
        Files.delete(file.resolveSibling("key.jwk.json.previous")); // the next would be the journal

        assertThat(service.registered()).hasSize(2);
        recovers("killed at its end", before, registered);
    }

    @Test
    void aKeyThatIsTakenOffTheListMeanwhileIsRegisteredAgainAndOthersAreTold() throws Exception {
        String before = kid();
        Process process = begin(5); // Journal: proven.
        List<String> lines = read(process, 5).get(LONGEST.toSeconds(), TimeUnit.SECONDS);
        kill(process);
        assertThat(lines.get(5)).isEqualTo("Journal: proven.");
        String next = service.registered().get(1);
        service.forget(next);
        api.client().keepOnly(before);
        Files.delete(file.resolveSibling("key.jwk.json.lock"));

        goOn(Time.SYSTEM);

        assertThat(kid()).isEqualTo(next);
        assertThat(service.registered()).containsExactly(before, next);
        works("registered again");
        goOn(IN_AN_HOUR);
        told.clear();
        goOn(Time.SYSTEM);
        assertThat(told).anyMatch(line -> line.startsWith("Registered besides the two: kid " + before + ", ends 20"));
    }
}
