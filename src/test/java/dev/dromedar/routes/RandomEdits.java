package dev.dromedar.routes;

import dev.dromedar.Dromedar;
import dev.dromedar.camel.Apis;
import dev.dromedar.camel.WorkerContext;
import dev.dromedar.camel.WorkerMain;
import dev.dromedar.cluster.Await;
import dev.dromedar.ops.Operations;
import dev.dromedar.ops.Worker;
import dev.dromedar.sandbox.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.model.ModelCamelContext;
import org.jspecify.annotations.Nullable;

/**
 * A site that is edited at random, well and badly, while its routes are called, polled and fired. In the end the worker must
 * be as one that has just been started on the same files, and every exchange must have come to its end. What is drawn depends
 * on the seed alone.
 */
public final class RandomEdits implements AutoCloseable {
    private static final Duration SOON = Duration.ofMinutes(2);

    private final Path site;
    private final int files;
    private final Random random;
    private final Sandbox sandbox = Sandbox.start();
    private final String patterns;
    private final WorkerMain main = new WorkerMain();
    private final Map<Integer, String> broken = new TreeMap<>();
    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Set<String> queued = ConcurrentHashMap.newKeySet();
    private final Set<String> worked = ConcurrentHashMap.newKeySet();
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private @Nullable Reload reload;
    private volatile boolean stopping;
    private int version;
    private int extra;
    private String greeting = "hello";
    private int timeLimit = 20;

    /** @param files of three routes each */
    public RandomEdits(Path site, int files, long seed) throws IOException {
        this.site = site;
        this.files = files;
        this.random = new Random(seed);
        this.patterns = "file:" + site + "/routes/*.yaml";
        Files.createDirectories(site.resolve("routes"));
        settings();
        shared();
        for (int file = 0; file < files; file++) {
            work(file);
        }
        start(main, true);
    }

    private void start(WorkerMain worker, boolean reloads) {
        worker.setDefaultPropertyPlaceholderLocation("file:" + site.resolve("application.properties"));
        worker.configure().setRoutesIncludePattern(patterns);
        worker.configure().setSourceLocationEnabled(true);
        worker.configure().setShutdownTimeout(60);
        worker.bind("worked", (Processor)
                exchange -> worked.add(exchange.getMessage().getBody(String.class)));
        worker.bind("begun", (Processor) exchange -> begun.incrementAndGet());
        worker.bind("ended", (Processor) exchange -> ended.incrementAndGet());
        worker.configure().addConfiguration(new CamelConfiguration() {
            @Override
            public void configure(CamelContext context) {
                Dromedar.install(context);
                RouteIds.install(context);
                if (reloads) {
                    Operations operations = context.hasService(Operations.class);
                    reload = Reload.install(
                            (WorkerContext) context,
                            context.hasService(Apis.class),
                            operations.routes(),
                            operations::refresh,
                            patterns);
                }
            }
        });
        worker.start();
    }

    /** Calls, fills queues and looks at what comes out until {@link #settle}. */
    public void load() {
        thread(template -> {
            int file = (int) (calls.incrementAndGet() % files);
            String answer = template.requestBody("direct:d-" + file, "ping", String.class);
            if (answer == null || !answer.startsWith("file " + file + " version ") || !answer.endsWith(" ping")) {
                failures.add("direct:d-" + file + " answered " + answer);
            }
        });
        thread(template -> {
            String body = "message " + queued.size();
            queued.add(body);
            template.sendBody("seda:s-" + queued.size() % files, body);
        });
    }

    private interface Step {
        void run(ProducerTemplate template);
    }

    private void thread(Step step) {
        var thread = new Thread(() -> {
            try (ProducerTemplate template = main.getCamelContext().createProducerTemplate()) {
                while (!stopping) {
                    step.run(template);
                    LockSupport.parkNanos(1_000_000); // the reload is to have the core, too
                }
            } catch (RuntimeException | IOException e) {
                failures.add(e + " because of " + e.getCause());
            }
        });
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
    }

    /** One edit of what a person edits, good or bad. */
    public void edit() throws IOException {
        version++;
        if (!broken.isEmpty() && random.nextBoolean()) {
            work(broken.keySet().iterator().next()); // or hardly an edit would be taken
            return;
        }
        int file = random.nextInt(files);
        switch (random.nextInt(10)) {
            case 0 -> breakFile(file, "- route:\n    id: d-" + file + "\n   from: [\n");
            case 1 -> breakFile(file, route("d-" + file, "direct:d-" + file, "- process: {ref: nobody}"));
            case 2 -> shared();
            case 3 -> {
                greeting = "greeting-" + version;
                settings();
            }
            case 4 -> {
                timeLimit = 20 + version % 10;
                settings();
            }
            case 5 -> addExtra();
            case 6 -> Files.deleteIfExists(extra(random.nextInt(Math.max(1, extra))));
            default -> work(file);
        }
    }

    private void breakFile(int file, String text) throws IOException {
        broken.put(file, text);
        write("work-" + file, text);
    }

    private void addExtra() throws IOException {
        Files.writeString(
                extra(extra),
                extra % 2 == 0
                        ? "- templatedRoute: {routeTemplateRef: ticking, routeId: x-%d, parameters: [{name: name, value: x-%d}]}\n"
                                .formatted(extra, extra)
                        : timer("x-" + extra));
        extra++;
    }

    private Path extra(int number) {
        return site.resolve("routes/extra-" + number + ".yaml");
    }

    private void work(int file) throws IOException {
        broken.remove(file);
        String call = file % 4 != 0 ? "" : """

                        - setProperty: {name: was, simple: "${body}"}
                        - setBody: {simple: "${null}"}
                        - setHeader: {name: CamelHttpMethod, constant: GET}
                        - process: {ref: orders}
                        - to: "{{dromedar.api.orders.base-address}}/records"
                        - setBody: {simple: "${exchangeProperty.was}"}
                        - removeHeaders: {pattern: "*"}""";
        write(
                "work-" + file,
                route(
                                "d-" + file,
                                "direct:d-" + file,
                                "- setBody: {simple: \"file %d version %d {{greeting}} ${body}\"}"
                                                .formatted(file, version)
                                        + call)
                        + route("s-" + file, "seda:s-" + file, "- process: {ref: worked}")
                        + timer("t-" + file + (random.nextInt(5) == 0 ? "-" + version : "")));
    }

    private static String route(String id, String from, String steps) {
        return """
                - route:
                    id: %s
                    routeConfigurationId: shared
                    from:
                      uri: %s
                      steps:
                        %s
                """.formatted(id, from, steps);
    }

    private static String timer(String name) {
        return route(name, "timer:" + name + "?period=300", "- process: {ref: begun}\n        - process: {ref: ended}");
    }

    private void shared() throws IOException {
        write("shared", """
                - routeConfiguration:
                    id: shared
                    onException:
                      - onException:
                          exception: [java.lang.IllegalStateException]
                          steps: [{log: "version %d"}]
                - routeTemplate:
                    id: ticking
                    parameters: [{name: name}]
                    from:
                      uri: "timer:{{name}}?period=300"
                      steps:
                        - process: {ref: begun}
                        - setBody: {constant: "version %d"}
                        - process: {ref: ended}
                """.formatted(version, version));
    }

    private void settings() throws IOException {
        var text = new StringBuilder("greeting = " + greeting + "\n");
        Worker.apis(sandbox, "orders")
                .forEach((key, value) ->
                        text.append(key).append(" = ").append(value).append('\n'));
        text.append("dromedar.api.orders.time-limit = ").append(timeLimit).append("s\n");
        Files.writeString(site.resolve("application.properties"), text);
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(site.resolve("routes/" + file + ".yaml"), text);
    }

    /** Two looks: at the second one the files have stood still. */
    public void look() {
        Objects.requireNonNull(reload).look();
        reload.look();
    }

    /** Mends what is broken, ends the load, and waits until the edit is taken and all exchanges have ended. */
    public void settle() throws IOException {
        for (int file : Set.copyOf(broken.keySet())) {
            work(file);
        }
        Await.until("the last edit is taken", SOON, () -> {
            look();
            return main.getCamelContext()
                    .hasService(Operations.class)
                    .routes()
                    .faults()
                    .isEmpty();
        });
        look();
        stopping = true;
        for (Thread thread : threads) {
            try {
                thread.join(SOON.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Await.until("queues are empty", SOON, () -> worked.size() >= queued.size() || !failures.isEmpty());
    }

    /** What went wrong with the load; empty if nothing did. Stops the worker. */
    public Queue<String> failures() {
        main.stop();
        if (begun.get() != ended.get()) {
            failures.add(begun.get() + " firings begun, and " + ended.get() + " ended");
        }
        Set<String> lost = new TreeSet<>(queued);
        lost.removeAll(worked);
        if (!lost.isEmpty()) {
            failures.add(queued.size() + " messages queued, and lost: " + lost);
        }
        return failures;
    }

    /** The worker that was edited, in lines that can be compared. */
    public Map<String, String> state() {
        return state(main.getCamelContext());
    }

    /** As {@link #state()}, of a worker that is started on the files as they are now. */
    public Map<String, String> stateOfAFreshStart() {
        var fresh = new WorkerMain();
        try {
            start(fresh, false);
            return state(fresh.getCamelContext());
        } finally {
            fresh.stop();
        }
    }

    private static Map<String, String> state(CamelContext context) {
        Map<String, String> state = new TreeMap<>();
        var model = (ModelCamelContext) context;
        model.getRouteDefinitions()
                .forEach(route -> state.put(
                        "route " + route.getRouteId(),
                        context.getRouteController().getRouteStatus(route.getRouteId()) + " "
                                + (route.getResource() == null
                                        ? ""
                                        : route.getResource().getLocation()) + " " + route));
        model.getRouteTemplateDefinitions()
                .forEach(template -> state.put("template " + template.getId(), template.getRoute() + ""));
        model.getRouteConfigurationDefinitions()
                .forEach(shared -> state.put("configuration " + shared.getId(), shared.getOnExceptions() + ""));
        state.put("routes", context.getRoutesSize() + "");
        state.put("greeting", context.resolvePropertyPlaceholders("{{greeting}}"));
        context.hasService(Apis.class)
                .clients()
                .all()
                .forEach(api ->
                        state.put("api " + api.name(), api.settings().tokens().timeLimit() + ""));
        return state;
    }

    /** What has happened, for a report. */
    public String summary() {
        return version + " edits, " + calls + " calls, " + queued.size() + " messages, " + begun + " firings, "
                + main.getCamelContext().getRoutesSize() + " routes";
    }

    @Override
    public void close() {
        stopping = true;
        main.stop();
        sandbox.close();
    }
}
