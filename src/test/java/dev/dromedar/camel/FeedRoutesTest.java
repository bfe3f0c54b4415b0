package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Request;
import dev.dromedar.sandbox.Sandbox;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The five feeds of the README's chapter, each against a server that behaves like the real one. */
@Tag("long")
class FeedRoutesTest {
    private static final int PAGE = 2;

    private final Path temp;
    private final List<Integer> events = new ArrayList<>();
    private final List<Integer> taken = new ArrayList<>();
    private final AtomicInteger fails = new AtomicInteger();
    private boolean repeats;

    FeedRoutesTest(@TempDir Path temp) {
        this.temp = temp;
    }

    /** A feed: its API, its route, and how a position and an event's id are written. */
    private enum Feed {
        ALTINN("altinn", "altinn-events", "after"),
        EDI("edi", "edi-notifications", "Offset"),
        PARTIES("parties", "parties", "EventId"),
        FHIR("fhir", "patients-changed", "_lastUpdated"),
        LINK("deliveries", "deliveries-changed", "cursor");

        private final String api;
        private final String route;
        private final String parameter;

        Feed(String api, String route, String parameter) {
            this.api = api;
            this.route = route;
            this.parameter = parameter;
        }

        private String id(int event) {
            return switch (this) {
                case ALTINN -> String.valueOf(event);
                case EDI -> String.valueOf(event);
                case PARTIES -> "6f1c0d2e-0000-4000-8000-%012d".formatted(event);
                case FHIR -> "2026-11-%02dT10:00:00.000+01:00".formatted(event);
                case LINK -> "c/" + event + "+=";
            };
        }

        private int event(String id) {
            return switch (this) {
                case ALTINN, EDI -> Integer.parseInt(id);
                case PARTIES -> Integer.parseInt(id.substring(24));
                case FHIR -> id.startsWith("ge2026-11") ? Integer.parseInt(id.substring(10, 12)) : 0;
                case LINK -> Integer.parseInt(id.substring(2, id.length() - 2));
            };
        }
    }

    @ParameterizedTest
    @EnumSource(Feed.class)
    void comesOnceThroughEmptyPagesJumpsFailuresAndARestart(Feed feed) throws Exception {
        try (Sandbox sandbox = Sandbox.start()) {
            ProtectedApi api = sandbox.add(Registration.helseid(feed.api));
            api.fault((request, server) -> {
                Answer checked = server.answer(request);
                return checked.status() == 200 ? page(feed, api, request) : checked;
            });
            Worker worker = worker(sandbox, feed);
            try (var closed = worker.context) {
                assertThat(closed.isStarted()).isTrue();
                events.addAll(List.of(1, 2, 3, 4, 5));
                run(worker);
                run(worker);
                run(worker); // EDI's route reads a page in each
                assertThat(taken).as("the first pages").startsWith(1, 2, 3, 4, 5);
                assertThat(again(feed, 5)).as("an empty page").isEqualTo(5);

                events.addAll(List.of(19, 20));
                run(worker);
                assertThat(again(feed, 20)).as("a jump").isEqualTo(7);

                events.add(21);
                fails.set(21);
                assertThat(worker.send("feed").getException()).isNotNull();
                run(worker);
                assertThat(again(feed, 21)).as("a failure, and its page again").isEqualTo(9);

                repeats = true;
                worker.send("feed");
                repeats = false;
                taken.clear();
                events.add(22);
                run(worker);
                assertThat(taken).as("after a repeated page").endsWith(22).doesNotContain(20);
            }
            taken.clear();
            try (var context = worker(sandbox, feed).context) {
                events.add(23);
                try (var template = context.createProducerTemplate()) {
                    template.sendBody("direct:feed", "");
                }
                assertThat(taken).as("a restart").endsWith(23).doesNotContain(21);
            }
        }
    }

    private void run(Worker worker) {
        Exchange done = worker.send("feed");
        assertThat(done.getException()).isNull();
    }

    /** How often events came, FHIR's last one left out: it comes with each search. */
    private int again(Feed feed, int last) {
        if (feed != Feed.FHIR) {
            return taken.size();
        }
        assertThat(taken).contains(last);
        return (int) taken.stream().distinct().count() + (last == 21 ? 1 : 0);
    }

    private Worker worker(Sandbox sandbox, Feed feed) throws Exception {
        var worker =
                new Worker(sandbox).set("dromedar.feed.folder", temp.toString()).set("edi.her-id", "123");
        sandbox.properties().forEach((key, value) -> {
            if (key.startsWith("sandbox." + feed.api + ".")) {
                worker.set("dromedar.api." + key.substring("sandbox.".length()), value);
            }
        });
        String yaml = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("README-cluster.md")))
                .results()
                .map(match -> match.group(1))
                .filter(text -> text.contains("id: " + feed.route + "\n"))
                .findFirst()
                .orElseThrow();
        worker.yaml(yaml.replaceFirst("uri: quartz:.*\n.*\n", "uri: direct:feed\n"));
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:one-event").process(exchange -> {
                    Matcher number = Pattern.compile("number=(\\d+)")
                            .matcher(String.valueOf(exchange.getMessage().getBody()));
                    assertThat(number.find()).isTrue();
                    int event = Integer.parseInt(number.group(1));
                    taken.add(event);
                    if (fails.compareAndSet(event, 0)) {
                        throw new IllegalStateException("the work fails");
                    }
                });
            }
        });
        return worker;
    }

    private Answer page(Feed feed, ProtectedApi api, Request request) {
        String position = parameter(request, feed.parameter);
        int after = position == null ? 0 : feed.event(position);
        boolean export = request.path().endsWith("/export");
        assertThat(export).isEqualTo(feed == Feed.PARTIES && position == null);
        List<Integer> shown = events.stream()
                .filter(event -> repeats
                        ? events.indexOf(event) >= events.size() - PAGE
                        : feed == Feed.FHIR && parameter(request, "page") == null ? event >= after : event > after)
                .limit(export ? Integer.MAX_VALUE : PAGE)
                .toList();
        int last = shown.isEmpty() ? after : shown.get(shown.size() - 1);
        String items = shown.stream().map(event -> item(feed, event)).collect(Collectors.joining(",", "[", "]"));
        String base = api.baseAddress().toString();
        return switch (feed) {
            case ALTINN -> json(items, new Header("next", base + "/events?after=" + last));
            case EDI -> json(items);
            case PARTIES -> json("{\"items\":" + items + ",\"lastEventId\":\"" + feed.id(last) + "\"}");
            case FHIR ->
                json("{\"resourceType\":\"Bundle\",\"entry\":" + items + ",\"link\":["
                        + (shown.size() < PAGE || repeats
                                ? ""
                                : "{\"relation\":\"next\",\"url\":\"" + base + "/Patient?page=1&_lastUpdated=ge"
                                        + feed.id(last).replace("+", "%2B") + "\"}")
                        + "]}");
            case LINK ->
                json(
                        items,
                        new Header("Link", "<changes?cursor=" + feed.id(last).replace("+", "%2B") + ">; rel=\"next\""));
        };
    }

    private static String item(Feed feed, int event) {
        String id = feed.id(event);
        return switch (feed) {
            case FHIR -> "{\"resource\":{\"number\":" + event + ",\"meta\":{\"lastUpdated\":\"" + id + "\"}}}";
            case EDI -> "{\"number\":" + event + ",\"offset\":" + id + "}";
            default -> "{\"number\":" + event + ",\"id\":\"" + id + "\"}";
        };
    }

    private static @Nullable String parameter(Request request, String name) {
        Matcher found = Pattern.compile("(?:^|&)" + name + "=([^&]*)").matcher(String.valueOf(request.query()));
        return found.find() ? URLDecoder.decode(found.group(1), StandardCharsets.UTF_8) : null;
    }

    private static Answer json(String body, Header... headers) {
        var all = new ArrayList<>(List.of(headers));
        all.add(new Header("Content-Type", "application/json"));
        return Answer.of(200, all, body);
    }
}
