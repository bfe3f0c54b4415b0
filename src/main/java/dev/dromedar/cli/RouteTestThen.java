package dev.dromedar.cli;

import dev.dromedar.cli.RouteTest.Call;
import dev.dromedar.cli.RouteTest.Letter;
import dev.dromedar.cli.RouteTest.Then;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Reads what a test expects: the {@code then} in a file of tests. */
final class RouteTestThen {
    private final YamlText yaml;
    private final Set<String> apis;

    /** @param apis those of the site */
    RouteTestThen(YamlText yaml, Set<String> apis) {
        this.yaml = yaml;
        this.apis = apis;
    }

    Then read(@Nullable Node node, int line) {
        Map<String, Node> parts = yaml.members(
                node,
                "then",
                YamlText.ordered("calls", "sent", "body", "headers", "failure", "dead-letters", "log", "feeds"));
        List<Call> calls = each(parts.get("calls"), "calls", this::call);
        List<Call> sent = each(parts.get("sent"), "sent", this::sent);
        List<Letter> letters = each(parts.get("dead-letters"), "dead-letters", this::letter);
        List<String> log = each(parts.get("log"), "log", entry -> String.valueOf(yaml.text(entry, "log")));
        return new Then(
                node == null ? line : YamlText.line(node),
                parts.containsKey("calls") ? calls : null,
                sent,
                yaml.body(parts.get("body")),
                yaml.texts(parts.get("headers"), "headers"),
                yaml.text(parts.get("failure"), "failure"),
                parts.containsKey("dead-letters") ? letters : null,
                log,
                yaml.texts(parts.get("feeds"), "feeds"));
    }

    private <T> List<T> each(@Nullable Node list, String what, Function<Node, T> read) {
        List<T> all = new ArrayList<>();
        yaml.elements(list, what).forEach(one -> all.add(read.apply(one)));
        return all;
    }

    private Call sent(Node node) {
        Map<String, Node> parts = yaml.members(node, "an entry of sent", YamlText.ordered("to", "headers", "body"));
        String to = yaml.text(parts.get("to"), "to");
        if (to == null) {
            yaml.fault(node, "sent: an entry needs 'to', the beginning of the address.");
        }
        return new Call(
                YamlText.line(node),
                to == null ? "" : to,
                null,
                null,
                null,
                yaml.texts(parts.get("headers"), "headers"),
                yaml.body(parts.get("body")));
    }

    private Letter letter(Node node) {
        Map<String, Node> parts = yaml.members(node, "a dead letter", YamlText.ordered("route", "api", "cause"));
        return new Letter(
                yaml.text(parts.get("route"), "route"),
                yaml.text(parts.get("api"), "api"),
                yaml.text(parts.get("cause"), "cause"));
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
        yaml.members(node, "a call", YamlText.ordered("api", "method", "path", "query", "headers", "body"));
        String api = yaml.text(parts.get("api"), "api");
        isApi(api == null ? "" : api, node);
        Map<String, List<String>> query = null;
        if (parts.containsKey("query")) {
            query = new LinkedHashMap<>();
            for (var parameter : yaml.members(parts.get("query"), "query").entrySet()) {
                List<String> values = new ArrayList<>();
                Node value = parameter.getValue();
                for (Node one : YamlText.oneOrMore(value)) {
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

    /** A fault if there is no such API. */
    void isApi(String api, Node at) {
        if (!apis.contains(api)) {
            yaml.fault(at, "There is no API '" + api + "' in application.properties." + Misuse.didYouMean(api, apis));
        }
    }
}
