package dev.dromedar.bench;

import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Sandbox;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;

/** How many token requests calls cost: many at once, many addresses, many over the ends of tokens. */
public final class TokenBench {
    private static final Duration SLOW = Duration.ofMillis(300);
    private static final Duration API = Duration.ofMillis(20);
    private static int made;

    private TokenBench() {}

    public static void main(String[] args) throws Exception {
        System.out.printf("%nToken requests: Java %s%n", Runtime.version().feature());
        try (var sandbox = Sandbox.start()) {
            sandbox.helseid().origin().fault(Fault.delay(SLOW).at("/connect/token"));
            for (boolean bound : new boolean[] {false, true}) {
                cold(sandbox, bound);
            }
            addresses(sandbox);
            for (Duration taken : List.of(Duration.ZERO, API)) {
                for (boolean bound : new boolean[] {false, true}) {
                    rollOver(sandbox, bound, taken);
                }
            }
        }
    }

    private static ProtectedApi api(Sandbox sandbox, boolean bound) {
        Registration registration =
                Registration.helseid("token-bench-" + ++made).withAlgorithm("ES256");
        return sandbox.add(bound ? registration : registration.withoutDpop());
    }

    private static void cold(Sandbox sandbox, boolean bound) throws Exception {
        ProtectedApi api = api(sandbox, bound);
        try (var routes = new Routes(sandbox)) {
            ProducerTemplate template = routes.api("one", api, api.baseAddress().toString())
                    .api("two", api, api.baseAddress().toString())
                    .start();
            long[] micros = together(64, 1, turn -> {
                long begun = System.nanoTime();
                send(template, "direct:" + (turn % 2 == 0 ? "one" : "two"), "");
                return (System.nanoTime() - begun) / 1000;
            });
            Rounds.row(
                    "token POSTs, 64 cold callers on 2 routes and APIs of one identity, " + kind(bound),
                    requests(api) + "; slowest " + Arrays.stream(micros).max().orElse(0) / 1000 + " ms",
                    bound ? "2" : "1",
                    bound ? "2" : "1");
        }
    }

    private static void addresses(Sandbox sandbox) throws Exception {
        for (boolean bound : new boolean[] {false, true}) {
            ProtectedApi api = api(sandbox, bound);
            try (var routes = new Routes(sandbox)) {
                ProducerTemplate template =
                        routes.api("api", api, api.baseAddress().toString()).start();
                for (int i = 0; i < 1000; i++) {
                    send(template, "direct:api-anywhere", "records/" + i + "?page=" + i);
                }
                Rounds.row(
                        "token POSTs, 1,000 calls to 1,000 URLs, " + kind(bound), requests(api), bound ? "2" : "1", "");
            }
        }
    }

    /**
     * 16 callers for 5 s with a token of 6 s, which is renewed in that time, and for 5 s with a token that is not, in turn:
     * what the slowest call owes to the roll-over is what the former have more than the latter. A call each per 10 ms; per
     * 50 ms with DPoP, since the API in this process checks each proof on the same two cores.
     *
     * @param taken by the API for a call. An API that answers in no time shows the pauses of the JVM and of the machine,
     *     where the slowest of some thousand calls is several times their p99 without a roll-over too
     */
    private static void rollOver(Sandbox sandbox, boolean bound, Duration taken) throws Exception {
        int rounds = Integer.getInteger("rounds", 15);
        long pace = bound ? 50 : 10;
        int turns = (int) (5_000 / (pace + taken.toMillis()));
        ProtectedApi renewed = api(sandbox, bound);
        ProtectedApi steady = api(sandbox, bound);
        String kind = kind(bound) + (taken.isZero() ? "" : ", API of " + taken.toMillis() + " ms");
        if (!taken.isZero()) {
            for (ProtectedApi api : List.of(renewed, steady)) {
                api.origin().fault(Fault.delay(taken).at(api.baseAddress().getPath()));
            }
        }
        try (var routes = new Routes(sandbox)) {
            ProducerTemplate template = routes.api(
                            "renewed", renewed, renewed.baseAddress().toString())
                    .api("steady", steady, steady.baseAddress().toString())
                    .start();
            sandbox.helseid().tokenLifetime(Duration.ofMinutes(30));
            paced(template, "direct:steady", turns, pace); // warms up; its token is not renewed from here on
            var slowest = new double[rounds];
            var slowestSteady = new double[rounds];
            long posts = 0;
            long given = 0;
            for (int round = 0; round < rounds; round++) {
                sandbox.helseid().tokenLifetime(Duration.ofSeconds(6));
                send(template, "direct:renewed", ""); // the token of the round before is dead: not a roll-over
                long before = requests(renewed);
                long tokensBefore = renewed.authority().seen().accepted();
                slowest[round] = paced(template, "direct:renewed", turns, pace);
                posts += requests(renewed) - before;
                given += renewed.authority().seen().accepted() - tokensBefore;
                slowestSteady[round] = paced(template, "direct:steady", turns, pace);
            }
            long refused = renewed.seen().requests()
                    - renewed.seen().accepted()
                    - renewed.seen().nonceChallenges();
            Rounds.row(
                    "POSTs per roll-over under load, " + kind + " (" + given + " roll-overs)",
                    String.format(Locale.ROOT, "%.2f", posts / (double) given),
                    "1",
                    "1");
            Rounds.row("slowest call to p99, 5 s with a roll-over, " + kind, Rounds.figure(slowest), "3", "1.5");
            Rounds.row("the same without one, " + kind, Rounds.figure(slowestSteady), "", "");
            Rounds.row("401s from our own expiry, " + kind, refused, "0", "0");
        }
        sandbox.helseid().tokenLifetime(Duration.ofMinutes(5));
    }

    /** The slowest call of 16 callers to the p99 of all. */
    private static double paced(ProducerTemplate template, String route, int turns, long pace) throws Exception {
        long[] calls = Arrays.stream(together(16, turns, turn -> {
                    long begun = System.nanoTime();
                    send(template, route, "");
                    long took = System.nanoTime() - begun;
                    Thread.sleep(pace);
                    return took / 1000;
                }))
                .sorted()
                .toArray();
        return calls[calls.length - 1] / (double) calls[(int) (calls.length * 0.99)];
    }

    private static String kind(boolean bound) {
        return bound ? "DPoP" : "bearer";
    }

    private static long requests(ProtectedApi api) {
        return api.authority().seen().requests(api.client().id());
    }

    private interface Turn {
        /** Returns microseconds. */
        long take(int turn) throws Exception;
    }

    /** Microseconds that each call took. */
    private static long[] together(int callers, int turns, Turn call) throws Exception {
        var pool = Executors.newFixedThreadPool(callers);
        var start = new CountDownLatch(1);
        List<Future<long[]>> all = new ArrayList<>();
        for (int caller = 0; caller < callers; caller++) {
            int number = caller;
            all.add(pool.submit(() -> {
                start.await();
                long[] took = new long[turns];
                for (int i = 0; i < turns; i++) {
                    took[i] = call.take(number + i);
                }
                return took;
            }));
        }
        start.countDown();
        LongStream micros = LongStream.empty();
        for (Future<long[]> one : all) {
            micros = LongStream.concat(micros, Arrays.stream(one.get(10, TimeUnit.MINUTES)));
        }
        pool.shutdown();
        return micros.toArray();
    }

    private static void send(ProducerTemplate template, String route, String body) {
        Exchange answer =
                template.request(route, exchange -> exchange.getMessage().setBody(body));
        if (answer.getException() != null) {
            throw new IllegalStateException(answer.getException());
        }
    }
}
