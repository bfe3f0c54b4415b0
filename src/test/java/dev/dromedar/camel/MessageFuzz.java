package dev.dromedar.camel;

import dev.dromedar.RawServer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.ExchangeBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A message's headers and body on their way to an API's address. Whatever they are: no call but the one that the route says,
 * to no one but the API, and no secret on the wire. A target of {@code Fuzz}.
 */
public final class MessageFuzz {
    private static final List<String> STEPS = List.of(
            "to: \"{{base}}/patients/fixed/records?id=0\"",
            "toD: \"{{base}}/patients/${header.a}/records?id=${body}${header.b}\"",
            "toD: {uri: \"{{base}}/patients/${header.a}-${header.b}/records?id=${body}\", cacheSize: \"-1\"}",
            "enrich: {simple: \"{{base}}/patients/${header.a}${header.b}/records?id=${body}\"}",
            "recipientList: {simple: \"{{base}}/patients/${header.a}/records?id=${body}\"}",
            "routingSlip: {simple: \"{{base}}/patients/${header.a}/records?id=${body}\"}",
            "toD: \"${header.a}\"",
            "recipientList: {header: a}");
    /** Of what the message may set, those that are sent: all others are what the first call of all has. */
    private static final Set<String> FORBIDDEN =
            Set.of("x-evil", "cookie", "x-api-key", "dpop-nonce", "proxy-authorization");

    private static @Nullable MessageFuzz started;

    private final Worker worker = new Worker();
    private final RawServer api = new RawServer(request -> RawServer.answer(200, "", "{}"));
    private final RawServer other = new RawServer(request -> RawServer.answer(200, "", "{}"));
    private final Set<String> secrets = new TreeSet<>();
    private final ProducerTemplate template;
    private int seen;

    private MessageFuzz() {
        worker.set("dromedar.api.health-records.base-address", api.uri() + "/base")
                .set("base", api.uri() + "/base");
        secrets.add(Objects.requireNonNull(worker.sandbox.properties().get("sandbox.orders.client-secret")));
        secrets.add(Objects.requireNonNull(System.getProperty("java.home")));
        for (int i = 0; i < STEPS.size(); i++) {
            worker.route(
                    "call" + i,
                    "setHeader: {name: CamelHttpMethod, constant: GET}",
                    "process: {ref: health-records}",
                    STEPS.get(i));
        }
        try {
            worker.start();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        template = worker.context.createProducerTemplate();
    }

    /** First byte: the step. Then lines, each a header ({@code name=value}); the last is the body. */
    public static synchronized void message(byte[] input) {
        MessageFuzz fuzz = started;
        if (fuzz == null) {
            fuzz = new MessageFuzz();
            started = fuzz;
        }
        fuzz.send(input);
    }

    private void send(byte[] input) {
        int step = input.length == 0 ? 0 : (input[0] & 0x7f) % STEPS.size();
        String[] lines = new String(
                        input, Math.min(1, input.length), Math.max(0, input.length - 1), StandardCharsets.UTF_8)
                .replace("OTHER", other.uri().toString())
                .replace("API", api.uri().toString())
                .split("\n", -1);
        Exchange exchange = ExchangeBuilder.anExchange(worker.context)
                .withBody(lines[lines.length - 1])
                .build();
        for (int i = 0; i < lines.length - 1; i++) {
            int equals = lines[i].indexOf('=');
            if (equals > 0 && isToken(lines[i].substring(0, equals))) {
                exchange.getIn().setHeader(lines[i].substring(0, equals), lines[i].substring(equals + 1));
            }
        }
        String said = String.join("\n", lines);
        template.send("direct:call" + step, exchange);
        // A fuzzer sees what is compared with its input, and soon says the secrets itself.
        check(
                exchange,
                step,
                secrets.stream().filter(secret -> !said.contains(secret)).toList());
    }

    private static boolean isToken(String name) {
        return name.chars().allMatch(c -> c > ' ' && c < 0x7f && "()<>@,;:\\\"/[]?={}".indexOf(c) < 0)
                && !name.equalsIgnoreCase("Content-Encoding");
    }

    private void check(Exchange exchange, int step, List<String> secrets) {
        Exception failure = exchange.getException();
        for (String secret : secrets) {
            holds(
                    failure == null || !String.valueOf(failure.getMessage()).contains(secret),
                    "a secret in an exception");
        }
        holds(other.received().isEmpty(), "a call to somebody else");
        List<RawServer.Received> all = api.received();
        holds(all.size() - seen <= (step >= 6 ? 0 : 1), "more calls than the route says");
        for (RawServer.Received request : all.subList(seen, all.size())) {
            holds(request.method().equals("GET"), "another method");
            holds(request.path().startsWith("/base/patients/") && request.path().endsWith("/records"), "another path");
            holds(request.path().split("/", -1).length == 5, "a segment more");
            holds(request.target().startsWith("?id=", request.path().length()), "another query");
            holds(request.target().indexOf('&') < 0 && request.target().indexOf('#') < 0, "another parameter");
            holds(api.uri().getRawAuthority().equals(request.header("Host")), "another host");
            for (String secret : secrets) {
                holds(
                        !request.head().contains(secret) && !request.target().contains(PercentEncoding.of(secret)),
                        "a secret on the wire");
            }
            for (String name : request.headerNames()) {
                holds(!FORBIDDEN.contains(name.toLowerCase(java.util.Locale.ROOT)), "a header of the message's");
            }
        }
        seen = all.size();
        if (seen > 10_000) {
            api.forget();
            seen = 0;
        }
    }

    private static void holds(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
