package dev.dromedar.bench;

import dev.dromedar.bench.Rounds.Score;
import dev.dromedar.keys.NativeProvider;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Sandbox;
import java.time.Duration;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/** CPU of the calling thread for a GET of 1 KiB, to the same Camel call with a header that somebody set. */
public final class CallBench {
    private CallBench() {}

    public static void main(String[] args) throws Exception {
        int rounds = Integer.getInteger("rounds", 300);
        try (var sandbox = Sandbox.start();
                var server = new FastServer(Duration.ZERO);
                var routes = new Routes(sandbox)) {
            CamelContext bare = new DefaultCamelContext();
            sandbox.helseid().tokenLifetime(Duration.ofHours(1));
            sandbox.duende().tokenLifetime(Duration.ofHours(1));
            ProducerTemplate guarded = routes.api(sandbox.api("orders"), server.address() + "/orders")
                    .api(sandbox.add(Registration.helseid("bound").withAlgorithm("ES256")), server.address() + "/bound")
                    .start();
            String header = "Bearer " + "t".repeat(936);
            String address = server.address() + "/static/records";
            bare.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:static")
                            .setHeader(Exchange.HTTP_METHOD, constant("GET"))
                            .setHeader("Authorization", constant(header))
                            .to(address);
                }
            });
            bare.start();
            ProducerTemplate unguarded = bare.createProducerTemplate();
            var measured = new Rounds(rounds, Duration.ofMillis(60))
                    .add("static", () -> send(unguarded, "direct:static"))
                    .add("bearer", () -> send(guarded, "direct:orders"))
                    .add("bound", () -> send(guarded, "direct:bound"))
                    .run();
            System.out.printf(
                    "%nCalls, one thread: Java %s, %s, %d rounds; CPU us a call: static %s, bearer %s, DPoP %s%n",
                    Runtime.version().feature(),
                    NativeProvider.description() == null ? "the JDK's provider" : NativeProvider.description(),
                    rounds,
                    measured.figure("static", Score::cpuMicros),
                    measured.figure("bearer", Score::cpuMicros),
                    measured.figure("bound", Score::cpuMicros));
            Rounds.row(
                    "bearer call, CPU to a static header",
                    measured.ratio("bearer", "static", Score::cpuMicros),
                    "1.05",
                    "1.02");
            Rounds.row(
                    "DPoP call, CPU to a static header",
                    measured.ratio("bound", "static", Score::cpuMicros),
                    NativeProvider.description() == null ? "" : "1.6",
                    NativeProvider.description() == null ? "" : "1.4");
            bare.stop();
        }
    }

    private static void send(ProducerTemplate template, String route) {
        Exchange answer = template.request(route, exchange -> {});
        if (answer.getException() != null) {
            throw new IllegalStateException(answer.getException());
        }
        if (answer.getMessage().getBody(byte[].class).length != 1024) {
            throw new IllegalStateException("another answer");
        }
    }
}
