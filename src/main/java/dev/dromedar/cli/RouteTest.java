package dev.dromedar.cli;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One test of routes, as its file describes it.
 *
 * @param name unique in its file
 * @param line where it begins
 */
record RouteTest(String name, int line, Given given, When when, Then then) {

    /**
     * What is so before the route runs.
     *
     * @param time of the authorities, the APIs, the clients, and {@code ${date:now}}; null for now
     * @param answers by API, in the order in which they are given
     * @param faults by API
     * @param feeds positions by feed: a {@code Long}, or a {@code String} that was written in quotes or is no number
     */
    record Given(
            @Nullable Instant time,
            Map<String, List<Answer>> answers,
            Map<String, List<String>> faults,
            Map<String, Object> feeds) {}

    /**
     * An answer of an API.
     *
     * @param request the method and path that it is for, such as {@code GET /orders}; null for any
     * @param times how many requests it is for
     */
    record Answer(
            int line,
            @Nullable String request,
            int status,
            Map<String, @Nullable String> headers,
            @Nullable String body,
            int times) {}

    /**
     * What happens.
     *
     * @param fire the id of a route that runs once, as if its trigger had fired; null if there is a {@code to}
     * @param to the address that a message is sent to
     */
    record When(
            int line,
            @Nullable String fire,
            @Nullable String to,
            @Nullable String body,
            Map<String, @Nullable String> headers) {}

    /**
     * What is to be seen afterwards. What is null is not compared.
     *
     * @param calls in the order of the calls of each API; the APIs among one another have none
     * @param sent to what is no API, in the order of each address
     * @param log texts, each of which stands in some line
     * @param feeds positions by feed, in words; null for none
     */
    record Then(
            int line,
            @Nullable List<Call> calls,
            List<Call> sent,
            @Nullable String body,
            Map<String, @Nullable String> headers,
            @Nullable String failure,
            @Nullable List<Letter> deadLetters,
            List<String> log,
            Map<String, @Nullable String> feeds) {}

    /**
     * A request that an API got, or a message to what is no API.
     *
     * @param target the API, or the beginning of the address
     * @param query compared as a whole, decoded; null if it is not compared
     */
    record Call(
            int line,
            String target,
            @Nullable String method,
            @Nullable String path,
            @Nullable Map<String, List<String>> query,
            Map<String, @Nullable String> headers,
            @Nullable String body) {}

    /** A dead letter; {@code cause} is a part of its words. */
    record Letter(
            @Nullable String route,
            @Nullable String api,
            @Nullable String cause) {}
}
