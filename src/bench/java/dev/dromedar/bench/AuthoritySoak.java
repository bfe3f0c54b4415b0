package dev.dromedar.bench;

import com.sun.tools.attach.VirtualMachine;
import dev.dromedar.sandbox.Authority;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.NonceUse;
import dev.dromedar.sandbox.Origin;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Request;
import dev.dromedar.sandbox.Sandbox;
import java.io.BufferedReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.ThreadMXBean;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * The packaged worker calls five APIs for an hour with tokens of 20 s, while their authorities are restarted, slowed, refuse
 * and revoke in turn. What it may not do is judged from outside, by what authorities and APIs see of each token and by the calls
 * that its routes say have failed:
 *
 * <ul>
 *   <li>no call fails while its client has a living token: one that an API has seen, that is not revoked, and of whose 20 s
 *       the margin of 2 s at the end is not reached;
 *   <li>no call fails at all, unless the authority is in trouble for longer than a token lives, or has just been;
 *   <li>no token is asked for while the client has one that is fresh, as an API has seen; a token that no API ever saw must
 *       be one whose answer was cut off on its way;
 *   <li>no token is used past its end, no assertion or proof twice;
 *   <li>the heap stays flat, and so does the number of threads.
 * </ul>
 */
public final class AuthoritySoak {
    private static final long LIFE = 20_000;
    private static final long MARGIN = 2_000;
    /** No token is asked for in the first half of another's life, less the margin, however slow the authority is. */
    private static final long EARLIEST = LIFE - MARGIN - LIFE / 2 - 100;
    /** Nor in the first three quarters, unless answers take long: at a slow authority, or on a machine with much to do. */
    private static final long USUAL = LIFE - MARGIN - LIFE / 4 - 100;

    /** The worker counts from when it sent the request, a little before the authority sees it. */
    private static final long WAY = 250;

    private static final Pattern FAILED = Pattern.compile("SOAK (\\S+) (\\d+) (.*)");

    private static final String ROUTES = """
            - routeConfiguration:
                id: told
                onException:
                  - onException:
                      exception: [java.lang.Exception]
                      handled: {constant: "true"}
                      redeliveryPolicy: {logExhausted: false, logHandled: false}
                      steps:
                        - log: "SOAK ${exchangeProperty.DromedarApi} ${exchange.clock.created} ${exception.message}"
            """;
    private static final String ROUTE = """
            - route:
                id: NAME
                routeConfigurationId: told
                from:
                  uri: quartz:NAME
                  parameters: {trigger.repeatInterval: 200, stateful: true}
                  steps:
                    - setHeader: {name: CamelHttpMethod, constant: GET}
                    - process: {ref: NAME}
                    - to: "{{dromedar.api.NAME.base-address}}/records"
            """;

    /** A token as it has been seen from outside; times by the wall clock, which both processes have. */
    private static final class Token {
        private final String client;
        private final long asked;
        private long seen = Long.MAX_VALUE;
        private long revoked = Long.MAX_VALUE;

        private Token(String client, long asked) {
            this.client = client;
            this.asked = asked;
        }

        private boolean livedFrom(long start, long end) {
            return seen <= start && end < asked + LIFE - MARGIN - WAY && end < revoked;
        }
    }

    private final Sandbox sandbox = Sandbox.start();
    private final Map<String, Token> byValue = new HashMap<>();
    private final Map<String, Deque<Token>> byClient = new HashMap<>();
    private final Map<String, String> clientOf = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private int tokens;
    private int lost;
    private int failed;
    private int renewedEarly;
    private long cutUntil;
    private long excusedUntil;

    private AuthoritySoak() {}

    /** The folder with dromedar.jar and lib; then for how many minutes, 60 by default. */
    public static void main(String[] args) throws Exception {
        int minutes = args.length < 2 ? 60 : Integer.parseInt(args[1]);
        System.exit(new AuthoritySoak().run(Path.of(args[0]), Duration.ofMinutes(minutes)) ? 0 : 1);
    }

    private boolean run(Path target, Duration length) throws Exception {
        List<ProtectedApi> apis = List.of(
                sandbox.api("health-records"),
                sandbox.api("health-records-bearer"),
                sandbox.api("orders"),
                sandbox.add(Registration.helseid("labs").withAlgorithm("ES256")),
                sandbox.add(Registration.duende("stock")));
        var worker = new Worker(target).route("told.yaml", ROUTES);
        for (Authority authority : List.of(sandbox.helseid(), sandbox.duende())) {
            authority.tokenLifetime(Duration.ofMillis(LIFE));
            watch(authority);
        }
        for (ProtectedApi api : apis) {
            worker.api(sandbox, api).route(api.name() + ".yaml", ROUTE.replace("NAME", api.name()));
            clientOf.put(api.name(), api.client().id());
            watch(api);
        }
        worker.set("camel.management.enabled", "true")
                .set("camel.management.host", "127.0.0.1")
                .set("camel.management.port", String.valueOf(freePort()))
                .set("camel.management.healthCheckEnabled", "true")
                .set("camel.management.metricsEnabled", "true")
                .set("camel.metrics.enabled", "true");
        Process process = worker.start(worker.command("-Xmx256m"));
        System.out.println("the worker says: " + worker.output());
        try (BufferedReader said = Files.newBufferedReader(worker.output())) {
            TimeUnit.SECONDS.sleep(15);
            listen(said);
            List<Long> heap = new ArrayList<>();
            List<Integer> threads = new ArrayList<>();
            trouble(System.nanoTime() + length.toNanos(), process, apis, heap, threads);
            TimeUnit.SECONDS.sleep(2);
            if (!process.isAlive()) {
                fault("the worker has ended with " + process.exitValue());
            }
            return verdict(apis, heap, threads);
        } finally {
            process.destroy();
            sandbox.close();
        }
    }

    private static int freePort() throws Exception {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Added first, so it stands behind all other faults: it sees what the authority itself answers, delivered or not. */
    private void watch(Authority authority) {
        authority
                .origin()
                .fault(((Fault) (request, server) -> {
                            String client = client(request);
                            long asked = System.currentTimeMillis();
                            asked(client, asked);
                            synchronized (this) { // so that it is clear whether a token was given before a revocation
                                var answer = server.answer(request);
                                if (answer.status() == 200) {
                                    given(client, asked, answer.body());
                                }
                                return answer;
                            }
                        })
                        .at("/connect/token"));
    }

    private static String client(Request request) {
        String basic = request.header("Authorization");
        if (basic == null) {
            return request.assertion().claims().path("sub").asText();
        }
        byte[] pair = Base64.getDecoder().decode(basic.substring("Basic ".length()));
        return new String(pair, StandardCharsets.UTF_8).replaceFirst(":.*", "");
    }

    private synchronized void asked(String client, long now) {
        for (Token token : byClient.getOrDefault(client, new ArrayDeque<>())) {
            long age = now - token.asked;
            if (age >= USUAL || now >= token.revoked) {
                continue;
            }
            boolean used = token.seen <= now;
            if (age < EARLIEST && used) {
                fault(client + " asked for a token " + age + " ms after one that it uses");
            } else if (!used && now > cutUntil) {
                fault(client + " asked for a token " + age + " ms after one that arrived and was not used");
            } else if (used) {
                renewedEarly++;
            }
        }
    }

    private synchronized void given(String client, long asked, String body) {
        Matcher value = Pattern.compile("\"access_token\"\\s*:\\s*\"([^\"]+)\"").matcher(body);
        if (!value.find()) {
            fault("a token answer without a token");
            return;
        }
        var token = new Token(client, asked);
        tokens++;
        byValue.put(value.group(1), token);
        Deque<Token> known = byClient.computeIfAbsent(client, none -> new ArrayDeque<>());
        Token last = known.peekLast();
        lost += last != null && last.seen == Long.MAX_VALUE ? 1 : 0;
        known.addLast(token);
        if (known.size() > 20) {
            byValue.values().remove(known.removeFirst());
        }
    }

    private void watch(ProtectedApi api) {
        api.fault((request, server) -> {
            String header = String.valueOf(request.header("Authorization"));
            used(api.name(), header.substring(header.indexOf(' ') + 1), System.currentTimeMillis());
            return server.answer(request);
        });
    }

    private synchronized void used(String api, String value, long now) {
        Token token = byValue.get(value);
        if (token == null) {
            fault(api + " was called with a token that nobody gave");
        } else if (!token.client.equals(clientOf.get(api))) {
            fault(api + " was called with a token of " + token.client);
        } else {
            token.seen = Math.min(token.seen, now);
            if (now > token.asked + LIFE) {
                fault(api + " was called with a token " + (now - token.asked) + " ms old");
            }
        }
    }

    /** What the worker writes: each failed call, with when it began. */
    private void listen(BufferedReader said) {
        var thread = new Thread(
                () -> {
                    try {
                        while (true) {
                            String line = said.readLine();
                            if (line == null) {
                                TimeUnit.MILLISECONDS.sleep(20);
                                continue;
                            }
                            Matcher call = FAILED.matcher(line);
                            if (call.find()) {
                                failed(call.group(1), Long.parseLong(call.group(2)), call.group(3));
                            } else if (line.contains(" ERROR ")) {
                                fault("the worker says: " + line);
                            }
                        }
                    } catch (java.io.IOException e) {
                        // the end
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "listener");
        thread.setDaemon(true);
        thread.start();
    }

    private synchronized void failed(String api, long began, String message) {
        long now = System.currentTimeMillis();
        failed++;
        for (Token token : byClient.getOrDefault(clientOf.get(api), new ArrayDeque<>())) {
            if (token.livedFrom(began, now)) {
                fault(api + " failed with a living token, asked for " + (now - token.asked) + " ms before: " + message);
                return;
            }
        }
        if (began > excusedUntil) {
            fault(api + " failed: " + message);
        }
    }

    private synchronized void fault(String what) {
        faults.add(LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.MILLIS) + " " + what);
        if (faults.size() < 100) {
            System.out.println("FAULT " + faults.get(faults.size() - 1));
        }
    }

    private synchronized void cutFor(long millis) {
        cutUntil = System.currentTimeMillis() + millis;
    }

    private synchronized void excuseFor(long millis) {
        excusedUntil = millis == 0 ? 0 : System.currentTimeMillis() + millis;
    }

    /** One trouble after the other, for one authority after the other, with the heap looked at in between. */
    @SuppressWarnings("BanJNDI") // the address is our own child's
    private void trouble(long end, Process process, List<ProtectedApi> apis, List<Long> heap, List<Integer> threads)
            throws Exception {
        var machine = VirtualMachine.attach(String.valueOf(process.pid()));
        String address = machine.startLocalManagementAgent();
        machine.detach();
        try (var connector = JMXConnectorFactory.connect(new JMXServiceURL(address))) {
            MBeanServerConnection beans = connector.getMBeanServerConnection();
            var memory = ManagementFactory.newPlatformMXBeanProxy(
                    beans, ManagementFactory.MEMORY_MXBEAN_NAME, MemoryMXBean.class);
            var running = ManagementFactory.newPlatformMXBeanProxy(
                    beans, ManagementFactory.THREAD_MXBEAN_NAME, ThreadMXBean.class);
            for (int turn = 0; System.nanoTime() < end; turn++) {
                Authority authority = turn / 9 % 2 == 0 ? sandbox.helseid() : sandbox.duende();
                String what = make(turn % 9, authority);
                TimeUnit.SECONDS.sleep(22); // a life
                memory.gc();
                heap.add(memory.getHeapMemoryUsage().getUsed());
                threads.add(running.getThreadCount());
                System.out.printf(
                        "%s %s %s: %d calls, %d failed, %d tokens, %d faults; heap %d KiB, %d threads%n",
                        LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS),
                        authority == sandbox.helseid() ? "helseid" : "duende",
                        what,
                        calls(apis),
                        failed,
                        tokens,
                        faults.size(),
                        heap.get(heap.size() - 1) / 1024,
                        threads.get(threads.size() - 1));
            }
        }
    }

    private static long calls(List<ProtectedApi> apis) {
        return apis.stream().mapToLong(api -> api.seen().accepted()).sum();
    }

    private String make(int trouble, Authority authority) throws InterruptedException {
        Origin origin = authority.origin();
        switch (trouble) {
            case 0 -> {
                cutFor(6_000);
                origin.refuseConnections();
                TimeUnit.MILLISECONDS.sleep(3500);
                authority.expireNonces();
                origin.acceptConnections();
                return "restarted within 3.5 s";
            }
            case 1 -> {
                during(origin.fault(Fault.delay(Duration.ofMillis(1500)).at("/connect")), 30_000);
                return "slow by 1.5 s for 30 s";
            }
            case 2 -> {
                during(origin.fault(Fault.status(503).at("/connect")), 3_500);
                return "503 for 3.5 s";
            }
            case 3 -> {
                during(origin.fault(Fault.retryAfter(429, "1").at("/connect")), 2_000);
                return "429, Retry-After: 1, for 2 s";
            }
            case 4 -> {
                if (authority == sandbox.duende()) {
                    during(origin.fault(Fault.htmlBody().at("/connect")), 3_500);
                    return "a page of HTML for 3.5 s";
                }
                authority.nonces(NonceUse.EVERY_ANSWER);
                TimeUnit.SECONDS.sleep(30);
                authority.nonces(NonceUse.STEPPED);
                return "a new nonce with every answer for 30 s";
            }
            case 5 -> {
                cutFor(5_000);
                during(origin.fault(Fault.resetMidBody().at("/connect")), 2_500);
                return "answers cut off in the middle for 2.5 s";
            }
            case 6 -> {
                excuseFor(40_000 + 75_000); // a refusal's longest waits: thirty seconds, doubled once, a fifth more
                during(origin.fault(Fault.error(400, "invalid_client").at("/connect")), 40_000);
                TimeUnit.SECONDS.sleep(76);
                return "invalid_client for 40 s";
            }
            case 7 -> {
                cutFor(30_000);
                excuseFor(30_000
                        + 40_000); // an outage's waits in this time: one second, doubled four times, a fifth more
                origin.refuseConnections();
                TimeUnit.SECONDS.sleep(30);
                authority.expireNonces();
                origin.acceptConnections();
                TimeUnit.SECONDS.sleep(41);
                return "away for 30 s";
            }
            default -> {
                revoke(authority);
                return "all tokens revoked";
            }
        }
    }

    private synchronized void revoke(Authority authority) {
        authority.revokeTokens();
        long now = System.currentTimeMillis();
        byValue.values().forEach(token -> token.revoked = Math.min(token.revoked, now));
    }

    private static void during(Origin.Switch fault, long millis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(millis);
        fault.off();
    }

    /** Flat: the lowest of the last quarter is at most a twentieth and 512 KiB above that of the second quarter. */
    private boolean verdict(List<ProtectedApi> apis, List<Long> heap, List<Integer> threads) {
        long early = lowest(heap, heap.size() / 4, heap.size() / 2);
        long late = lowest(heap, heap.size() * 3 / 4, heap.size());
        boolean flat = heap.size() < 8 || late < early + early / 20 + 512 * 1024;
        long replays = sandbox.helseid().seen().replays()
                + apis.stream().mapToLong(api -> api.seen().replays()).sum();
        System.out.printf(
                "%d calls; %d failed, all while an authority was in trouble for longer than a token lives or just after, unless told"
                        + " above; %d tokens, %d of them cut off on the way, %d renewed in their third quarter since answers took long; %d replays; %d faults%n"
                        + "heap %d KiB in the second quarter, %d KiB in the last: %s; threads %d to %d%n",
                calls(apis),
                failed,
                tokens,
                lost,
                renewedEarly,
                replays,
                faults.size(),
                early / 1024,
                late / 1024,
                flat ? "flat" : "GROWS",
                threads.get(threads.size() / 4),
                threads.get(threads.size() - 1));
        return faults.isEmpty() && flat && replays == 0;
    }

    private static long lowest(List<Long> heap, int from, int to) {
        return heap.subList(Math.min(from, heap.size()), Math.max(from, to)).stream()
                .mapToLong(Long::longValue)
                .min()
                .orElse(0);
    }
}
