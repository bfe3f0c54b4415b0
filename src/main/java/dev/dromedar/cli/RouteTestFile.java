package dev.dromedar.cli;

import dev.dromedar.cli.RouteTest.Answer;
import dev.dromedar.cli.RouteTest.Call;
import dev.dromedar.cli.RouteTest.Given;
import dev.dromedar.cli.RouteTest.Letter;
import dev.dromedar.cli.RouteTest.Then;
import dev.dromedar.cli.RouteTest.When;
import dev.dromedar.routes.RouteFiles;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads a file of tests, {@code routes/NAME.test.yaml}. */
final class RouteTestFile {
    /** What can go wrong with an API or its authority. */
    static final Set<String> FAULTS =
            ordered("unreachable", "unanswered", "reset", "token-refused", "authority-unavailable");

    private final YamlText yaml;
    private final Set<String> apis;

    private RouteTestFile(YamlText yaml, Set<String> apis) {
        this.yaml = yaml;
        this.apis = apis;
    }

    /** The tests of a file, and its faults. */
    record Content(String file, List<RouteTest> tests, List<RouteFiles.Fault> faults) {}

    /**
     * Reads a file's text.
     *
     * @param file its name in faults
     * @param apis those of the site
     */
    static Content read(String file, String text, Set<String> apis) {
        var yaml = new YamlText(file);
        var reader = new RouteTestFile(yaml, apis);
        List<RouteTest> tests = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        Node all = yaml.read(text);
        for (Node node : yaml.elements(all, "The file")) {
            RouteTest test = reader.test(node);
            if (!names.add(test.name())) {
                yaml.fault(node, "There are two tests '" + test.name() + "'. Give each a name of its own.");
            }
            tests.add(test);
        }
        if (tests.isEmpty() && yaml.faults().isEmpty()) {
            yaml.faults().add(new RouteFiles.Fault(file, 0, 0, "There is no test in it. Begin one by '- test: NAME'."));
        }
        return new Content(file, tests, yaml.faults());
    }

    private static Set<String> ordered(String... names) {
        return new LinkedHashSet<>(List.of(names));
    }

    private RouteTest test(Node node) {
        Map<String, Node> parts = yaml.members(node, "a test", ordered("test", "given", "when", "then"));
        String name = yaml.text(parts.get("test"), "test");
        if (name == null) {
            yaml.fault(node, "The test has no name. Write '- test: what it shows'.");
        }
        if (parts.get("when") == null) {
            yaml.fault(node, "The test has no 'when'. Write 'when: {fire: ROUTE}' or 'when: {send: direct:NAME}'.");
        }
        return new RouteTest(
                name == null ? "" : name,
                YamlText.line(node),
                given(parts.get("given")),
                when(parts.getOrDefault("when", node), parts.containsKey("when")),
                then(parts.get("then"), YamlText.line(node)));
    }

    private Given given(@Nullable Node node) {
        Map<String, Node> parts = yaml.members(node, "given", ordered("time", "answers", "faults", "feeds"));
        Map<String, List<Answer>> answers = new LinkedHashMap<>();
        yaml.members(parts.get("answers"), "answers").forEach((api, list) -> {
            isApi(api, list);
            List<Answer> given = new ArrayList<>();
            for (Node answer : list instanceof SequenceNode several ? several.getValue() : List.of(list)) {
                given.add(answer(answer));
            }
            answers.put(api, given);
        });
        Map<String, List<String>> faults = new LinkedHashMap<>();
        yaml.members(parts.get("faults"), "faults").forEach((api, list) -> {
            isApi(api, list);
            List<String> given = new ArrayList<>();
            for (Node each : list instanceof SequenceNode several ? several.getValue() : List.of(list)) {
                String fault = yaml.text(each, "faults");
                if (fault == null || !FAULTS.contains(fault)) {
                    yaml.fault(
                            each,
                            "'" + fault + "' is no fault of the sandbox."
                                    + Misuse.didYouMean(String.valueOf(fault), FAULTS) + " There are: "
                                    + String.join(", ", FAULTS) + ".");
                } else {
                    given.add(fault);
                }
            }
            faults.put(api, given);
        });
        return new Given(time(parts.get("time")), answers, faults, feeds(parts.get("feeds")));
    }

    private void isApi(String api, Node at) {
        if (!apis.contains(api)) {
            yaml.fault(at, "There is no API '" + api + "' in application.properties." + Misuse.didYouMean(api, apis));
        }
    }

    private @Nullable Instant time(@Nullable Node node) {
        String text = yaml.text(node, "time");
        if (text == null || node == null) {
            return null;
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            yaml.fault(node, "time: '" + text + "' is no time such as 2026-11-29T03:00:00Z.");
            return null;
        }
    }

    private Map<String, Object> feeds(@Nullable Node node) {
        Map<String, Object> feeds = new LinkedHashMap<>();
        yaml.members(node, "feeds").forEach((feed, value) -> {
            String position = yaml.text(value, feed);
            boolean number = value.getTag().equals(Tag.INT);
            if (position == null || number && !position.matches("-?\\d{1,18}")) {
                yaml.fault(value, "feeds: the position of '" + feed + "' must be a whole number, or a text.");
            } else {
                feeds.put(feed, number ? (Object) Long.valueOf(position) : position);
            }
        });
        return feeds;
    }

    private Answer answer(Node node) {
        Map<String, Node> parts = yaml.members(node, "an answer", ordered("for", "status", "headers", "body", "times"));
        return new Answer(
                YamlText.line(node),
                yaml.text(parts.get("for"), "for"),
                yaml.number(parts.get("status"), "status", 200, 200, 599),
                yaml.texts(parts.get("headers"), "headers"),
                yaml.body(parts.get("body")),
                yaml.number(parts.get("times"), "times", 1, 1, 100_000));
    }

    private When when(Node node, boolean there) {
        Map<String, Node> parts =
                there ? yaml.members(node, "when", ordered("fire", "send", "body", "headers")) : Map.of();
        String fire = yaml.text(parts.get("fire"), "fire");
        String to = yaml.text(parts.get("send"), "send");
        if (there && (fire == null) == (to == null)) {
            yaml.fault(node, "when: write either 'fire: ROUTE' or 'send: direct:NAME'.");
        } else if (to != null && !to.matches("(direct|seda):.+")) { // a class or script would run code of the test's
            yaml.fault(node, "send: '" + to + "' must be direct:NAME or seda:NAME, where a route begins.");
        }
        return new When(
                YamlText.line(node),
                fire,
                to,
                yaml.body(parts.get("body")),
                yaml.texts(parts.get("headers"), "headers"));
    }

    private Then then(@Nullable Node node, int line) {
        Map<String, Node> parts = yaml.members(
                node, "then", ordered("calls", "sent", "body", "headers", "failure", "dead-letters", "log", "feeds"));
        List<Call> calls = null;
        if (parts.containsKey("calls")) {
            calls = new ArrayList<>();
            for (Node call : yaml.elements(parts.get("calls"), "calls")) {
                calls.add(call(call));
            }
        }
        List<Call> sent = new ArrayList<>();
        for (Node each : yaml.elements(parts.get("sent"), "sent")) {
            Map<String, Node> own = yaml.members(each, "an entry of sent", ordered("to", "headers", "body"));
            String to = yaml.text(own.get("to"), "to");
            if (to == null) {
                yaml.fault(each, "sent: an entry needs 'to', the beginning of the address.");
            }
            sent.add(new Call(
                    YamlText.line(each),
                    to == null ? "" : to,
                    null,
                    null,
                    null,
                    yaml.texts(own.get("headers"), "headers"),
                    yaml.body(own.get("body"))));
        }
        List<Letter> letters = null;
        if (parts.containsKey("dead-letters")) {
            letters = new ArrayList<>();
            for (Node letter : yaml.elements(parts.get("dead-letters"), "dead-letters")) {
                Map<String, Node> own = yaml.members(letter, "a dead letter", ordered("route", "api", "cause"));
                letters.add(new Letter(
                        yaml.text(own.get("route"), "route"),
                        yaml.text(own.get("api"), "api"),
                        yaml.text(own.get("cause"), "cause")));
            }
        }
        List<String> log = new ArrayList<>();
        for (Node entry : yaml.elements(parts.get("log"), "log")) {
            log.add(String.valueOf(yaml.text(entry, "log")));
        }
        return new Then(
                node == null ? line : YamlText.line(node),
                calls,
                sent,
                yaml.body(parts.get("body")),
                yaml.texts(parts.get("headers"), "headers"),
                yaml.text(parts.get("failure"), "failure"),
                letters,
                log,
                yaml.texts(parts.get("feeds"), "feeds"));
    }

    /** {@code orders: GET /orders?changed=today}, or a map with {@code api}. */
    private Call call(Node node) {
        Map<String, Node> parts = yaml.members(node, "a call");
        if (parts.size() == 1
                && !parts.containsKey("api")
                && parts.values().iterator().next() instanceof ScalarNode scalar) {
            String api = parts.keySet().iterator().next();
            isApi(api, node);
            String[] words = scalar.getValue().split(" ", 2);
            if (words.length < 2 || !words[0].matches("[A-Z]+")) {
                yaml.fault(scalar, "a call is written as '" + api + ": GET /path?query'.");
                return new Call(YamlText.line(node), api, null, null, null, Map.of(), null);
            }
            int query = words[1].indexOf('?');
            return new Call(
                    YamlText.line(node),
                    api,
                    words[0],
                    query < 0 ? words[1] : words[1].substring(0, query),
                    query(query < 0 ? null : words[1].substring(query + 1)),
                    Map.of(),
                    null);
        }
        yaml.members(node, "a call", ordered("api", "method", "path", "query", "headers", "body"));
        String api = yaml.text(parts.get("api"), "api");
        isApi(api == null ? "" : api, node);
        Map<String, List<String>> query = null;
        if (parts.containsKey("query")) {
            query = new LinkedHashMap<>();
            for (var parameter : yaml.members(parts.get("query"), "query").entrySet()) {
                List<String> values = new ArrayList<>();
                Node value = parameter.getValue();
                for (Node one : value instanceof SequenceNode several ? several.getValue() : List.of(value)) {
                    values.add(String.valueOf(yaml.text(one, parameter.getKey())));
                }
                query.put(parameter.getKey(), values);
            }
        }
        return new Call(
                YamlText.line(node),
                api == null ? "" : api,
                yaml.text(parts.get("method"), "method"),
                yaml.text(parts.get("path"), "path"),
                query,
                yaml.texts(parts.get("headers"), "headers"),
                yaml.body(parts.get("body")));
    }

    /** A query by its names, decoded. */
    static Map<String, List<String>> query(@Nullable String written) {
        Map<String, List<String>> query = new LinkedHashMap<>();
        for (String pair : written == null || written.isEmpty() ? new String[0] : written.split("&")) {
            int equals = pair.indexOf('=');
            query.computeIfAbsent(decoded(equals < 0 ? pair : pair.substring(0, equals)), name -> new ArrayList<>())
                    .add(equals < 0 ? "" : decoded(pair.substring(equals + 1)));
        }
        return query;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
