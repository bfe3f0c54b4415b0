package dev.dromedar.cli;

import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.Request;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The answers that a test gives in the name of the APIs, and the requests that came for them. Thread-safe. */
final class TestAnswers {
    private final List<Seen> seen = new ArrayList<>();
    private final List<String> unexpected = new ArrayList<>();
    private final Map<String, List<Left>> answers = new HashMap<>();

    /** A request that carried valid credentials. */
    record Seen(String api, String path, Request request) {}

    private static final class Left {
        private final RouteTest.Answer answer;
        private int times;

        private Left(RouteTest.Answer answer) {
            this.answer = answer;
            this.times = answer.times();
        }
    }

    /** Forgets the test before. */
    synchronized void begin(Map<String, List<RouteTest.Answer>> given) {
        seen.clear();
        unexpected.clear();
        answers.clear();
        given.forEach((api, list) ->
                answers.put(api, new ArrayList<>(list.stream().map(Left::new).toList())));
    }

    synchronized Answer to(String api, String base, Request request) {
        String path = request.path().substring(base.length());
        String query = request.query() == null ? "" : "?" + request.query();
        seen.add(new Seen(api, path.isEmpty() ? "/" : path, request));
        List<Left> left = answers.getOrDefault(api, List.of());
        String target = request.method() + " " + path;
        Left next = left.stream()
                .filter(each -> each.answer.request() == null
                        || each.answer.request().equals(target)
                        || each.answer.request().equals(target + query))
                .findFirst()
                .orElse(null);
        if (next == null) {
            unexpected.add(api + ": " + target + query);
            return Answer.of(500, "text/plain", "the test gives no answer to this request");
        }
        if (--next.times == 0) {
            left.remove(next);
        }
        return answer(next.answer);
    }

    private static Answer answer(RouteTest.Answer given) {
        List<Header> headers = new ArrayList<>();
        String body = given.body() == null ? "" : given.body();
        given.headers().forEach((name, value) -> headers.add(new Header(name, value == null ? "" : value)));
        if (!body.isEmpty()
                && headers.stream()
                        .noneMatch(
                                header -> header.name().toLowerCase(Locale.ROOT).equals("content-type"))) {
            headers.add(new Header(
                    "Content-Type",
                    body.matches("(?s)\\s*[\\[{].*") ? "application/json" : "text/plain; charset=utf-8"));
        }
        return Answer.of(given.status(), headers, body);
    }

    synchronized List<Seen> seen() {
        return List.copyOf(seen);
    }

    /** Requests that no answer was left for. */
    synchronized List<String> unexpected() {
        return List.copyOf(unexpected);
    }

    /** Answers that no request came for, each by its API and line. */
    synchronized Map<String, List<Integer>> left() {
        Map<String, List<Integer>> lines = new TreeMap<>();
        answers.forEach((api, list) -> {
            if (!list.isEmpty()) {
                lines.put(api, list.stream().map(each -> each.answer.line()).toList());
            }
        });
        return lines;
    }
}
