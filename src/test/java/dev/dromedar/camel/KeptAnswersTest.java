package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.Origin;
import dev.dromedar.sandbox.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.converter.stream.InputStreamCache;
import org.apache.camel.support.DefaultMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With {@code etag=true} an answer is kept, and given again to an equal call alone when the API says that it still stands. */
@Tag("long")
class KeptAnswersTest {
    private static final List<String> PARENTS = List.of("313745392", "983744516");

    private final Worker worker = new Worker();

    @AfterEach
    void close() {
        worker.close();
    }

    private List<Request> received() {
        return worker.sandbox.api("health-records").received();
    }

    /** What the API gives to a request with good credentials; 304 where its condition is the tag. */
    private Origin.Switch serves(String tag, Header... more) {
        return worker.sandbox.api("health-records").fault((request, server) -> {
            Answer checked = server.answer(request);
            if (checked.status() != 200) {
                return checked;
            }
            List<Header> headers = new ArrayList<>(List.of(more));
            headers.add(new Header("ETag", tag));
            if (tag.equals(request.header("If-None-Match"))) {
                headers.add(new Header("X-New", "yes"));
                return Answer.of(304, headers, "");
            }
            headers.add(new Header("Content-Type", "application/json"));
            return Answer.of(200, headers, "{\"of\":\"" + received().size() + "\"}");
        });
    }

    private Exchange send(Map<String, Object> headers) {
        try (ProducerTemplate template = worker.context.createProducerTemplate()) {
            var exchange = ExchangeBuilder.anExchange(worker.context);
            headers.forEach(exchange::withHeader);
            return template.send("direct:call", exchange.build());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void start() throws Exception {
        worker.sandbox.api("health-records").client().multiTenant(PARENTS.toArray(new String[0]));
        worker.set("dromedar.api.health-records.organisation-tenancy", "multi")
                .route("call", """
                        to:
                          uri: api:health-records/x
                          parameters:
                            etag: true
                            query.q: "${header.q}"
                            header.X_Form: "${header.form}"
                            organisation: "${header.org}"
                        """)
                .start();
    }

    private static Map<String, Object> of(String q, String form, String organisation) {
        return Map.of("q", q, "form", form, "org", organisation);
    }

    @Test
    void anAnswerThatStandsIsGivenAgain() throws Exception {
        serves("\"1\"");
        start();
        Exchange first = send(of("a", "f", PARENTS.get(0)));

        Exchange second = send(of("a", "f", PARENTS.get(0)));

        assertThat(second.getException()).isNull();
        String body = "{\"of\":\"1\"}";
        assertThat(first.getMessage().getBody(String.class)).isEqualTo(body);
        assertThat(second.getMessage().getBody(String.class)).isEqualTo(body);
        assertThat(second.getMessage().getHeaders()).containsEntry("CamelHttpResponseCode", 200);
        Map<?, ?> headers = second.getProperty(Call.ANSWER, Map.class);
        assertThat(headers.get("etag")).isEqualTo("\"1\"");
        assertThat(headers.get("content-type")).isEqualTo("application/json");
        assertThat(headers.get("X-New")).isEqualTo("yes");
        assertThat(received().stream().map(request -> request.header("If-None-Match")))
                .containsExactly(null, "\"1\"");
        assertThat(worker.seen("health-records").calls().failed()).isZero();
    }

    @Test
    void noCallGetsTheAnswerOfAnother() throws Exception {
        serves("\"1\""); // the same tag for all, as of an API that counts versions
        start();

        for (Map<String, Object> call : List.of(
                of("a", "f", PARENTS.get(0)),
                of("a", "f", PARENTS.get(1)),
                of("b", "f", PARENTS.get(0)),
                of("a", "g", PARENTS.get(0)))) {
            assertThat(send(call).getException()).isNull();
        }

        assertThat(received()).hasSize(4).allSatisfy(request -> assertThat(request.headers("If-None-Match"))
                .isEmpty());
        assertThat(send(of("a", "f", PARENTS.get(1))).getMessage().getBody(String.class))
                .isEqualTo("{\"of\":\"2\"}");
    }

    @Test
    void aNewAnswerTakesItsPlace() throws Exception {
        start();
        Origin.Switch former = serves("\"1\"");
        send(of("a", "f", PARENTS.get(0)));
        former.off();
        serves("W/\"2\"");

        assertThat(send(of("a", "f", PARENTS.get(0))).getMessage().getBody(String.class))
                .isEqualTo("{\"of\":\"2\"}");
        assertThat(send(of("a", "f", PARENTS.get(0))).getMessage().getBody(String.class))
                .isEqualTo("{\"of\":\"2\"}");
        assertThat(received().get(2).header("If-None-Match")).isEqualTo("W/\"2\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Cache-Control: private, no-store", "Vary: *"})
    void whatTheApiDoesNotAllowIsNotKept(String header) throws Exception {
        serves("\"1\"", new Header(header.replaceFirst(":.*", ""), header.replaceFirst(".*: ", "")));
        start();

        send(of("a", "f", PARENTS.get(0)));
        send(of("a", "f", PARENTS.get(0)));

        assertThat(received()).hasSize(2).allSatisfy(request -> assertThat(request.headers("If-None-Match"))
                .isEmpty());
    }

    @Test
    void anEditOfTheApiForgetsAll() throws Exception {
        serves("\"1\"");
        start();
        send(of("a", "f", PARENTS.get(0)));
        worker.context.getPropertiesComponent().addInitialProperty("dromedar.api.health-records.time-limit", "19s");
        Objects.requireNonNull(worker.context.hasService(Apis.class)).update(Apis.plan(worker.context));

        assertThat(send(of("a", "f", PARENTS.get(0))).getException()).isNull();

        assertThat(received().get(1).headers("If-None-Match")).isEmpty();
    }

    @Test
    void holdsNoMoreThanItMay() throws Exception {
        worker.start();
        var kept = new KeptAnswers();
        for (int i = 0; i < 20; i++) {
            var answer = new DefaultMessage(worker.context);
            answer.setHeader("ETag", "\"" + i + "\"");
            answer.setBody(new InputStreamCache(new byte[KeptAnswers.LARGEST]));
            kept.keep(key("/" + i), answer);
        }
        var large = new DefaultMessage(worker.context);
        large.setHeader("ETag", "\"large\"");
        large.setBody(new InputStreamCache(new byte[KeptAnswers.LARGEST + 1]));
        kept.keep(key("/19"), large);

        assertThat(kept.get(key("/4"))).isNull();
        assertThat(kept.get(key("/18"))).isNotNull();
        assertThat(kept.get(key("/19")))
                .as("too large, and the one before is no longer right")
                .isNull();
    }

    private KeptAnswers.Key key(String path) {
        var request = Objects.requireNonNull(Objects.requireNonNull(worker.context.hasService(Apis.class))
                        .clients()
                        .named("orders"))
                .settings()
                .tokens()
                .request();
        return new KeptAnswers.Key(new CallAddress.Target(path, null), Map.of(), request, Map.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "etag=true&method=POST",
                "etag=true&pages=link",
                "etag=true&await=true",
                "etag=true&header.If_None_Match=x"
            })
    void whatDoesNotFitTogetherIsRefused(String parameters) throws Exception {
        worker.start();

        assertThatThrownBy(() -> worker.context.getEndpoint("api:orders/x?" + parameters))
                .rootCause()
                .hasMessageContaining("etag=true");
    }
}
