package dev.dromedar.sandbox;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What an authority and its APIs have seen, as text or JSON: at {@code /}, {@code /seen} and {@code /seen.json}. */
final class SeenPage {
    private final String name;
    private final Seen seen;
    private final Map<String, Seen> apis;

    /** @param apis live: APIs are added while it runs */
    SeenPage(String name, Seen seen, Map<String, Seen> apis) {
        this.name = name;
        this.seen = seen;
        this.apis = apis;
    }

    Answer answer(Request request) {
        if (!Set.of("/", "/seen", "/seen.json").contains(request.path())) {
            return Answer.of(404, "text/plain", "nothing here");
        }
        var all = new LinkedHashMap<String, Map<String, Object>>();
        all.put("token endpoint", seen.asMap());
        apis.forEach((api, counts) -> all.put("api " + api, counts.asMap()));
        if (request.path().endsWith(".json") || "application/json".equals(request.header("Accept"))) {
            return Answer.json(200, all);
        }
        var text = new StringBuilder("What the sandbox's authority '" + name + "' and its APIs have seen\n");
        all.forEach((server, counts) -> {
            text.append('\n').append(server).append('\n');
            counts.forEach((what, count) -> text.append("  ")
                    .append(what.replace('_', ' '))
                    .append(": ")
                    .append(count)
                    .append('\n'));
        });
        return Answer.of(200, "text/plain; charset=utf-8", text.toString());
    }
}
