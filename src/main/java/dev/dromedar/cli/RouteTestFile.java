package dev.dromedar.cli;

import dev.dromedar.cli.RouteTest.Answer;
import dev.dromedar.cli.RouteTest.Given;
import dev.dromedar.cli.RouteTest.When;
import dev.dromedar.routes.RouteFiles;
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
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads a file of tests, {@code routes/NAME.test.yaml}. */
final class RouteTestFile {
    /** What can go wrong with an API or its authority. */
    static final Set<String> FAULTS =
            YamlText.ordered("unreachable", "unanswered", "reset", "token-refused", "authority-unavailable");

    private final YamlText yaml;
    private final RouteTestThen then;

    private RouteTestFile(YamlText yaml, Set<String> apis) {
        this.yaml = yaml;
        this.then = new RouteTestThen(yaml, apis);
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

    private RouteTest test(Node node) {
        Map<String, Node> parts = yaml.members(node, "a test", YamlText.ordered("test", "given", "when", "then"));
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
                then.read(parts.get("then"), YamlText.line(node)));
    }

    private Given given(@Nullable Node node) {
        Map<String, Node> parts = yaml.members(node, "given", YamlText.ordered("time", "answers", "faults", "feeds"));
        Map<String, List<Answer>> answers = new LinkedHashMap<>();
        yaml.members(parts.get("answers"), "answers").forEach((api, list) -> {
            then.isApi(api, list);
            List<Answer> given = new ArrayList<>();
            for (Node answer : YamlText.oneOrMore(list)) {
                given.add(answer(answer));
            }
            answers.put(api, given);
        });
        Map<String, List<String>> faults = new LinkedHashMap<>();
        yaml.members(parts.get("faults"), "faults").forEach((api, list) -> {
            then.isApi(api, list);
            List<String> given = new ArrayList<>();
            for (Node each : YamlText.oneOrMore(list)) {
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
        Map<String, Node> parts =
                yaml.members(node, "an answer", YamlText.ordered("for", "status", "headers", "body", "times"));
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
                there ? yaml.members(node, "when", YamlText.ordered("fire", "send", "body", "headers")) : Map.of();
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
}
