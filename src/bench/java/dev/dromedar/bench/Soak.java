package dev.dromedar.bench;

import dev.dromedar.sandbox.Authority;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.NonceUse;
import dev.dromedar.sandbox.Origin;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Sandbox;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;

/**
 * A worker that calls five APIs for an hour with tokens of 20 s, while their authorities are restarted, slowed and refuse in
 * turn. Fails when a call failed although a token was alive, when a token was asked for while one was fresh, or when the heap
 * grew.
 *
 * <p>A token lives 20 s, of which the last 2 s are a margin, and is renewed in the 5 s before that. An authority that is away
 * for 4 s at most is therefore never noticed by a call; one that is away for longer may be, and by how much is told.
 */
public final class Soak {
    private static final Duration LIFE = Duration.ofSeconds(20);
    /** A renewal begins at the earliest so long after the token was asked for: a life less margin and window. */
    private static final long EARLIEST_MILLIS = 20_000 - 2_000 - 5_000 - 100;

    private final Sandbox sandbox = Sandbox.start();
    private final LongAdder calls = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
    private final Map<String, Long> given = new ConcurrentHashMap<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile long longOutageEnds = Long.MIN_VALUE;

    private Soak() {}

    /** Runs for as many minutes as the argument says, 60 by default. */
    public static void main(String[] args) throws Exception {
        int minutes = args.length == 0 ? 60 : Integer.parseInt(args[0]);
        System.exit(new Soak().run(Duration.ofMinutes(minutes)) ? 0 : 1);
    }

    private boolean run(Duration length) throws Exception {
        sandbox.helseid().tokenLifetime(LIFE);
        sandbox.duende().tokenLifetime(LIFE);
        watch(sandbox.helseid());
        watch(sandbox.duende());
        List<ProtectedApi> apis = new ArrayList<>();
        apis.add(sandbox.api("health-records"));
        apis.add(sandbox.api("health-records-bearer"));
        apis.add(sandbox.api("orders"));
        apis.add(sandbox.add(Registration.helseid("labs").withAlgorithm("ES256")));
        apis.add(sandbox.add(Registration.duende("stock")));
        try (var routes = new Routes(sandbox)) {
            for (ProtectedApi api : apis) {
                routes.api(api, api.baseAddress().toString());
            }
            ProducerTemplate template = routes.start();
            List<Thread> callers = new ArrayList<>();
            for (ProtectedApi api : apis) {
                for (int i = 0; i < 2; i++) {
                    var caller = new Thread(() -> call(template, api.name()), "caller-" + api.name() + "-" + i);
                    caller.start();
                    callers.add(caller);
                }
            }
            List<Long> heap = new ArrayList<>();
            trouble(System.nanoTime() + length.toNanos(), heap);
            over.countDown();
            for (Thread caller : callers) {
                caller.join(TimeUnit.SECONDS.toMillis(60));
            }
            return verdict(heap);
        } finally {
            sandbox.close();
        }
    }

    /** Notes when a client is given a token, and whether it had one that was fresh: an answer that arrived, that is. */
    private void watch(Authority authority) {
        authority
                .origin()
                .fault(((Fault) (request, server) -> {
                            long begun = System.nanoTime();
                            var answer = server.answer(request);
                            if (answer.status() == 200) {
                                String client = authority.issuer() + " "
                                        + (request.assertion() == null
                                                ? String.valueOf(request.header("Authorization"))
                                                : request.assertion()
                                                        .claims()
                                                        .path("sub")
                                                        .asText());
                                Long before = given.put(client, begun);
                                long since = before == null ? Long.MAX_VALUE : (begun - before) / 1_000_000;
                                if (since < EARLIEST_MILLIS && !answersMayBeLost) {
                                    faults.add("a token was asked for " + since + " ms after the last: " + now());
                                }
                            }
                            return answer;
                        })
                        .at("/connect/token"));
    }

    private volatile boolean answersMayBeLost;

    private void call(ProducerTemplate template, String api) {
        var random = new Random(api.hashCode());
        try {
            while (!over.await(20 + random.nextInt(20), TimeUnit.MILLISECONDS)) {
                boolean excused = System.nanoTime() < longOutageEnds;
                Exchange answer = template.request("direct:" + api, exchange -> {});
                calls.increment();
                if (answer.getException() != null) {
                    failed.increment();
                    if (!excused && System.nanoTime() >= longOutageEnds) {
                        faults.add(api + " at " + now() + ": "
                                + answer.getException().getMessage());
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One trouble after the other, for one authority after the other, with the heap looked at in between. */
    private void trouble(long end, List<Long> heap) throws InterruptedException {
        List<Authority> authorities = List.of(sandbox.helseid(), sandbox.duende());
        for (int turn = 0; System.nanoTime() < end; turn++) {
            Authority authority = authorities.get(turn / 8 % 2);
            Origin origin = authority.origin();
            switch (turn % 8) {
                case 0 -> { // restarted
                    answersMayBeLost = true;
                    origin.refuseConnections();
                    TimeUnit.MILLISECONDS.sleep(3500);
                    authority.expireNonces();
                    origin.acceptConnections();
                }
                case 1 ->
                    during(origin.fault(Fault.delay(Duration.ofMillis(1500)).at("/connect")), 30_000);
                case 2 -> during(origin.fault(Fault.status(503).at("/connect")), 3_500);
                case 3 -> during(origin.fault(Fault.retryAfter(429, "1").at("/connect")), 2_000);
                case 4 -> {
                    authority.nonces(authority == sandbox.helseid() ? NonceUse.EVERY_ANSWER : NonceUse.OFF);
                    TimeUnit.SECONDS.sleep(30);
                    authority.nonces(authority == sandbox.helseid() ? NonceUse.STEPPED : NonceUse.OFF);
                }
                case 5 -> {
                    answersMayBeLost = true;
                    during(origin.fault(Fault.closeUnanswered().at("/connect")), 2_500);
                }
                case 6 -> { // refuses for longer than a token lives: calls fail, with the reason, and come back
                    longOutageEnds = Long.MAX_VALUE;
                    during(origin.fault(Fault.error(400, "invalid_client").at("/connect")), 40_000);
                    // The longest wait of a refusal in this time: thirty seconds, doubled once, a fifth more
                    longOutageEnds = System.nanoTime() + TimeUnit.SECONDS.toNanos(75);
                    TimeUnit.SECONDS.sleep(76);
                }
                default -> { // revoked: each call is recovered from
                    authority.revokeTokens();
                    answersMayBeLost = true; // new tokens are asked for at once, and rightly
                }
            }
            TimeUnit.SECONDS.sleep(22); // a life
            answersMayBeLost = false;
            System.gc();
            long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            heap.add(used);
            System.out.printf(
                    "%s turn %d: %d calls, %d failed, %d faults, heap %d KiB, %d threads%n",
                    now(), turn, calls.sum(), failed.sum(), faults.size(), used / 1024, Thread.activeCount());
        }
    }

    private static void during(Origin.Switch fault, long millis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(millis);
        fault.off();
    }

    /** Flat: the last quarter's lowest is at most a tenth and 2 MiB above that of the second quarter. */
    private boolean verdict(List<Long> heap) {
        long early = lowest(heap, heap.size() / 4, heap.size() / 2);
        long late = lowest(heap, heap.size() * 3 / 4, heap.size());
        boolean flat = heap.size() < 8 || late < early + early / 10 + 2 * 1024 * 1024;
        faults.stream().limit(50).forEach(System.out::println);
        System.out.printf(
                "%d calls, %d failed while the authority refused for longer than a token lives, %d faults, replays %d; heap %d to %d KiB: %s%n",
                calls.sum(),
                failed.sum(),
                faults.size(),
                sandbox.helseid().seen().replays(),
                early / 1024,
                late / 1024,
                flat ? "flat" : "GROWS");
        return faults.isEmpty() && flat && sandbox.helseid().seen().replays() == 0;
    }

    private static long lowest(List<Long> heap, int from, int to) {
        return heap.subList(Math.min(from, heap.size()), Math.max(from, to)).stream()
                .mapToLong(Long::longValue)
                .min()
                .orElse(0);
    }

    private static LocalTime now() {
        return LocalTime.now(java.time.ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS);
    }
}
