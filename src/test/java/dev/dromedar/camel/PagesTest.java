package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.RawServer;
import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.Request;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One step reads all pages, a page at a time. */
@Tag("long")
class PagesTest {
    private final Worker worker = new Worker();
    private final List<Object> items = new ArrayList<>();
    /** Requests that the API had seen when an item was taken. */
    private final List<Integer> asked = new ArrayList<>();

    @AfterEach
    void close() {
        worker.close();
    }

    private List<Request> received() {
        return worker.sandbox.api("health-records").received();
    }

    /** A route that reads all, and the pages that the API gives to requests with good credentials. */
    private Exchange read(String parameters, Function<Integer, Answer> pages) throws Exception {
        worker.sandbox.api("health-records").fault((request, server) -> {
            Answer checked = server.answer(request);
            return checked.status() == 200 ? pages.apply(page(request)) : checked;
        });
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:read")
                        .to("api:health-records/feed?" + parameters)
                        .split(body())
                        .streaming()
                        .process(exchange -> {
                            items.add(exchange.getMessage().getBody());
                            asked.add(received().size());
                        });
            }
        });
        return worker.send("read");
    }

    private static int page(Request request) {
        String query = String.valueOf(request.query());
        return query.contains("page=") ? Integer.parseInt(query.replaceFirst(".*page=(\\d+).*", "$1")) : 1;
    }

    private static String three(int page) {
        return IntStream.range(0, 3)
                .mapToObj(i -> "{\"id\":" + (page * 10 + i) + "}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static Answer json(String body, Header... headers) {
        var all = new ArrayList<>(List.of(headers));
        all.add(new Header("Content-Type", "application/json"));
        return Answer.of(200, all, body);
    }

    private String base() {
        return worker.address("health-records");
    }

    private static Header link(String target) {
        return new Header(
                "Link", "<https://other.example/x>; rel=prev, <" + target + ">; title=\"a, b\"; rel=\"next last\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pages=link",
                "pages=header:X-Next",
                "pages=header:X-Next&query.limit=3",
                "pages=json:$.meta.next&items=$.items",
                "pages=json:$.cursor&items=$.items&pageParameter=page",
                "pages=fhir",
                "pages=offset:page,3"
            })
    void readsAllPagesEachWithItsOwnProof(String parameters) throws Exception {
        boolean offset = parameters.contains("offset");
        Exchange answer = read(parameters, at -> {
            int page = offset ? at == 1 ? 1 : at / 3 + 1 : at;
            String next = "?page=" + (page + 1);
            boolean last = page == 4;
            if (parameters.contains("fhir")) {
                return json("{\"resourceType\":\"Bundle\",\"link\":[{\"relation\":\"self\",\"url\":\"x\"}"
                        + (last ? "" : ",{\"relation\":\"next\",\"url\":\"" + base() + "/feed" + next + "\"}")
                        + "]," + "\"entry\":" + three(page) + "}");
            }
            if (parameters.contains("json")) {
                return json("{\"meta\":{\"next\":" + (last ? "null" : "\"" + base() + "/feed" + next + "\"")
                        + "},\"items\":" + three(page) + ",\"cursor\":" + (last ? "null" : page + 1) + "}");
            }
            if (offset) {
                return json(last ? "[]" : three(page));
            }
            return last ? json(three(page)) : json(three(page), link(next), new Header("X-Next", "feed" + next));
        });

        assertThat(answer.getException()).isNull();
        assertThat(items).hasSize(offset ? 9 : 12);
        assertThat(items.get(0)).hasToString("{id=10}");
        // A split looks one item ahead
        assertThat(asked.subList(0, 6)).containsExactly(1, 1, 2, 2, 2, 3);
        assertThat(received()).hasSize(4);
        assertThat(received().stream().map(request -> request.header("DPoP"))).doesNotHaveDuplicates();
        assertThat(worker.seen("health-records").calls().count()).isEqualTo(4);
    }

    @Test
    void tenThousandPagesTakeNoMoreMemoryThanAThousand() throws Exception {
        int many = 10_000;
        int first = 1_000;
        List<Long> used = new ArrayList<>();
        AtomicInteger taken = new AtomicInteger();
        AtomicReference<RawServer> itself = new AtomicReference<>();
        try (var server = new RawServer(request -> {
            if (!request.target().startsWith("/feed")) {
                return RawServer.answer(
                        200,
                        "Content-Type: application/json\r\n",
                        "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":3600}");
            }
            Objects.requireNonNull(itself.get()).forget();
            int page = Integer.parseInt("0" + request.target().replaceFirst("\\D*", ""));
            String next = page == many ? "" : "Link: <?page=" + (page + 1) + ">; rel=next\r\n";
            return RawServer.answer(200, next, three(page));
        })) {
            itself.set(server);
            worker.api("feed", server.uri() + "/feed", server.uri() + "/token");
            worker.start(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:read")
                            .to("api:feed?pages=link&query.page=1")
                            .split(body())
                            .streaming()
                            .process(exchange -> {
                                int at = taken.incrementAndGet();
                                if (at == 3 * first || at == 3 * many - 3) {
                                    used.add(used());
                                }
                            });
                }
            });

            Exchange answer = worker.send("read");

            assertThat(answer.getException()).isNull();
            assertThat(taken.get()).isEqualTo(3 * many);
            assertThat(worker.seen("feed").calls().count()).isEqualTo(many);
            assertThat(used.get(1) - used.get(0))
                    .as("bytes more than after %s pages", first)
                    .isLessThan(8 * 1024 * 1024);
        }
    }

    /** Bytes on the heap that something still holds. */
    private static long used() {
        var memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example/feed?page=2",
                "//evil.example/feed?page=2",
                "http://localhost:1/feed",
                "/feed",
                "../../feed",
                "../%2e%2e/feed",
                "file:///etc/passwd",
                "http://user@localhost/feed",
                "::",
                "?page=1"
            })
    void aNextPageElsewhereIsRefusedAndNothingIsSentThere(String next) throws Exception {
        Exchange answer = read("pages=link&query.page=1", page -> json(three(1), link(next)));

        assertThat(answer.getException()).isInstanceOf(FailedCall.class).hasMessageContaining("after 3 items");
        assertThat(answer.getException()).hasMessageContaining(next.equals("?page=1") ? "names itself" : "not under");
        assertThat(answer.getProperty(Call.FAILURE))
                .isEqualTo(answer.getException().getMessage());
        assertThat(received()).hasSize(1);
        assertThat(worker.sandbox.api("orders").received()).isEmpty();
    }

    @Test
    void saysWhereItStopped() throws Exception {
        Exchange answer = read(
                "pages=link",
                page -> page == 3
                        ? Answer.of(503, List.of(), "not now")
                        : json(three(page), link("?page=" + (page + 1))));

        assertThat(answer.getException()).isInstanceOfSatisfying(FailedCall.class, failure -> {
            assertThat(failure.getStatus()).isEqualTo(503);
            assertThat(failure.getPage()).isEqualTo(3);
            assertThat(failure).hasMessageContaining("HTTP 503").hasMessageContaining("page 3, after 6 items");
        });
        assertThat(items).hasSize(6);
        assertThat(answer.getProperty(Call.FAILURE))
                .isEqualTo(answer.getException().getMessage());
    }

    @Test
    void aFeedWithoutAnEndStopsAtTheLimit() throws Exception {
        Exchange answer = read("pages=link&pageLimit=5", page -> json(three(page), link("?page=" + (page + 1))));

        assertThat(answer.getException()).isInstanceOf(FailedCall.class).hasMessageContaining("more than 5 pages");
        assertThat(items).hasSize(15);
        assertThat(received()).hasSize(5);
    }

    @Test
    void aRefusedTokenIsRecoveredFromOnAnyPage() throws Exception {
        var refused = new java.util.concurrent.atomic.AtomicBoolean();
        worker.sandbox.api("health-records").fault(new Fault() {
            @Override
            public Answer answer(Request request, Server server) {
                return page(request) == 2 && refused.compareAndSet(false, true)
                        ? Answer.of(401, Header.invalidToken("DPoP"), "")
                        : server.answer(request);
            }
        });
        Exchange answer = read(
                "pages=link", page -> page == 3 ? json(three(page)) : json(three(page), link("?page=" + (page + 1))));

        assertThat(answer.getException()).isNull();
        assertThat(items).hasSize(9);
    }

    @Test
    void aPageOfAnotherFormFailsTheCall() throws Exception {
        Exchange answer = read("pages=link", page -> json("{\"data\":[1,2]}"));

        assertThat(answer.getException()).isInstanceOf(FailedCall.class).hasMessageContaining("no array at items=$");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pages=all | pages 'all' is not known",
                "pages=json:$.next | Add items",
                "pages=json:next&items=$.a | is no path",
                "pages=offset:page | cannot be read",
                "pages=link&pageParameter=p | has no effect",
                "items=$.a | no effect without pages",
                "pages=link&pageLimit=0 | pageLimit"
            })
    void whatDoesNotFitTogetherIsRefused(String row) throws Exception {
        worker.start();

        assertThatThrownBy(() ->
                        worker.context.getEndpoint("api:health-records/x?" + row.substring(0, row.indexOf(" | "))))
                .rootCause()
                .hasMessageContaining(row.substring(row.indexOf(" | ") + 3));
    }
}
