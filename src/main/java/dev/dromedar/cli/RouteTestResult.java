package dev.dromedar.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.letters.Letter;
import dev.dromedar.oauth.PrivateNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Compares what a test expects with what was seen, and says each difference with both sides. */
final class RouteTestResult {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<String> failures = new ArrayList<>();

    private RouteTestResult() {}

    /** What differs, each as a text of one or several lines; empty if the test has passed. */
    static List<String> of(RouteTest test, RouteTestOutcome outcome, ReplacedApis apis) {
        var result = new RouteTestResult();
        result.compare(test, outcome, apis);
        return result.failures;
    }

    private void compare(RouteTest test, RouteTestOutcome outcome, ReplacedApis apis) {
        if (outcome.fault() != null) {
            failures.add(outcome.fault());
            return;
        }
        RouteTest.Then then = test.then();
        boolean expected = then.deadLetters() != null && !outcome.letters().isEmpty();
        if (then.failure() == null && outcome.failure() != null && !expected) {
            failures.add("The route failed: " + outcome.failure());
        } else if (then.failure() != null
                && (outcome.failure() == null || !outcome.failure().contains(then.failure()))) {
            differs("failure", then.failure(), orElse(outcome.failure(), "(none)"));
        }
        apis.refusals().forEach(refusal -> failures.add("The sandbox refused " + refusal));
        if (then.calls() != null) {
            calls(then.calls(), apis.answers().seen());
        }
        apis.answers().unexpected().forEach(call -> failures.add("A call that the test gives no answer to: " + call));
        apis.answers()
                .left()
                .forEach((api, lines) -> lines.forEach(
                        line -> failures.add("The answer of " + api + " in line " + line + " was given to no call.")));
        sent(then.sent(), outcome.sent());
        if (then.body() != null) {
            same("body", then.body(), outcome.body());
        }
        headers("header", then.headers(), outcome.headers());
        if (then.deadLetters() != null) {
            letters(then.deadLetters(), outcome.letters());
        }
        for (String line : then.log()) {
            if (outcome.log().stream().noneMatch(each -> each.contains(line))) {
                differs("log", line, String.join("\n", last(outcome.log())));
            }
        }
        then.feeds().forEach((feed, position) -> {
            String seen = outcome.feeds().get(feed);
            if (!Objects.equals(position, seen)) {
                differs("feed " + feed, orElse(position, "no position"), orElse(seen, "no position"));
            }
        });
    }

    private static String orElse(@Nullable String text, String otherwise) {
        return text == null ? otherwise : text;
    }

    private static List<String> last(List<String> log) {
        return log.subList(Math.max(0, log.size() - 15), log.size());
    }

    private void calls(List<RouteTest.Call> expected, List<TestAnswers.Seen> all) {
        Map<String, List<TestAnswers.Seen>> seen = new LinkedHashMap<>();
        all.forEach(call ->
                seen.computeIfAbsent(call.api(), api -> new ArrayList<>()).add(call));
        List<TestAnswers.Seen> more = new ArrayList<>(all);
        for (RouteTest.Call call : expected) {
            List<TestAnswers.Seen> left = seen.getOrDefault(call.target(), List.of());
            if (left.isEmpty()) {
                differs("call in line " + call.line(), shown(call), "(no call)");
                continue;
            }
            TestAnswers.Seen next = left.remove(0);
            more.remove(next);
            call(call, next);
        }
        for (TestAnswers.Seen call : more) {
            differs("call", "(no call)", shown(call));
        }
    }

    private void call(RouteTest.Call expected, TestAnswers.Seen seen) {
        String where = "call of " + seen.api() + " in line " + expected.line();
        var request = seen.request();
        boolean same = (expected.method() == null || expected.method().equals(request.method()))
                && (expected.path() == null || expected.path().equals(seen.path()))
                && (expected.query() == null || expected.query().equals(RouteTestThen.query(request.query())));
        if (!same) {
            differs(where, shown(expected), shown(seen));
        }
        expected.headers().forEach((name, value) -> {
            List<String> values = request.headers(name);
            if (value == null ? !values.isEmpty() : !values.contains(value)) {
                differs(
                        where + ", header " + name,
                        orElse(value, "(none)"),
                        values.isEmpty() ? "(none)" : PrivateNames.isPrivate(name) ? "***" : String.join("\n", values));
            }
        });
        if (expected.body() != null) {
            same(where + ", body", expected.body(), request.body());
        }
    }

    private static String shown(RouteTest.Call call) {
        var text = new StringBuilder(call.target()).append(": ");
        text.append(call.method() == null ? "" : call.method() + " ").append(call.path() == null ? "" : call.path());
        return text.append(query(call.query())).toString();
    }

    private static String shown(TestAnswers.Seen call) {
        return call.api() + ": " + call.request().method() + " " + call.path()
                + query(RouteTestThen.query(call.request().query()));
    }

    private static String query(@Nullable Map<String, List<String>> query) {
        var text = new StringBuilder();
        if (query != null) {
            query.forEach((name, values) -> values.forEach(value -> text.append(text.isEmpty() ? "\n  ? " : "\n  & ")
                    .append(name)
                    .append(" = ")
                    .append(value)));
        }
        return text.toString();
    }

    private void sent(List<RouteTest.Call> expected, List<StandIns.Sent> seen) {
        List<StandIns.Sent> left = new ArrayList<>(seen);
        for (RouteTest.Call each : expected) {
            StandIns.Sent next = left.stream()
                    .filter(message -> address(message.to()).startsWith(address(each.target())))
                    .findFirst()
                    .orElse(null);
            if (next == null) {
                differs("sent, line " + each.line(), each.target(), "(nothing)");
                continue;
            }
            left.remove(next);
            headers("sent to " + each.target() + ", header", each.headers(), next.headers());
            if (each.body() != null) {
                same("sent to " + each.target() + ", body", each.body(), next.body());
            }
        }
        left.forEach(
                message -> differs("sent", "(nothing)", address(message.to()).replaceFirst("\\?.*", "")));
    }

    private static String address(String uri) {
        return uri.replaceFirst("^([a-z0-9+.-]+):(//)?", "$1:");
    }

    private void headers(String what, Map<String, @Nullable String> expected, Map<String, String> seen) {
        expected.forEach((name, value) -> {
            String there = seen.get(name);
            if (value == null ? there != null : !value.equals(there)) {
                String seenOfIt = there != null && PrivateNames.isPrivate(name) ? "***" : there;
                differs(what + " " + name, orElse(value, "(none)"), orElse(seenOfIt, "(none)"));
            }
        });
    }

    private void letters(List<RouteTest.Letter> expected, List<Letter> seen) {
        boolean same = expected.size() == seen.size();
        List<Letter> left = new ArrayList<>(seen);
        for (RouteTest.Letter each : expected) {
            Letter found = left.stream()
                    .filter(letter -> (each.route() == null || each.route().equals(letter.route()))
                            && (each.api() == null || each.api().equals(letter.api()))
                            && (each.cause() == null || letter.cause().contains(each.cause())))
                    .findFirst()
                    .orElse(null);
            same &= found != null;
            left.remove(found);
        }
        if (!same) {
            differs(
                    "dead letters",
                    lines(expected.stream()
                            .map(each -> words(each.route(), each.api(), each.cause()))
                            .toList()),
                    lines(seen.stream()
                            .map(each -> words(each.route(), each.api(), each.cause()))
                            .toList()));
        }
    }

    private static String lines(List<String> lines) {
        return lines.isEmpty() ? "(none)" : String.join("\n", lines);
    }

    private static String words(@Nullable String route, @Nullable String api, @Nullable String cause) {
        return "route " + orElse(route, "any") + ", API " + orElse(api, "any") + (cause == null ? "" : ": " + cause);
    }

    /** JSON is compared as JSON, other texts as they are but for white space around them. */
    private void same(String what, String expected, @Nullable String seen) {
        JsonNode wanted = json(expected);
        JsonNode there = seen == null ? null : json(seen);
        boolean same = wanted != null && there != null
                ? wanted.equals(there)
                : seen != null && expected.strip().equals(seen.strip());
        if (!same) {
            differs(
                    what,
                    wanted == null ? expected : wanted.toPrettyString(),
                    seen == null ? "(none)" : there == null ? seen : there.toPrettyString());
        }
    }

    private static @Nullable JsonNode json(String text) {
        if (!text.matches("(?s)\\s*[\\[{].*")) {
            return null;
        }
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private void differs(String what, String expected, String seen) {
        failures.add(TwoColumns.of(what, expected, seen));
    }
}
