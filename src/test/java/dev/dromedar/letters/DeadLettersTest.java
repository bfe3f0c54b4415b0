package dev.dromedar.letters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.dromedar.MovableClock;
import dev.dromedar.cluster.Await;
import dev.dromedar.keys.Secret;
import dev.dromedar.letters.DeadLetterOperations.Selection;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Tag("long")
class DeadLettersTest {
    private static final Duration SOON = Duration.ofMinutes(3);

    private final Path temp;
    private final MovableClock clock = new MovableClock();
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

        Letter letter = letters.list(100).get(0);
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
        Await.until("the letter is gone", SOON, () -> letters.list(100).isEmpty());

        assertThat(seen).containsExactly("original p-1");
    }

    @Test
    void keepsTheBeginningOfAnApisRefusalWhereLettersAreSealed() throws Exception {
        var key = Secret.of(Base64.getEncoder().encodeToString(new byte[32]));
        DeadLetters letters = start(settings(1_000_000, key));

        context.createProducerTemplate()
                .sendBodyAndHeaders("direct:in", "original", Map.of("CamelDromedarAnswer", "from elsewhere"));

        Letter letter = letters.list(100).get(0);
        assertThat(letters.input(letter).answer())
                .startsWith("{\"title\":\"No such order\"")
                .doesNotContain("hush")
                .hasSizeLessThanOrEqualTo(8000);
        assertThat(letters.input(letter).headers()).doesNotContainKey("CamelDromedarAnswer");
        assertThat(letters.details(letter.id()).toString()).contains("answer").doesNotContain("No such order");
        var shown = new ArrayList<String>();
        try (DeadLetterStore store = DeadLetterStore.forCommand(settings(1_000_000, key))) {
            new DeadLetterOperations(store, shown::add).show(letter.id(), true);
        }
        assertThat(shown.toString()).contains("No such order");

        letters.replay(letter.id(), "test");
        Await.until("it failed again", SOON, () -> letters.list(100).get(0).attempts() == 6);

        assertThat(letters.input(letters.list(100).get(0)).answer()).startsWith("{\"title\":\"No such order\"");
        assertThat(letters.input(letters.list(100).get(0)).bodyText()).isEqualTo("original");
    }

    @Test
    void keepsNoAnswerWhereLettersAreReadable() throws Exception {
        DeadLetters letters = start(settings(1_000_000, null));

        context.createProducerTemplate().sendBody("direct:in", "original");

        assertThat(letters.input(letters.list(100).get(0)).answer()).isNull();
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

        assertThat(letters.list(100)).hasSize(1);
        assertThat(letters.input(letters.list(100).get(0)).headers()).containsEntry("patient", "p-1");
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

        Map<String, Object> kept = letters.input(letters.list(100).get(0)).headers();
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
        assertThat(letters.list(100))
                .extracting(letter -> letters.input(letter).bodyText())
                .containsExactlyElementsOf(bodies);

        broken.set(false);
        letters.list(100).forEach(letter -> letters.replay(letter.id(), "test"));
        Await.until("all are gone", SOON, () -> letters.list(100).isEmpty());

        assertThat(seen)
                .containsExactlyElementsOf(
                        bodies.stream().map(body -> body + " p").toList());
    }

    @Test
    void aReplayThatFailsKeepsTheLetterAndItsAttempts() throws Exception {
        DeadLetters letters = start(settings(1_000_000, null));
        context.createProducerTemplate().sendBody("direct:in", "original");
        Letter first = letters.list(100).get(0);

        letters.replay(first.id(), "test");
        Await.until(
                "it failed again and is kept",
                SOON,
                () -> letters.list(100).get(0).attempts() == 6
                        && letters.list(100).get(0).state() == Letter.State.KEPT);

        Letter again = letters.list(100).get(0);
        assertThat(letters.list(100)).hasSize(1);
        assertThat(again.id()).isEqualTo(first.id());
        assertThat(again.state()).isEqualTo(Letter.State.KEPT);
        assertThat(again.firstFailed()).isEqualTo(first.firstFailed());
    }

    @Test
    void aStreamThatTheRouteHasReadIsKeptWhole() throws Exception {
        DeadLetters letters = start(settings(1_000_000, null));

        context.createProducerTemplate()
                .sendBody("direct:in", new ByteArrayInputStream("streamed".getBytes(StandardCharsets.UTF_8)));

        assertThat(letters.input(letters.list(100).get(0)).bodyText()).isEqualTo("streamed");
    }

    @Test
    void partsOfASplitMakeOneLetterOfTheRouteAndABranchOfItsOwnRouteMakesItsOwn() throws Exception {
        DeadLetters letters = start(settings(1_000_000, null));

        context.createProducerTemplate().sendBody("direct:split", "a,b,c");
        context.createProducerTemplate().sendBody("direct:outer", "z");

        assertThat(letters.list(100).stream()
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
                .hasRootCauseMessage("The dead letter store is full: 0 of 0 MB. Replay or discard letters, or raise"
                        + " dromedar.dead-letters.megabytes.");

        assertThat(letters.list(100)).isEmpty();
        assertThat(letters.status().fault()).contains("is full");
        log.setLevel(before);
        log.detachAppender(lines);
        assertThat(List.copyOf(lines.list).stream()
                        .map(line -> line.getFormattedMessage()
                                + (line.getThrowableProxy() == null
                                        ? ""
                                        : ThrowableProxyUtil.asString(line.getThrowableProxy()))))
                .as("tells it, and nothing of the query and the credentials of what failed")
                .anyMatch(line -> line.contains("could not be kept as a dead letter: The dead letter store is full"))
                .noneMatch(line -> line.contains("fnr=123") || line.contains("me:pw"));
    }

    @Test
    void removesNothingWhenTheClockHasJustJumpedAhead() throws Exception {
        DeadLetters letters = start(settings(1_000_000, null));
        context.createProducerTemplate().sendBody("direct:in", "original");
        letters.keepHouse();

        clock.advance(Duration.ofDays(31));
        letters.keepHouse();
        letters.keepHouse();

        assertThat(letters.list(100)).hasSize(1);
    }

    @Test
    void oldLettersGoAndRunningOnesStay() throws Exception {
        try (var letters = DeadLetterStore.forWorker(settingsIn("old"))) {
            letters.add(letter("a"), message());
            letters.add(letter("b"), message());
            letters.ask("b");
            assertThat(letters.claims().claim()).isNotNull();

            assertThat(letters.removeBefore(Instant.now(Clock.systemUTC()))).isEqualTo(1);

            assertThat(letters.list(100).stream().map(Letter::id)).containsExactly("b");
            assertThat(letters.claims().claim()).isNull();
            assertThat(letters.discard("b")).isFalse();
        }
        try (var letters = DeadLetterStore.forWorker(settingsIn("old"))) {
            assertThat(letters.claims().findInterrupted().stream().map(Letter::id))
                    .containsExactly("b");
            assertThat(letters.list(100).get(0).state()).isEqualTo(Letter.State.INTERRUPTED);
        }
    }

    @Test
    void operationsWorkOnTheStoreOfARunningWorker() throws Exception {
        DeadLetters letters = start(settings(1_000_000, null));
        context.createProducerTemplate().sendBodyAndHeader("direct:in", "original", "patient", "p-1");
        String id = letters.list(100).get(0).id();
        broken.set(false);

        assertThat(operate(true, all -> all.list(null))).contains(id + "  kept").contains("1 dead letter(s): 1 kept");
        assertThat(operate(true, all -> all.show(id, true))).contains("header        patient: p-1", "original");
        assertThat(operate(true, all -> all.replay(ids(id))))
                .contains("1 replay(s) requested. A worker starts them within");
        Await.until("the letter is gone", SOON, () -> letters.list(100).isEmpty());
        assertThat(operate(false, all -> all.discard(ids(id)))).contains("not discarded: it is gone");
        assertThat(operate(false, all -> all.show("../../etc/passwd", false))).contains("There is no dead letter");
    }

    private static Selection ids(String... ids) {
        return new Selection(List.of(ids), false, null);
    }

    private String operate(boolean done, Predicate<DeadLetterOperations> operation) {
        var lines = new StringBuilder();
        try (var store = DeadLetterStore.forCommand(settings(1_000_000, null))) {
            var operations =
                    new DeadLetterOperations(store, line -> lines.append(line).append('\n'));
            assertThat(operation.test(operations)).as(lines.toString()).isEqualTo(done);
        }
        return lines.toString();
    }

    private static Letter letter(String id) {
        Instant long_ago = Instant.parse("2026-01-01T00:00:00Z");
        return new Letter(id, "in", null, long_ago, long_ago, 1, Letter.State.KEPT, "why");
    }

    private static KeptMessage message() {
        return new KeptMessage(Map.of(), KeptMessage.Kind.NONE, new byte[0]);
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
        DeadLetters letters = DeadLettersSetup.install(
                context,
                settings,
                DeadLetterStore::forWorker,
                Feeds.in(temp.resolve("feeds")),
                exchange -> "orders",
                exchange -> "{\"title\":\"No such order\",\"client_secret\":\"hush-hush-hush\"}" + "x".repeat(10_000),
                clock);
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
