package dev.dromedar.cli;

import dev.dromedar.camel.Apis;
import dev.dromedar.letters.DeadLetters;
import dev.dromedar.letters.Feeds;
import dev.dromedar.letters.Letter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * What was there after a test.
 *
 * @param fault why it could not be run, or null
 * @param failure why the exchange failed, or null
 */
record RouteTestOutcome(
        @Nullable String fault,
        @Nullable String failure,
        @Nullable String body,
        Map<String, String> headers,
        List<StandIns.Sent> sent,
        List<Letter> letters,
        Map<String, String> feeds,
        List<String> log) {
    private static final int MOST_LETTERS = 100;

    static RouteTestOutcome broken(String fault, List<String> log) {
        return new RouteTestOutcome(fault, null, null, Map.of(), List.of(), List.of(), Map.of(), log);
    }

    /** What the exchange, the store and the stand-ins have at its end. */
    static RouteTestOutcome of(CamelContext context, Exchange exchange, List<StandIns.Sent> sent, List<String> log) {
        Exception thrown = exchange.getException();
        String known = Apis.failure(exchange);
        DeadLetters letters = context.hasService(DeadLetters.class);
        List<Letter> kept = letters == null ? List.of() : letters.list(MOST_LETTERS);
        Exception caught = thrown == null && !kept.isEmpty()
                ? exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class)
                : thrown; // one that became a dead letter is handled
        String failure = caught == null ? null : known != null ? known : String.valueOf(caught.getMessage());
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        exchange.getMessage().getHeaders().forEach((name, value) -> headers.put(name, String.valueOf(value)));
        Feeds feeds = context.hasService(Feeds.class);
        Map<String, String> positions = new LinkedHashMap<>();
        if (feeds != null) {
            feeds.all().forEach(feed -> {
                String text =
                        feed.position() == null ? feed.text() : feed.position().toString();
                if (text != null) {
                    positions.put(feed.name(), text);
                }
            });
        }
        return new RouteTestOutcome(
                null, failure, exchange.getMessage().getBody(String.class), headers, sent, kept, positions, log);
    }
}
