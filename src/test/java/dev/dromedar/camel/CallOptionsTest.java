package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.Request;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.component.http.HttpComponent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each option of a call does what it says, for that call alone. */
@Tag("long")
class CallOptionsTest {
    private final Worker worker = new Worker();

    @AfterEach
    void close() {
        worker.close();
    }

    private List<Request> received(String api) {
        return worker.sandbox.api(api).received();
    }

    private List<Request> tokenRequests() {
        return worker.sandbox.helseid().origin().received().stream()
                .filter(request -> request.path().equals("/connect/token"))
                .toList();
    }

    @Test
    void aTimeLimitMayBeLongerThanTheHttpComponents() throws Exception {
        worker.context.getComponent("http", HttpComponent.class).setResponseTimeout(300);
        worker.route("call", "to: api:orders/x")
                .route("long", "to: {uri: \"api:orders/x\", parameters: {timeLimit: 1m}}")
                .start();
        Object switched = worker.sandbox.api("orders").fault(1, Fault.blackHole());
        assertThat(worker.send("call").getException())
                .as(switched.toString())
                .hasMessageContaining("did not answer in time");
        worker.sandbox.api("orders").fault(Fault.delay(Duration.ofMillis(900)));

        Exchange answer = worker.send("long");

        assertThat(answer.getException()).isNull();
        assertThat(answer.getMessage().getBody(String.class)).contains("records");
    }

    @Test
    void aTimeLimitEndsACallThatTakesLonger() throws Exception {
        worker.route("call", "to: {uri: \"api:orders/x\", parameters: {timeLimit: 300ms}}")
                .start();
        worker.sandbox.api("orders").fault(Fault.blackHole());

        assertThat(worker.send("call").getException()).isInstanceOf(FailedCall.class);
        assertThat(worker.seen("orders").calls().failures()).containsEntry("network", 1L);
    }

    @Test
    void redirectsAreFollowedBelowTheBaseAddressIfTheRouteSaysSo() throws Exception {
        worker.route("call", "to: api:health-records/x")
                .route("follow", "to: {uri: \"api:health-records/x\", parameters: {followRedirects: true}}")
                .start();
        String base = worker.address("health-records");
        worker.sandbox.api("health-records").fault((request, server) -> {
            Answer checked = server.answer(request);
            return checked.status() == 200 && request.path().endsWith("/x")
                    ? Answer.of(302, List.of(new Header("Location", base + "/y")), "")
                    : checked;
        });

        Exchange not = worker.send("call");
        Exchange followed = worker.send("follow");

        assertThat(not.getException()).isInstanceOf(FailedCall.class).hasMessageContaining("set followRedirects=true");
        assertThat(followed.getException()).isNull();
        assertThat(received("health-records")).hasSize(3);
        assertThat(received("health-records").stream().map(request -> request.header("DPoP")))
                .doesNotHaveDuplicates();
        worker.sandbox.api("health-records").fault(Fault.redirect(302, worker.address("orders") + "/y"));
        assertThat(worker.send("follow").getException())
                .isInstanceOf(FailedCall.class)
                .hasMessageContaining("not under the base address");
        assertThat(received("orders")).isEmpty();
    }

    @Test
    void organisationAndResourceAreOfTheTokenOfOneCall() throws Exception {
        worker.sandbox.api("health-records").client().multiTenant("313745392");
        String resource = worker.sandbox.api("health-records").audience();
        worker.set("dromedar.api.health-records.organisation-tenancy", "multi")
                .route("call", """
                        to:
                          uri: api:health-records/x
                          parameters:
                            organisation: "${body}"
                            organisationChild: "883974832"
                            resource: "urn:example:other"
                        """)
                .start();

        Exchange answer = worker.send("call", "313745392");

        assertThat(tokenRequests()).isNotEmpty().allSatisfy(request -> {
            assertThat(Objects.requireNonNull(request.assertion()).claims().toString())
                    .contains("NO:ORGNR:313745392:883974832");
            assertThat(request.body())
                    .contains("resource=urn%3Aexample%3Aother")
                    .doesNotContain("resource=" + resource);
        });
        assertThat(answer.getProperty(PerMessage.PARENT)).isNull();
        assertThat(answer.getProperty(PerMessage.RESOURCE)).isNull();
    }

    @Test
    void acceptAndContentTypeAreWhatTheRouteWrites() throws Exception {
        worker.route(
                        "call",
                        """
                        to:
                          uri: api:orders/x
                          parameters: {method: PUT, accept: application/fhir+json, contentType: "text/csv; charset=ISO-8859-1"}
                        """,
                        "setHeader: {name: Content-Type, constant: text/plain}",
                        "setBody: {constant: \"é\"}",
                        """
                        to:
                          uri: api:orders/y
                          parameters: {method: POST}
                        """,
                        "to: {uri: \"api:orders/z\", parameters: {method: POST, body: false, contentType: text/csv}}")
                .start();

        assertThat(worker.send("call", "å").getException()).isNull();

        Request put = received("orders").get(0);
        assertThat(put.headers("Accept")).containsExactly("application/fhir+json");
        assertThat(put.headers("Content-Type")).containsExactly("text/csv; charset=ISO-8859-1");
        assertThat(put.size()).isEqualTo(1);
        Request post = received("orders").get(1);
        assertThat(post.headers("Content-Type")).containsExactly("text/plain");
        assertThat(post.body()).isEqualTo("é");
        Request none = received("orders").get(2);
        assertThat(none.method()).isEqualTo("POST");
        assertThat(none.size()).isZero();
        assertThat(none.headers("Content-Type")).isEmpty();
    }
}
