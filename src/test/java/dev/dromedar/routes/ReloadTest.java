package dev.dromedar.routes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.Dromedar;
import dev.dromedar.camel.Apis;
import dev.dromedar.camel.Places;
import dev.dromedar.camel.WorkerContext;
import dev.dromedar.camel.WorkerMain;
import dev.dromedar.cluster.Await;
import dev.dromedar.ops.Operations;
import dev.dromedar.ops.Worker;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.model.ModelCamelContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Edits of a running worker, good and bad. */
@Tag("long")
class ReloadTest {
    private static final String AUDITED = "audited";

    private Path site = Path.of("");

    private final Sandbox sandbox = Sandbox.start();
    private final WorkerMain main = new WorkerMain();
    private @Nullable Reload reload;
    private @Nullable ProducerTemplate template;

    @BeforeEach
    void start(@TempDir Path folder, TestInfo test) throws IOException {
        site = folder;
        Files.createDirectories(site.resolve("routes"));
        writeSettings(test.getTags().contains(AUDITED) ? audited() : properties("orders"));
        writeRoute("orders", "orders", "one");
        writeRoute("other", "orders", "still");
        main.setDefaultPropertyPlaceholderLocation("file:" + site.resolve("application.properties"));
        String patterns = "file:" + site + "/routes/*.yaml,file:" + site + "/routes/*.xml";
        main.configure().setRoutesIncludePattern(patterns);
        main.configure().setSourceLocationEnabled(true);
        main.configure().setShutdownTimeout(20);
        main.configure().addConfiguration(new CamelConfiguration() {
            @Override
            public void configure(CamelContext context) {
                Dromedar.install(context);
                RouteIds.install(context);
                Operations operations = context.hasService(Operations.class);
                reload = Reload.install(
                        (WorkerContext) context,
                        context.hasService(Apis.class),
                        operations.routes(),
                        operations::refresh,
                        patterns);
            }
        });
        main.start();
        template = context().createProducerTemplate();
    }

    @AfterEach
    void stop() throws IOException {
        template().close();
        main.stop();
        sandbox.close();
    }

    @Test
    void takesEditsOfARouteConfiguration() throws Exception {
        for (String version : List.of("one", "two", "three")) {
            Files.writeString(site.resolve("routes/shared.yaml"), """
                    - routeConfiguration:
                        id: shared
                        onException:
                          - onException:
                              exception: [java.lang.IllegalStateException]
                              steps: [{setBody: {constant: %s}}]
                    """.formatted(version));
            look();

            assertThat(((ModelCamelContext) context()).getRouteConfigurationDefinitions())
                    .singleElement()
                    .satisfies(shared ->
                            assertThat(shared.getOnExceptions().toString()).contains(version));
        }
        Files.delete(site.resolve("routes/shared.yaml"));
        look();

        assertThat(((ModelCamelContext) context()).getRouteConfigurationDefinitions())
                .isEmpty();
    }

    @Test
    @Tag(AUDITED)
    void recordsEachEditAndWhatCameOfIt() throws Exception {
        writeRoute("orders", "orders", "two");
        writeSettings(audited() + "greeting = hello\n");
        look();
        writeRoute("other", "nobody", "never");
        look();

        assertThat(edits())
                .satisfiesExactly(
                        begun -> assertThat(begun)
                                .contains("routes/orders.yaml", "application.properties", "; keys greeting")
                                .doesNotContain("hello", "outcome"),
                        accepted -> assertThat(accepted).contains("routes/orders.yaml", "\"outcome\":\"accepted\""),
                        rejected -> assertThat(rejected).contains("routes/other.yaml", "\"outcome\":\"rejected: "));
    }

    /** The same as a full disk: the audit file cannot be rolled, since a folder has the name. */
    @Test
    @Tag(AUDITED)
    void takesNoEditThatIsNotRecordedAndTakesItWhenItCanBe() throws Exception {
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        List<Path> inTheWay = List.of(rolled(today), rolled(today.plusDays(1)));
        for (Path each : inTheWay) {
            Files.createDirectories(each.resolve("in-the-way"));
        }
        for (int call = 0; call < 4; call++) {
            context().hasService(Apis.class).acted("test", "fills the file", "x".repeat(400), null);
        }
        writeRoute("orders", "orders", "two");
        look();

        assertThat(faults()).singleElement().asString().contains("this edit could not be recorded");
        for (Path each : inTheWay) {
            Files.delete(each.resolve("in-the-way"));
            Files.delete(each);
        }
        look();

        assertThat(faults()).isEmpty();
        assertThat(call("orders")).isEqualTo("two");
    }

    private Path rolled(LocalDate day) {
        return site.resolve("audit-" + day.format(DateTimeFormatter.BASIC_ISO_DATE) + "-000000000001.jsonl");
    }

    private String audited() {
        return properties("orders") + "dromedar.audit = file:" + site.resolve("audit.jsonl")
                + "\ndromedar.audit.roll-size = 1KB\n";
    }

    /** The records of reloads, oldest first. */
    private List<String> edits() throws IOException {
        List<String> records = new ArrayList<>();
        try (Stream<Path> files = Files.list(site)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".jsonl"))
                    .sorted()
                    .toList()) {
                records.addAll(Files.readAllLines(file));
            }
        }
        return records.stream()
                .filter(record -> record.contains("\"act\":\"reload\""))
                .sorted(Comparator.comparing(record -> Integer.valueOf(record.replaceFirst(".*\"n\":(\\d+).*", "$1"))))
                .toList();
    }

    @Test
    void keepsEverythingRunningThroughEveryKindOfBadEdit() throws Exception {
        var load = new Load();
        String good = Files.readString(site.resolve("application.properties"));
        String route = Files.readString(route("orders"));
        long tokens = sandbox.duende().seen().accepted();
        Map<String, Edit> edits = new LinkedHashMap<>();
        edits.put(
                "routes/orders.yaml:3: the indentation does not fit",
                () -> Files.writeString(route("orders"), "- route:\n    id: orders\n   from: [\n"));
        edits.put(
                "orders.yaml",
                () -> Files.writeString(route("orders"), route.substring(0, route.indexOf("constant: GET"))));
        edits.put(
                "there is no API 'ordres'. Did you mean 'orders'?",
                () -> Files.writeString(route("orders"), route.replace("ref: orders", "ref: ordres")));
        edits.put(
                "there is no property 'dromedar.api.ordes.base-address'",
                () -> Files.writeString(route("orders"), route.replace("api.orders.base", "api.ordes.base")));
        edits.put(
                "{{dromedar.api.orders.client-secret}} holds a secret, which routes and messages cannot read",
                () -> Files.writeString(
                        route("orders"),
                        route.replace("constant: GET", "constant: \"{{dromedar.api.orders.client-secret}}\"")));
        edits.put(
                "dromedar.api.orders.client-secret: there is no file 'missing'",
                () -> Files.writeString(
                        site.resolve("application.properties"),
                        good + "\ndromedar.api.orders.client-secret = {{secretfile:missing}}\n"));
        edits.put(
                "there is no component 'htttp'",
                () -> Files.writeString(route("orders"), route.replace("to: \"{{", "to: \"htttp://x/{{")));
        edits.put(
                "the route id 'other' is taken",
                () -> Files.writeString(route("orders"), route.replace("id: orders", "id: other")));
        edits.put(
                "routes/orders.yaml:4: the schedule cron 'soon' cannot be read",
                () -> Files.writeString(
                        route("orders"),
                        route.replace("uri: direct:orders", "uri: quartz:x\n      parameters: {cron: soon}")));
        edits.put(
                "takes from 'direct:other' too, and only one can",
                () -> Files.writeString(route("orders"), route.replace("direct:orders", "direct:other")));
        edits.put(
                "application.properties:5: dromedar.api.orders.client-idd: unknown key. Did you mean",
                () -> Files.writeString(
                        site.resolve("application.properties"), "\n\n\n\ndromedar.api.orders.client-idd = x\n" + good));
        edits.put(
                "dromedar.api.orders.authority: missing",
                () -> Files.writeString(
                        site.resolve("application.properties"),
                        good.replaceAll("(?m)^dromedar.api.orders.authority.*$", "")));
        edits.put(
                "there is no API 'orders'",
                () -> Files.writeString(
                        site.resolve("application.properties"), good.replaceAll("(?m)^dromedar.api.orders.*$", "")));
        edits.put(
                "four hexadecimal digits",
                () -> Files.writeString(site.resolve("application.properties"), good + "path = C:\\users\\x\n"));
        edits.put("application.properties is gone", () -> Files.delete(site.resolve("application.properties")));
        edits.put("holds no route, since it is empty", () -> Files.writeString(route("orders"), "# nothing yet\n"));
        edits.put("no route file left", () -> {
            Files.delete(route("orders"));
            Files.delete(route("other"));
        });

        for (var edit : edits.entrySet()) {
            edit.getValue().make();
            look();
            assertThat(faults()).as(edit.getKey()).isNotEmpty();
            assertThat(String.join("\n", faults())).contains(edit.getKey());
            assertThat(call("orders")).isEqualTo("one");
            Files.writeString(site.resolve("application.properties"), good);
            Files.writeString(route("orders"), route);
            writeRoute("other", "orders", "still");
            look();
            assertThat(faults()).isEmpty();
        }

        assertThat(load.stop()).isEmpty();
        assertThat(load.calls()).isGreaterThan(20);
        assertThat(sandbox.duende().seen().accepted() - tokens).isLessThanOrEqualTo(1);
    }

    @Test
    void takesGoodEditsUnderLoadAndRestartsOnlyWhatChanged() throws Exception {
        var load = new Load();
        long started = uptime("other");
        for (int round = 0; round < 5; round++) {
            writeRoute("orders", "orders", "round " + round);
            look();
            assertThat(faults()).isEmpty();
            assertThat(call("orders")).isEqualTo("round " + round);
        }

        assertThat(load.stop()).isEmpty();
        assertThat(uptime("other")).isGreaterThanOrEqualTo(started);
        assertThat(sandbox.duende().seen().accepted()).isEqualTo(1);
    }

    @Test
    void ofAFileWithSeveralRoutesOnlyTheChangedOnesRestart() throws Exception {
        String routes = several("kept", "one") + several("edited", "one") + several("last", "one");
        Files.writeString(route("several"), routes);
        look();
        var kept = context().getRoute("kept");
        var last = context().getRoute("last");

        Files.writeString(
                route("several"),
                "# Two lines\n#\n"
                        + routes.replace(several("edited", "one"), several("added", "two") + several("edited", "two")));
        look();

        assertThat(faults()).isEmpty();
        assertThat(call("edited")).isEqualTo("two");
        assertThat(call("added")).isEqualTo("two");
        assertThat(context().getRoute("kept")).isSameAs(kept);
        assertThat(context().getRoute("last")).isSameAs(last);
        assertThat(places())
                .containsEntry("kept", "several.yaml:8")
                .containsEntry("added", "several.yaml:14")
                .containsEntry("edited", "several.yaml:20")
                .containsEntry("last", "several.yaml:26");

        Files.writeString(route("several"), several("kept", "one") + several("last", "none"));
        look();

        assertThat(faults()).isEmpty();
        assertThat(context().getRoute("edited")).isNull();
        assertThat(context().getRoute("added")).isNull();
        assertThat(context().getRoute("kept")).isSameAs(kept);
        assertThat(call("last")).isEqualTo("none");
        assertThat(places()).containsEntry("kept", "several.yaml:6").containsEntry("last", "several.yaml:12");
    }

    @Test
    void aRouteThatAnOperatorHasStoppedStaysSoAndKeepsNoEditFromBeingTaken() throws Exception {
        context().getRouteController().stopRoute("other");

        writeRoute("orders", "orders", "two");
        look();

        assertThat(faults()).isEmpty();
        assertThat(call("orders")).isEqualTo("two");
        assertThat(context().getRouteController().getRouteStatus("other").isStopped())
                .isTrue();
    }

    /** By route, file and line of its step, as logs have them. */
    private Map<String, String> places() {
        Map<String, String> places = new LinkedHashMap<>();
        ((ModelCamelContext) context())
                .getRouteDefinitions()
                .forEach(route -> places.put(
                        route.getRouteId(),
                        String.valueOf(Places.of(route.getOutputs().get(0))).replaceFirst(".*/", "")));
        return places;
    }

    private static String several(String name, String answer) {
        return """
                - route:
                    id: %1$s
                    from:
                      uri: direct:%1$s
                      steps:
                        - setBody: {constant: "%2$s"}
                """.formatted(name, answer);
    }

    @Test
    void takesAnEditThatComesWhileTheWorkerStarts(@TempDir Path other) throws Exception {
        Files.createDirectories(other.resolve("routes"));
        Files.writeString(other.resolve("application.properties"), properties("orders"));
        Files.writeString(other.resolve("routes/early.yaml"), several("early", "before"));
        String patterns = "file:" + other + "/routes/*.yaml";
        var early = new WorkerMain(other);
        var reloads = new ArrayList<Reload>();
        early.configure().setRoutesIncludePattern(patterns);
        early.configure().addConfiguration(new CamelConfiguration() {
            @Override
            public void configure(CamelContext context) {
                Dromedar.install(context);
                Operations operations = context.hasService(Operations.class);
                reloads.add(Reload.install(
                        (WorkerContext) context,
                        context.hasService(Apis.class),
                        operations.routes(),
                        operations::refresh,
                        patterns));
            }
        });
        early.addMainListener(new MainListenerSupport() {
            @Override
            public void beforeStart(BaseMainSupport main) {
                try {
                    Files.writeString(other.resolve("routes/early.yaml"), several("early", "after"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public void afterConfigure(BaseMainSupport main) {
                beforeStart(main);
            }
        });
        early.start();
        try (ProducerTemplate calls = early.getCamelContext().createProducerTemplate()) {
            reloads.get(0).look();
            reloads.get(0).look();

            assertThat(calls.requestBody("direct:early", "", String.class)).isEqualTo("after");
        } finally {
            early.stop();
        }
    }

    @Test
    void followsAddedRenamedAndRemovedFilesAndApis() throws Exception {
        sandbox.add(Registration.duende("invoices"));
        writeSettings(properties("orders", "invoices"));
        writeRoute("invoices", "invoices", "new");
        look();
        assertThat(faults()).isEmpty();
        assertThat(call("invoices")).isEqualTo("new");
        assertThat(call("orders")).isEqualTo("one");

        Files.move(route("invoices"), site.resolve("routes/bills.yaml"));
        look();
        assertThat(faults()).isEmpty();
        assertThat(call("invoices")).isEqualTo("new");

        Files.delete(site.resolve("routes/bills.yaml"));
        writeSettings(properties("orders"));
        look();
        assertThat(faults()).isEmpty();
        assertThat(context().getRoute("invoices")).isNull();
        assertThat(context().getRegistry().lookupByName("invoices")).isNull();
        assertThat(sandbox.duende().seen().accepted()).isEqualTo(2);
    }

    @Test
    void reloadsTheRoutesThatNameAChangedProperty() throws Exception {
        writeSettings(properties("orders") + "greeting = hello\n");
        Files.writeString(route("greet"), """
                - route:
                    id: greet
                    from:
                      uri: direct:greet
                      steps: [{setBody: {constant: "{{greeting}}"}}]
                """);
        look();
        assertThat(call("greet")).isEqualTo("hello");

        writeSettings(properties("orders") + "greeting = good day\n");
        look();

        assertThat(call("greet")).isEqualTo("good day");
        assertThat(sandbox.duende().seen().accepted()).isLessThanOrEqualTo(1);
    }

    @Test
    void aRouteWithoutIdIsTheSameThroughEditsOfOthersAndOfItself() throws Exception {
        Files.writeString(route("first"), withoutId("first", "one"));
        Files.writeString(route("second"), withoutId("second", "one"));
        look();
        Files.writeString(route("first"), withoutId("first", "two"));
        look();
        writeRoute("orders", "orders", "two");
        look();

        assertThat(faults()).isEmpty();
        assertThat(call("first")).isEqualTo("two");
        assertThat(call("second")).isEqualTo("one");
        assertThat(context().getRoutes())
                .extracting(org.apache.camel.Route::getRouteId)
                .containsExactlyInAnyOrder("orders", "other", "first-yaml", "second-yaml");

        Files.delete(route("first"));
        look();

        assertThat(faults()).isEmpty();
        assertThat(context().getRoute("first-yaml")).isNull();
        assertThat(call("second")).isEqualTo("one");
    }

    @Test
    void editsOfATemplateReachTheRoutesMadeOfIt() throws Exception {
        Files.writeString(route("template"), template("one"));
        Files.writeString(route("use"), use("a"));
        look();
        assertThat(faults()).isEmpty();
        assertThat(call("a")).isEqualTo("one");

        Files.writeString(route("template"), template("two"));
        look();
        assertThat(faults()).isEmpty();
        assertThat(call("a")).isEqualTo("two");

        Files.writeString(route("use"), use("b"));
        look();
        assertThat(faults()).isEmpty();
        assertThat(call("b")).isEqualTo("two");
        assertThat(context().getRoute("made-a")).isNull();

        Files.delete(route("use"));
        Files.delete(route("template"));
        look();
        assertThat(faults()).isEmpty();
        assertThat(context().getRoutes())
                .extracting(org.apache.camel.Route::getRouteId)
                .containsExactlyInAnyOrder("orders", "other");
    }

    @Test
    void anEditThatCamelCannotTakeBackIsRejectedWithItsReason() throws Exception {
        Files.writeString(route("intercept"), """
                - interceptSendToEndpoint:
                    uri: "http:*"
                    steps: [{log: "sends"}]
                """);
        look();

        assertThat(faults())
                .singleElement()
                .asString()
                .contains("intercept.yaml: interceptSendToEndpoint applies to the routes of all files")
                .contains("Restart the worker");
        assertThat(call("orders")).isEqualTo("one");
    }

    /** What calls a method of a value needs the context that it was made for. */
    @Test
    void expressionsOfRoutesThatDidNotChangeWorkOnAfterAnEditOfOthers() throws Exception {
        Files.writeString(route("calls"), """
                - route:
                    id: calls
                    from:
                      uri: direct:calls
                      steps:
                        - setBody: {simple: "${body.trim.length}"}
                """);
        look();
        for (String edit : List.of("two", "three")) {
            writeRoute("other", "orders", edit);
            look();

            assertThat(faults()).isEmpty();
            assertThat(template().requestBody("direct:calls", " four ", String.class))
                    .isEqualTo("4");
        }
    }

    private AtomicBoolean databaseOfOtherIsAway() {
        var away = new AtomicBoolean(true);
        context().addRoutePolicyFactory((context, id, route) -> {
            if (away.get() && id.equals("other")) {
                throw new RuntimeCamelException(new SQLException("The database is away", "08006"));
            }
            return null;
        });
        return away;
    }

    /** A refusal stays, so that trying again would only restart routes. */
    @Test
    void onlyWhatPassesByItselfIsTriedAgain() {
        assertThat(List.of("08006", "40001", "53300", "55P03", "57P01"))
                .allMatch(state -> Reload.isOfDatabase(failure(new SQLException("away", state))));
        assertThat(Reload.isOfDatabase(failure(new SQLTransientConnectionException("no connection"))))
                .isTrue();
        assertThat(List.of("42501", "23505", "28P01"))
                .noneMatch(state -> Reload.isOfDatabase(failure(new SQLException("refused", state))));
        assertThat(Reload.isOfDatabase(failure(new IOException("no database")))).isFalse();
    }

    private static Exception failure(Exception cause) {
        return new RuntimeCamelException(cause);
    }

    /** Neither the new route nor the old one starts then, as with a schedule of a cluster. */
    @Test
    void anEditWhileTheDatabaseIsAwayIsTakenWhenItIsBack() throws Exception {
        AtomicBoolean away = databaseOfOtherIsAway();
        writeRoute("other", "orders", "edited");
        look();

        assertThat(faults())
                .satisfiesExactly(
                        fault -> assertThat(fault)
                                .contains("routes/other.yaml:1: the new routes could not be started: ")
                                .contains("The database is away"),
                        fault -> assertThat(fault)
                                .isEqualTo(
                                        "The old routes could not be put back. This is tried again every few seconds,"
                                                + " and then the edit."));
        assertThat(call("orders")).isEqualTo("one");

        away.set(false);
        Await.until("the edit is taken", Duration.ofMinutes(1), () -> faults().isEmpty());
        assertThat(call("other")).isEqualTo("edited");
        assertThat(call("orders")).isEqualTo("one");
    }

    @Test
    void anEditTakenBackWhileTheDatabaseIsAwayLeavesWhatRan() throws Exception {
        AtomicBoolean away = databaseOfOtherIsAway();
        writeRoute("other", "orders", "edited");
        look();
        writeRoute("other", "orders", "still");
        look();
        assertThat(context().getRoute("other")).isNull();

        away.set(false);
        Await.until("all is as it was", Duration.ofMinutes(1), () -> faults().isEmpty());
        assertThat(call("other")).isEqualTo("still");
    }

    private static String withoutId(String name, String answer) {
        return """
                - from:
                    uri: direct:%s
                    steps: [{setBody: {constant: "%s"}}]
                """.formatted(name, answer);
    }

    private static String template(String answer) {
        return """
                - routeTemplate:
                    id: maker
                    parameters: [{name: place}]
                    from:
                      uri: "direct:{{place}}"
                      steps: [{setBody: {constant: "%s"}}]
                """.formatted(answer);
    }

    private static String use(String place) {
        return """
                - templatedRoute:
                    routeTemplateRef: maker
                    routeId: made-%1$s
                    parameters: [{name: place, value: %1$s}]
                """.formatted(place);
    }

    @Test
    void letsTheExchangeUnderWayEndBeforeItsRouteRestarts() throws Exception {
        var entered = new CountDownLatch(1);
        var leave = new CountDownLatch(1);
        context().getRegistry().bind("hold", (org.apache.camel.Processor) exchange -> {
            entered.countDown();
            assertThat(leave.await(20, TimeUnit.SECONDS)).isTrue();
        });
        String slow =
                Files.readString(route("orders")).replace("- setBody", "- process: {ref: hold}\n        - setBody");
        Files.writeString(route("orders"), slow);
        look();
        var answer = template().asyncRequestBody("direct:orders", "", String.class);
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();

        writeRoute("orders", "orders", "two");
        var editing = new Thread(this::look); // waits for the exchange
        editing.start();
        leave.countDown();
        editing.join(20_000);

        assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("one");
        assertThat(call("orders")).isEqualTo("two");
    }

    @Test
    void takesEffectWithinTwoSecondsByItself() throws Exception {
        writeRoute("orders", "orders", "by itself");

        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        long began = System.nanoTime();
        while (!call("orders").equals("by itself") && System.nanoTime() < end) {
            Thread.onSpinWait();
        }

        assertThat(call("orders")).isEqualTo("by itself");
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began)).isLessThan(10_000);
    }

    private interface Edit {
        void make() throws IOException;
    }

    /** Two callers of one route that goes on, for as long as edits are made. */
    private final class Load {
        private final AtomicBoolean over = new AtomicBoolean();
        private final AtomicInteger calls = new AtomicInteger();
        private final Queue<String> lost = new ConcurrentLinkedQueue<>();
        private final List<Thread> callers = new ArrayList<>();

        Load() {
            for (String route : List.of("orders", "other")) {
                var caller = new Thread(() -> {
                    while (!over.get()) {
                        try {
                            call(route);
                            calls.incrementAndGet();
                        } catch (CamelExecutionException e) {
                            lost.add(route + ": " + e.getCause());
                        }
                    }
                });
                caller.start();
                callers.add(caller);
            }
        }

        int calls() {
            return calls.get();
        }

        Queue<String> stop() throws InterruptedException {
            over.set(true);
            for (Thread caller : callers) {
                caller.join();
            }
            return lost;
        }
    }

    private void look() {
        reload().look();
        reload().look();
    }

    private Reload reload() {
        return Objects.requireNonNull(reload);
    }

    private ProducerTemplate template() {
        return Objects.requireNonNull(template);
    }

    private List<String> faults() {
        return context().hasService(Operations.class).routes().faults();
    }

    private CamelContext context() {
        return main.getCamelContext();
    }

    private long uptime(String route) {
        return context().getRoute(route).getUptimeMillis();
    }

    private String call(String route) {
        return template().requestBody("direct:" + route, "", String.class);
    }

    private Path route(String name) {
        return site.resolve("routes/" + name + ".yaml");
    }

    private void writeRoute(String name, String api, String answer) throws IOException {
        Files.writeString(route(name), """
                - route:
                    id: %1$s
                    from:
                      uri: direct:%1$s
                      steps:
                        - setHeader: {name: CamelHttpMethod, constant: GET}
                        - process: {ref: %2$s}
                        - to: "{{dromedar.api.%2$s.base-address}}/records"
                        - setBody: {constant: "%3$s"}
                """.formatted(name, api, answer));
    }

    private void writeSettings(String text) throws IOException {
        Files.writeString(site.resolve("application.properties"), text);
    }

    private String properties(String... apis) {
        var text = new StringBuilder();
        Worker.apis(sandbox, apis).forEach((key, value) -> text.append(key)
                .append(" = ")
                .append(value.replace("\\", "\\\\"))
                .append('\n'));
        return text.toString();
    }
}
