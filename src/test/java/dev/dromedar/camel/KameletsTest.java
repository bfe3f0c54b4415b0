package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.sandbox.Answer;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The Kamelets that are on board, for editors that know those. */
class KameletsTest {
    private final Worker worker = new Worker();
    private final List<String> items = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:get").to("kamelet:dromedar-get?api=orders&resource=orders");
                from("direct:length")
                        .to("kamelet:dromedar-get?api=orders&resource=orders")
                        .process(exchange -> exchange.getMessage()
                                .setBody(exchange.getMessage()
                                        .getBody(String.class)
                                        .length()));
                from("direct:send").to("kamelet:dromedar-send?api=orders&resource=orders/new&method=PUT");
                from("direct:pages")
                        .kamelet("dromedar-pages?api=orders&resource=feed&pages=json:$.next&items=$.items")
                        .process(exchange ->
                                items.add(String.valueOf(exchange.getMessage().getBody())))
                        .end();
            }
        });
    }

    @AfterEach
    void close() {
        worker.close();
    }

    @Test
    void getAsksWithTheCredentialsOfTheApi() {
        var answer = worker.send("get");

        assertThat(answer.getException()).isNull();
        assertThat(answer.getMessage().getBody(String.class)).contains("\"records\"");
        assertThat(worker.sandbox.api("orders").received()).singleElement().satisfies(request -> {
            assertThat(request.method() + " " + request.target()).isEqualTo("GET /orders/orders");
            assertThat(request.header("Authorization")).startsWith("Bearer ");
            assertThat(request.header("Accept")).isEqualTo("application/json");
        });
    }

    @Test
    void aLargeAnswerIsThereAfterTheKamelet() {
        String large = "x".repeat(2_000_000);
        worker.sandbox.api("orders").respond(request -> Answer.of(200, "text/plain", large));

        var answer = worker.send("length");

        assertThat(answer.getException()).isNull();
        assertThat(answer.getMessage().getBody()).isEqualTo(2_000_000);
    }

    @Test
    void sendSendsTheBody() {
        var answer = worker.send("send", "{\"id\":1}");

        assertThat(answer.getException()).isNull();
        assertThat(worker.sandbox.api("orders").received()).singleElement().satisfies(request -> {
            assertThat(request.method() + " " + request.target()).isEqualTo("PUT /orders/orders/new");
            assertThat(request.header("Content-Type")).isEqualTo("application/json");
            assertThat(request.body()).isEqualTo("{\"id\":1}");
        });
    }

    @Test
    void pagesGivesTheItemsOfAllPages() {
        worker.sandbox
                .api("orders")
                .respond(request -> Answer.of(
                        200,
                        "application/json",
                        request.target().contains("page=2")
                                ? "{\"items\":[{\"id\":2}]}"
                                : "{\"items\":[{\"id\":1}],\"next\":\"/orders/feed?page=2\"}"));

        assertThat(worker.send("pages").getException()).isNull();
        assertThat(items).hasSize(2);
    }
}
