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
            for (boolean bound : new boolean[] {false, true}) {
                rollOver(sandbox, bound);
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
            long[] micros = together(64, 1, turn -> send(template, "direct:" + (turn % 2 == 0 ? "one" : "two"), ""));
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

    /** Tokens of 6 s and 16 callers with a call each per 10 ms, over some roll-overs. */
    private static void rollOver(Sandbox sandbox, boolean bound) throws Exception {
        int seconds = Integer.getInteger("rollover.seconds", 21);
        sandbox.helseid().tokenLifetime(Duration.ofSeconds(6));
        ProtectedApi api = api(sandbox, bound);
        try (var routes = new Routes(sandbox)) {
            ProducerTemplate template =
                    routes.api("api", api, api.baseAddress().toString()).start();
            send(template, "direct:api", ""); // the first token is not a roll-over
            long before = requests(api);
            long tokensBefore = api.authority().seen().accepted();
            long[] micros = together(16, seconds * 100, turn -> {
                send(template, "direct:api", "");
                Thread.sleep(10);
            });
            long rollOvers = api.authority().seen().accepted() - tokensBefore;
            long refused =
                    api.seen().requests() - api.seen().accepted() - api.seen().nonceChallenges();
            long[] calls = Arrays.stream(micros).map(m -> m - 10_000).sorted().toArray();
            double p99 = calls[(int) (calls.length * 0.99)] / 1000.0;
            double slowest = calls[calls.length - 1] / 1000.0;
            Rounds.row(
                    "POSTs per roll-over under load, " + kind(bound) + " (" + rollOvers + " roll-overs)",
                    String.format(Locale.ROOT, "%.2f", (requests(api) - before) / (double) rollOvers),
                    "1",
                    "1");
            Rounds.row(
                    "slowest call to p99 over roll-overs, " + kind(bound),
                    String.format(Locale.ROOT, "%.1f (%.1f to %.1f ms)", slowest / p99, slowest, p99),
                    "3",
                    "1.5");
            Rounds.row("401s from our own expiry, " + kind(bound), refused, "0", "0");
        }
        sandbox.helseid().tokenLifetime(Duration.ofMinutes(5));
    }

    private static String kind(boolean bound) {
        return bound ? "DPoP" : "bearer";
    }

    private static long requests(ProtectedApi api) {
        return api.authority().seen().requests(api.client().id());
    }

    private interface Turn {
        void take(int turn) throws Exception;
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
                    long begun = System.nanoTime();
                    call.take(number + i);
                    took[i] = (System.nanoTime() - begun) / 1000;
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
