package dev.dromedar.bench;

import com.nimbusds.jose.jwk.JWK;
import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Authority;
import dev.dromedar.sandbox.AuthorityRules;
import dev.dromedar.sandbox.Check;
import dev.dromedar.sandbox.Client;
import dev.dromedar.sandbox.Platform;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Request;
import dev.dromedar.sandbox.Sandbox;
import dev.dromedar.sandbox.SelfService;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One site as the Norwegian health sector has them, for an hour with tokens of 20 s: the packaged worker calls an API behind
 * HelseID with DPoP, one behind Maskinporten and Altinn's exchange, one behind a Keycloak-like authority by an assertion in a
 * file that is renewed, and one behind Maskinporten that requires KS Fiks' headers. At three moments the HelseID key is replaced
 * by {@code keys rotate}, the Maskinporten key and the header's password by writing their files, and what they replace is then
 * refused. No call may fail, be refused by an API, or be counted by one side alone.
 */
public final class Sector {
    private static final Duration LIFE = Duration.ofSeconds(20);
    private static final String INTEGRATION = "7d9f7a5e-0f4b-4d52-9d3e-2b8f5f0d6a11";
    private static final int ROTATIONS = 3;

    private static final String ROUTES = """
            - routeConfiguration:
                id: told
                onException:
                  - onException:
                      exception: [java.lang.Exception]
                      handled: {constant: "true"}
                      redeliveryPolicy: {logExhausted: false, logHandled: false}
                      steps:
                        - log: "SECTOR failed ${exchangeProperty.DromedarApi} ${exception.message}"
            """;
    private static final String ROUTE = """
            - route:
                id: NAME
                routeConfigurationId: told
                from:
                  uri: quartz:NAME
                  parameters: {trigger.repeatInterval: 400, stateful: true}
                  steps:
                    - to: api:NAME/records
            """;

    private final Sandbox sandbox = Sandbox.start();
    private final Authority maskinporten = sandbox.authority("maskinporten", AuthorityRules.maskinporten());
    private final Authority altinn = sandbox.authority("altinn", AuthorityRules.oauth2());
    private final Authority keycloak = sandbox.authority("keycloak", AuthorityRules.keycloak());
    private final ProtectedApi records = sandbox.add(Registration.helseid("records"));
    private final SelfService selfService = sandbox.selfService("records");
    private final ProtectedApi events = sandbox.add(
            Registration.helseid("events")
                    .withoutDpop()
                    .withScope("altinn:events")
                    .withSecret("the exchange's"),
            altinn);
    private final Client eventsClient = maskinporten.register("events-client", Set.of("altinn:events"), false);
    private final ProtectedApi stock = sandbox.add(
            Registration.helseid("stock").withoutDpop().withScope("stock.read").withSecret("unused"), keycloak);
    private final ProtectedApi fiks = sandbox.add(
            Registration.helseid("fiks").withoutDpop().withScope("ks:fiks").withAlgorithm("RS256"), maskinporten);
    private final Platform platform = new Platform("https://cluster.example", "system:serviceaccount:site:worker");
    private final LongAdder withoutHeaders = new LongAdder();
    private final List<String> faults = new ArrayList<>();
    private final Worker worker;
    private volatile Set<String> passwords = Set.of("password-0");
    private int rotations;

    private Sector(Path target) throws IOException {
        worker = new Worker(target);
    }

    /** The folder with dromedar.jar and lib; then for how many minutes, 60 by default. */
    public static void main(String[] args) throws Exception {
        int minutes = args.length < 2 ? 60 : Integer.parseInt(args[1]);
        System.exit(new Sector(Path.of(args[0])).run(Duration.ofMinutes(minutes)) ? 0 : 1);
    }

    private List<ProtectedApi> apis() {
        return List.of(records, events, stock, fiks);
    }

    private boolean run(Duration length) throws Exception {
        for (Authority authority : List.of(sandbox.helseid(), maskinporten, altinn, keycloak)) {
            authority.tokenLifetime(LIFE);
        }
        selfService.cacheDelay(Duration.ofSeconds(15));
        altinn.exchanges(maskinporten, "altinn:events");
        stock.client().trust(platform);
        fiks.respond(this::withHeaders);
        int port = freePort();
        site(port);
        Process process = worker.start(worker.command("-Xmx256m"));
        System.out.println("the worker says: " + worker.output());
        try {
            long start = System.nanoTime();
            long end = start + length.toNanos();
            long each = length.toNanos() / (ROTATIONS + 1);
            for (long turn = 0; System.nanoTime() < end; turn++) {
                assertion();
                if (rotations < ROTATIONS && System.nanoTime() - start > each * (rotations + 1)) {
                    rotate();
                }
                if (turn % 12 == 11) {
                    say(process, port);
                }
                TimeUnit.SECONDS.sleep(5);
            }
            return verdict(process, port);
        } finally {
            process.destroy();
            process.waitFor(30, TimeUnit.SECONDS);
            sandbox.close();
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void site(int port) throws IOException {
        for (ProtectedApi api : apis()) {
            worker.api(sandbox, api).route(api.name() + ".yaml", ROUTE.replace("NAME", api.name()));
        }
        worker.route("told.yaml", ROUTES);
        file("records.jwk", records.client().privateKey().toJSONString());
        file("events.jwk", eventsClient.addKey("RS256").toJSONString());
        file("fiks.jwk", fiks.client().privateKey().toJSONString());
        file("password", "password-0");
        assertion();
        for (String api : List.of("records", "events", "fiks")) {
            worker.set("dromedar.api." + api + ".private-key", "{{secretfile:" + api + ".jwk}}");
        }
        worker.set("dromedar.api.events.profile", "maskinporten")
                .set("dromedar.api.events.authority", maskinporten.issuer())
                .set("dromedar.api.events.client-id", eventsClient.id())
                .set(
                        "dromedar.api.events.exchange",
                        altinn.origin().uri() + "/authentication/api/v1/exchange/maskinporten")
                .unset("dromedar.api.events.client-secret")
                .set("dromedar.api.stock.client-assertion-file", "assertion.jwt")
                .unset("dromedar.api.stock.client-secret")
                .set("dromedar.api.fiks.header.IntegrasjonId", INTEGRATION)
                .set("dromedar.api.fiks.header.IntegrasjonPassord", "{{secretfile:password}}")
                .set("dromedar.api.records.header.api-version", "3")
                .set("dromedar.api.records.header.nhn-source-system", "{name};{version}")
                .set("camel.management.enabled", "true")
                .set("camel.management.host", "127.0.0.1")
                .set("camel.management.port", String.valueOf(port))
                .set("camel.management.healthCheckEnabled", "true")
                .set("camel.management.metricsEnabled", "true")
                .set("camel.metrics.enabled", "true");
    }

    /** Written as a platform does it: whole, in one move. */
    private void file(String name, String content) throws IOException {
        Path next = Files.writeString(worker.folder().resolve(name + ".new"), content);
        Files.move(
                next,
                worker.folder().resolve(name),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** Every five seconds another, of twenty. */
    private void assertion() throws IOException {
        long now = Clock.systemUTC().instant().getEpochSecond();
        file("assertion.jwt", platform.assertion(keycloak.issuer(), now + 20));
    }

    private Answer withHeaders(Request request) {
        boolean has = INTEGRATION.equals(request.header("IntegrasjonId"))
                && passwords.contains(String.valueOf(request.header("IntegrasjonPassord")));
        if (!has) {
            withoutHeaders.increment();
        }
        return Answer.of(has ? 200 : 403, "application/json", "{\"has\":" + has + "}");
    }

    /** Replaces what there is to replace, waits until what was before has expired, and has it refused from then on. */
    private void rotate() throws Exception {
        rotations++;
        String before = kid();
        JWK next = eventsClient.addKey("RS256");
        file("events.jwk", next.toJSONString());
        JWK fiksNext = fiks.client().addKey("RS256");
        file("fiks.jwk", fiksNext.toJSONString());
        String password = "password-" + rotations;
        passwords = Set.of("password-" + (rotations - 1), password);
        file("password", password);
        command("keys", "rotate", "records");
        if (kid().equals(before)) {
            fault("keys rotate has left the key as it was");
        }
        for (int i = 0; i < 18; i++) { // the journal keeps the old key for the life of a token and a minute
            assertion();
            TimeUnit.SECONDS.sleep(5);
        }
        command("keys", "rotate", "records");
        if (Files.exists(worker.folder().resolve("records.jwk.rotation"))) {
            fault("keys rotate has left its journal");
        }
        records.client().keepOnly(kid());
        eventsClient.keepOnly(next.getKeyID());
        fiks.client().keepOnly(fiksNext.getKeyID());
        passwords = Set.of(password);
        System.out.println(now() + " rotation " + rotations + ": " + before + " is followed by " + kid());
    }

    private String kid() throws Exception {
        return JWK.parse(Files.readString(worker.folder().resolve("records.jwk")))
                .getKeyID();
    }

    private void command(String... arguments) throws Exception {
        List<String> command = worker.command("-Xmx128m");
        command.addAll(List.of(arguments));
        Path output = worker.folder().resolve("rotate.txt");
        Process process = new ProcessBuilder(command)
                .directory(worker.folder().toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        long limit = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        while (!process.waitFor(5, TimeUnit.SECONDS) && System.nanoTime() < limit) {
            assertion();
        }
        if (process.isAlive() || process.exitValue() != 0) {
            process.destroyForcibly();
            fault(String.join(" ", arguments) + " failed: " + Files.readString(output));
        }
    }

    private static String now() {
        return LocalTime.now(ZoneId.systemDefault())
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
    }

    private void fault(String what) {
        faults.add(what);
        System.out.println("FAULT " + now() + " " + what);
    }

    private static String get(int port, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private void say(Process process, int port) throws Exception {
        if (!process.isAlive()) {
            throw new IllegalStateException("the worker has ended with " + process.exitValue());
        }
        System.out.println(now() + " "
                + apis().stream()
                        .map(api -> api.name() + " " + api.seen().accepted())
                        .toList() + ", " + failures().size() + " failed, " + rotations + " rotations, health "
                + (get(port, "/observe/health").contains("\"status\": \"UP\"")
                                || get(port, "/observe/health").contains("\"status\":\"UP\"")
                        ? "UP"
                        : "not UP"));
    }

    private List<String> failures() throws IOException {
        try (var lines = Files.lines(worker.output())) {
            return lines.filter(line -> line.contains("SECTOR failed ") || line.contains(" ERROR "))
                    .toList();
        }
    }

    private boolean verdict(Process process, int port) throws Exception {
        String metrics = get(port, "/observe/metrics");
        long total = 0;
        for (ProtectedApi api : apis()) {
            Matcher count = Pattern.compile(
                            "camel_exchanges_succeeded_total\\{[^}]*routeId=\"" + api.name() + "\"[^}]*} ([0-9.E]+)")
                    .matcher(metrics);
            long counted = count.find() ? Math.round(Double.parseDouble(count.group(1))) : -1;
            long accepted = api.seen().accepted();
            total += accepted;
            System.out.println(api.name() + ": " + counted + " calls by the worker's count, " + accepted
                    + " accepted by the API, refusals " + api.seen().refusals());
            if (counted < 0 || accepted < counted || accepted > counted + 2) {
                fault(api.name() + ": the counts differ");
            }
            api.seen().refusals().forEach((check, times) -> fault(api.name() + " refused " + times + ": " + check));
        }
        failures().forEach(this::fault);
        if (withoutHeaders.sum() > 0) {
            fault(withoutHeaders.sum() + " calls without KS Fiks' headers");
        }
        if (rotations < ROTATIONS) {
            fault("only " + rotations + " rotations");
        }
        for (Authority authority : List.of(sandbox.helseid(), maskinporten, altinn, keycloak)) {
            System.out.println(authority.issuer() + ": " + authority.seen().requests() + " requests, "
                    + authority.seen().accepted() + " tokens, refusals "
                    + authority.seen().refusals());
        }
        long unknown = sandbox.helseid().seen().refusals(Check.ASSERTION_KEY);
        System.out.printf(
                "%d calls, %d failed; %d rotations, %d tokens refused to a new key that HelseID did not know yet; %d registered"
                        + " keys; %d faults%n",
                total,
                failures().size(),
                rotations,
                unknown,
                selfService.registered().size(),
                faults.size());
        return faults.isEmpty();
    }
}
