package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import dev.dromedar.Proves;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Puts real keys, secrets, tokens, assertions and proofs through good calls and failing ones, with every logger at TRACE, that
 * of HttpClient's wire too, and looks for them.
 */
class NoSecretsTest {

    @Test
    @Proves({"RFC 9449 11.4", "RFC 9700 4.9.2"})
    void nothingSecretIsInLogsExceptionsOrTheExchange() throws Exception {
        var seen = new ConcurrentLinkedQueue<String>();
        List<String> secrets = new ArrayList<>();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        var appender = new Collector(seen);
        appender.start();
        root.addAppender(appender);
        Level before = root.getLevel();
        root.setLevel(Level.TRACE);
        try (var worker = new Worker()) {
            for (String api : List.of("health-records", "health-records-bearer", "orders")) {
                worker.route(
                        api,
                        "process: {ref: " + api + "}",
                        "to: \"" + worker.address(api) + "/records\"",
                        "log: \"${headers} ${exchangeProperty.DromedarApi}\"");
            }
            worker.context.setTracing(true);
            worker.start();
            for (String api : List.of("health-records", "health-records-bearer", "orders")) {
                keep(seen, worker.send(api));
                worker.sandbox
                        .api(api)
                        .answers(401, Header.invalidToken("DPoP"))
                        .then(500);
                keep(seen, worker.send(api));
            }
            worker.sandbox.helseid().revokeTokens();
            worker.sandbox
                    .helseid()
                    .origin()
                    .fault(Fault.error(400, "invalid_client").at("/connect/token"));
            keep(seen, worker.send("health-records"));
            collect(secrets, worker);
        } finally {
            root.setLevel(before);
            root.detachAppender(appender);
        }

        String all = String.join("\n", seen);
        assertThat(secrets).hasSizeGreaterThan(15);
        assertThat(all).hasSizeGreaterThan(10_000);
        assertThat(secrets).noneMatch(all::contains);
    }

    private static void keep(ConcurrentLinkedQueue<String> seen, Exchange exchange) {
        seen.add(String.valueOf(exchange.getMessage().getHeaders()));
        seen.add(String.valueOf(exchange.getAllProperties()));
        for (Throwable failure = exchange.getException(); failure != null; failure = failure.getCause()) {
            seen.add(String.valueOf(failure));
        }
    }

    /** What the servers saw that nobody else may: the parts that tell the secret, not the words around them. */
    private static void collect(List<String> secrets, Worker worker) {
        for (String api : List.of("health-records", "health-records-bearer")) {
            secrets.add(worker.sandbox
                    .api(api)
                    .client()
                    .privateKey()
                    .toRSAKey()
                    .getPrivateExponent()
                    .toString());
        }
        secrets.add(worker.sandbox.api("orders").client().secret());
        List<Request> requests =
                new ArrayList<>(worker.sandbox.helseid().origin().received());
        requests.addAll(worker.sandbox.duende().origin().received());
        for (String api : List.of("health-records", "health-records-bearer", "orders")) {
            requests.addAll(worker.sandbox.api(api).received());
        }
        for (Request request : requests) {
            for (String name : List.of("Authorization", "DPoP")) {
                String value = request.header(name);
                if (value != null) {
                    secrets.add(value.substring(value.indexOf(' ') + 1));
                }
            }
            if (request.body().contains("client_assertion=")) {
                secrets.add(request.assertion().signature());
            }
        }
    }

    private static final class Collector extends AppenderBase<ILoggingEvent> {
        private final ConcurrentLinkedQueue<String> seen;

        Collector(ConcurrentLinkedQueue<String> seen) {
            this.seen = seen;
        }

        @Override
        protected void append(ILoggingEvent event) {
            // The sandbox is the other side: it may say what it received.
            if (event.getThreadName().startsWith("sandbox")) {
                return;
            }
            seen.add(event.getFormattedMessage() + " " + event.getKeyValuePairs());
            for (IThrowableProxy failure = event.getThrowableProxy(); failure != null; failure = failure.getCause()) {
                seen.add(failure.getClassName() + ": " + failure.getMessage());
            }
        }
    }
}
