package dev.dromedar.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.dromedar.oauth.Secret;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class DeadLettersTest {
    private static final Duration SOON = Duration.ofMinutes(3);

    private final Path temp;
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final AtomicBoolean broken = new AtomicBoolean(true);
    private final List<String> seen = new CopyOnWriteArrayList<>();

    DeadLettersTest(@TempDir Path temp) {
        this.temp = temp;
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    @Test
    void keepsWhatCameInWithoutCredentialsAndReplaysItFromTheBeginning() throws Exception {
        DeadLetters letters = start(settings(1_000_000, null));

        context.createProducerTemplate()
                .sendBodyAndHeaders("direct:in", "original", Map.of("patient", "p-1", "Authorization", "Bearer abc"));

        Letter letter = letters.list().get(0);
        assertThat(letter.route()).isEqualTo("in");
        assertThat(letter.api()).isEqualTo("orders");
        assertThat(letter.attempts()).isEqualTo(3);
        assertThat(letter.cause()).isEqualTo("no answer from https://***@api.example.no/x?*** with Bearer ***");
        assertThat(letters.input(letter).bodyText()).isEqualTo("original");
        assertThat(letters.input(letter).headers())
                .containsEntry("patient", "p-1")
                .doesNotContainKey("Authorization");

        broken.set(false);
        assertThat(letters.replay(letter.id(), "test")).isTrue();
        Await.until("the letter is gone", SOON, () -> letters.list().isEmpty());

        assertThat(seen).containsExactly("original p-1");
    }

    /** Each of these stopped a route for ever: patterns overflowed the stack, or took minutes. */
    @Test
    void aMessageThatIsMadeToHurtMakesALetterLikeAnyOther() throws Exception {
        DeadLetters letters = start(settings(50_000_000, null));
        Map<String, Object> headers = new java.util.HashMap<>(Map.of("patient", "p-1"));
        for (String piece :
                List.of("eyJaaaaaaaa.", "a.", "eyJ", "a=", "://", "?", " \n", "bearer ", "key-", "passord\"")) {
            headers.put("h" + headers.size(), piece.repeat(60_000 / piece.length()));
            headers.put(piece.strip().repeat(20_000 / piece.length()), "x");
        }

        context.createProducerTemplate().sendBodyAndHeaders("direct:in", "a.".repeat(100_000), headers);

        assertThat(letters.list()).hasSize(1);
        assertThat(letters.input(letters.list().get(0)).headers()).containsEntry("patient", "p-1");
    }

    @Test
    void keepsNoValueOfAPrivateNameInNorwegianOrOfTheSite() throws Exception {
        dev.dromedar.oauth.PrivateNames.add(java.util.Set.of("person-id"));
        DeadLetters letters = start(settings(1_000_000, null));

        context.createProducerTemplate()
                .sendBodyAndHeaders(
                        "direct:in",
                        "original",
                        Map.of(
                                "patient", "p-1",
                                "IntegrasjonPassord", "hunter2",
                                "klientHemmelighet", "hunter2",
                                "Person-Id", "12057900499",
                                "from",
                                        "https://a.example/x?p%61ssord=hunter2&nøkkel=hunter2&personId=12057900499&side=2"));

        Map<String, Object> kept = letters.input(letters.list().get(0)).headers();
        assertThat(kept)
                .containsEntry("patient", "p-1")
                .containsEntry("from", "https://a.example/x?p%61ssord=***&nøkkel=***&personId=***&side=2")
                .doesNotContainKeys("IntegrasjonPassord", "klientHemmelighet", "Person-Id");
    }

    @Test
    void isSeenAndSteeredThroughJmx() throws Exception {
        start(settings(1_000_000, null));
        MBeanServer jmx = ManagementFactory.getPlatformMBeanServer();
        var bean = new ObjectName(
                "org.apache.camel:context=" + context.getManagementName() + ",type=dromedar,name=\"dead-letters\"");
        var producer = context.createProducerTemplate();
        producer.sendBodyAndHeader("direct:in", "body-of-one", "patient", "p-1");
        producer.sendBodyAndHeader("direct:in", "body-of-two", "patient", "p-2");

        assertThat(jmx.getAttribute(bean, "Letters")).isEqualTo(2L);
        List<?> lines = (List<?>) jmx.invoke(bean, "list", null, null);
        assertThat(lines).hasSize(2);
        String first = lines.get(0).toString().split("\\s+")[0];
        String second = lines.get(1).toString().split("\\s+")[0];
        assertThat(invoke(jmx, bean, "show", first))
                .asString()
                .contains("orders")
                .doesNotContain("body-of-one");
        assertThat(invoke(jmx, bean, "show", "nothing")).asString().contains("There is no dead letter nothing.");

        broken.set(false);
        assertThat(invoke(jmx, bean, "discard", first)).isEqualTo(true);
        assertThat(invoke(jmx, bean, "replay", first)).isEqualTo(false);
        assertThat(invoke(jmx, bean, "replay", second)).isEqualTo(true);
        Await.until("both are gone", SOON, () -> ((List<?>) jmx.invoke(bean, "list", null, null)).isEmpty());

        assertThat(seen).containsExactly("body-of-two p-2");
    }

    private static Object invoke(MBeanServer jmx, ObjectName bean, String operation, String id) throws Exception {
        return jmx.invoke(bean, operation, new Object[] {id}, new String[] {String.class.getName()});
    }

    @Test
    void lettersOfOneMomentAreListedAndReplayedInTheirOrder() throws Exception {
        DeadLetters letters = start(settings(1_000_000, null));
        List<String> bodies =
                IntStream.range(0, 20).mapToObj(number -> "body-" + number).toList();
        for (String body : bodies) {
            context.createProducerTemplate().sendBodyAndHeader("direct:in", body, "patient", "p");
        }
        assertThat(letters.list())
                .extracting(letter -> letters.input(letter).bodyText())
                .containsExactlyElementsOf(bodies);

        broken.set(false);
        letters.list().forEach(letter -> letters.replay(letter.id(), "test"));
        Await.until("all are gone", SOON, () -> letters.list().isEmpty());

        assertThat(seen)
                .containsExactlyElementsOf(
                        bodies.stream().map(body -> body + " p").toList());
    }

    @Test
    void aReplayThatFailsKeepsTheLetterAndItsAttempts() throws Exception {
        DeadLetters letters = start(settings(1_000_000, null));
        context.createProducerTemplate().sendBody("direct:in", "original");
        Letter first = letters.list().get(0);

        letters.replay(first.id(), "test");
        Await.until(
                "it failed again and is kept",
                SOON,
                () -> letters.list().get(0).attempts() == 6
                        && letters.list().get(0).state() == Letter.State.KEPT);

        Letter again = letters.list().get(0);
        assertThat(letters.list()).hasSize(1);
        assertThat(again.id()).isEqualTo(first.id());
        assertThat(again.state()).isEqualTo(Letter.State.KEPT);
        assertThat(again.firstFailed()).isEqualTo(first.firstFailed());
    }

    @Test
    void aStreamThatTheRouteHasReadIsKeptWhole() throws Exception {
        DeadLetters letters = start(settings(1_000_000, null));

        context.createProducerTemplate()
                .sendBody("direct:in", new ByteArrayInputStream("streamed".getBytes(StandardCharsets.UTF_8)));

        assertThat(letters.input(letters.list().get(0)).bodyText()).isEqualTo("streamed");
    }

    @Test
    void partsOfASplitMakeOneLetterOfTheRouteAndABranchOfItsOwnRouteMakesItsOwn() throws Exception {
        DeadLetters letters = start(settings(1_000_000, null));

        context.createProducerTemplate().sendBody("direct:split", "a,b,c");
        context.createProducerTemplate().sendBody("direct:outer", "z");

        assertThat(letters.list().stream()
                        .map(letter ->
                                letter.route() + " " + letters.input(letter).bodyText())
                        .sorted())
                .containsExactly("in z", "split a,b,c");
    }

    @Test
    void aFullStoreFailsTheExchangeAndLeavesNothingHalfWritten() throws Exception {
        DeadLetters letters = start(settings(1000, null));
        var log = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        log.addAppender(lines);
        Level before = log.getLevel();
        log.setLevel(Level.WARN);

        assertThatThrownBy(() -> context.createProducerTemplate().sendBody("direct:in", "x".repeat(2000)))
                .isInstanceOf(CamelExecutionException.class)
                .hasRootCauseMessage("The dead letter store " + temp.resolve("letters")
                        + " is full: 0 of 0 MB. Replay or discard letters, or raise dromedar.dead-letters.megabytes.");

        assertThat(letters.list()).isEmpty();
        assertThat(letters.status().fault()).contains("is full");
        log.setLevel(before);
        log.detachAppender(lines);
        assertThat(List.copyOf(lines.list).stream()
                        .map(line -> line.getFormattedMessage()
                                + (line.getThrowableProxy() == null
                                        ? ""
                                        : ThrowableProxyUtil.asString(line.getThrowableProxy()))))
                .as("tells it, and nothing of the query and the credentials of what failed")
                .anyMatch(line -> line.contains("could not be kept as a dead letter: The dead letter store "))
                .noneMatch(line -> line.contains("fnr=123") || line.contains("me:pw"));
        try (Stream<Path> left = Files.list(temp.resolve("letters/unfinished"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aSealedLetterShowsNothingOnDiskAndOpensWithItsKeyOnly() throws Exception {
        Secret key = Secret.of(Base64.getEncoder().encodeToString(new byte[32]));
        DeadLetters letters = start(settings(1_000_000, key));
        context.createProducerTemplate().sendBodyAndHeader("direct:in", "sensitive", "patient", "p-17");

        Letter letter = letters.list().get(0);
        Path file = temp.resolve("letters/kept/" + letter.id() + ".letter");
        String onDisk = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);

        assertThat(onDisk).contains("\"route\":\"in\"").doesNotContain("sensitive", "p-17", "no answer");
        assertThat(letters.input(letter).bodyText()).isEqualTo("sensitive");
        assertThat(letter.cause()).startsWith("no answer");
        byte[] other = new byte[32];
        other[0] = 1;
        var withOther = FileLetters.forCommand(
                settings(1_000_000, Secret.of(Base64.getEncoder().encodeToString(other))));
        assertThatThrownBy(() -> withOther.input(letter)).hasMessageContaining("sealed with the key 66687aad");
        Files.writeString(file, onDisk.replace("\"id\"", "\"iD\""), StandardCharsets.ISO_8859_1);

        Letter damaged = letters.list().get(0);
        assertThat(damaged.id()).isEqualTo(letter.id());
        assertThat(damaged.cause()).contains("was damaged");
        letters.replay(damaged.id(), "test");
        Await.until(
                "it is given back",
                SOON,
                () -> Files.exists(file) && letters.list().get(0).state() == Letter.State.KEPT);
    }

    @Test
    void aStoreThatCannotBeUsedIsToldAtTheStart() throws Exception {
        Files.createDirectories(temp.resolve("newer/kept"));
        Files.writeString(temp.resolve("newer/format"), "99\n");
        Files.writeString(temp.resolve("file"), "");
        try (var one = FileLetters.forWorker(settingsIn("one"))) {
            assertThatThrownBy(() -> FileLetters.forWorker(settingsIn("one")))
                    .hasMessageContaining("another worker uses " + temp.resolve("one"));
            assertThat(one.list()).isEmpty();
        }

        assertThatThrownBy(() -> FileLetters.forWorker(settingsIn("newer")))
                .hasMessageContaining("format '99', which a newer version has made");
        assertThatThrownBy(() -> FileLetters.forWorker(settingsIn("file/below")))
                .hasMessageContaining("dromedar.dead-letters.folder: the store")
                .hasMessageContaining("Not a directory");
        assertThatThrownBy(() -> FileLetters.forCommand(settingsIn("nothing")))
                .hasMessageContaining("there is no store");
    }

    @Test
    void oldLettersGoAndRunningOnesStay() throws Exception {
        try (var letters = FileLetters.forWorker(settingsIn("old"))) {
            letters.add(letter("a"), input());
            letters.add(letter("b"), input());
            letters.ask("b");
            assertThat(letters.claim()).isNotNull();

            assertThat(letters.removeBefore(Instant.now(Clock.systemUTC()))).isEqualTo(1);

            assertThat(letters.list().stream().map(Letter::id)).containsExactly("b");
            assertThat(letters.claim()).isNull();
            assertThat(letters.discard("b")).isFalse();
        }
        try (var letters = FileLetters.forWorker(settingsIn("old"))) {
            assertThat(letters.findInterrupted().stream().map(Letter::id)).containsExactly("b");
            assertThat(letters.list().get(0).state()).isEqualTo(Letter.State.INTERRUPTED);
        }
    }

    @Test
    void theCommandWorksOnTheStoreOfARunningWorker() throws Exception {
        DeadLetters letters = start(settings(1_000_000, null));
        context.createProducerTemplate().sendBodyAndHeader("direct:in", "original", "patient", "p-1");
        String id = letters.list().get(0).id();
        broken.set(false);

        assertThat(command(0, "list")).contains(id + "  kept").contains("1 dead letter(s): 1 kept");
        assertThat(command(0, "show", id, "--body")).contains("header        patient: p-1", "original");
        assertThat(command(0, "replay", id)).contains("1 replay(s) asked for. A worker starts them within seconds");
        Await.until("the letter is gone", SOON, () -> letters.list().isEmpty());
        assertThat(command(1, "discard", id)).contains("not discarded");
        assertThat(command(1, "show", "../../etc/passwd")).contains("is no id of a dead letter");
        assertThat(command(2, "lists")).contains("dead-letters list");
    }

    private String command(int status, String... args) {
        var bytes = new ByteArrayOutputStream();
        int actual = DeadLettersCommand.run(
                List.of(args),
                new PrintStream(bytes, true, StandardCharsets.UTF_8),
                () -> FileLetters.forCommand(settings(1_000_000, null)));
        String printed = bytes.toString(StandardCharsets.UTF_8);
        assertThat(actual).as(printed).isEqualTo(status);
        return printed;
    }

    private static Letter letter(String id) {
        Instant long_ago = Instant.parse("2026-01-01T00:00:00Z");
        return new Letter(id, "in", null, long_ago, long_ago, 1, Letter.State.KEPT, "why");
    }

    private static Input input() {
        return new Input(Map.of(), Input.Kind.NONE, new byte[0]);
    }

    private DeadLetterSettings settingsIn(String folder) {
        return new DeadLetterSettings(
                temp.resolve(folder), Duration.ofDays(30), 1_000_000, null, false, 0, Duration.ZERO);
    }

    private DeadLetterSettings settings(long bytes, @org.jspecify.annotations.Nullable Secret key) {
        return new DeadLetterSettings(
                temp.resolve("letters"), Duration.ofDays(30), bytes, key, false, 0, Duration.ZERO);
    }

    private DeadLetters start(DeadLetterSettings settings) throws Exception {
        DeadLetters letters = DeadLetters.install(
                context,
                settings,
                FileLetters::forWorker,
                new Feeds(new FilePointers(temp.resolve("feeds"))),
                exchange -> "orders",
                Clock.systemUTC());
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(deadLetterChannel("dromedar:dead-letters")
                        .maximumRedeliveries(2)
                        .redeliveryDelay(0));
                var count = new AtomicInteger();
                from("direct:in").routeId("in").process(exchange -> work(exchange, count));
                from("direct:split")
                        .routeId("split")
                        .split(body().tokenize(","))
                        .process(exchange -> work(exchange, count));
                from("direct:outer").routeId("outer").setBody(body()).to("direct:in");
            }
        });
        context.start();
        return letters;
    }

    private void work(Exchange exchange, AtomicInteger count) throws IOException {
        String body = exchange.getIn().getBody(String.class);
        String patient = exchange.getIn().getHeader("patient", String.class);
        exchange.getIn().setBody("changed " + count.incrementAndGet());
        exchange.getIn().setHeader("patient", "changed");
        if (broken.get()) {
            throw new IOException("no answer from https://me:pw@api.example.no/x?fnr=123 with Bearer abcdefghijkl");
        }
        seen.add(body + " " + patient);
    }
}
