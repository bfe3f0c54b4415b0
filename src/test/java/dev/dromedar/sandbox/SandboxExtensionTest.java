package dev.dromedar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sandbox as a Java developer has it in tests. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SandboxExtensionTest {
    @RegisterExtension
    static final SandboxExtension SANDBOX = new SandboxExtension()
            .with("patients", "helseid", "nhn:patients/read")
            .with("orders", "duende", "orders.read")
            .with("register", "maskinporten", "skatt:register.read")
            .with("reports", "entra", "api://reports/.default")
            .with("stock", "keycloak", "stock.read")
            .with("fhir", "smart-backend", "system/Patient.rs")
            .with("partner", "oauth2", "records.read");

    private static String call(String api) {
        var context = new DefaultCamelContext();
        context.getPropertiesComponent().setInitialProperties(SANDBOX.properties());
        dev.dromedar.Dromedar.install(context);
        context.start();
        try (context;
                var template = context.createProducerTemplate()) {
            return template.requestBody("api:" + api + "/things/7", null, String.class);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"patients", "orders", "register", "reports", "stock", "fhir", "partner"})
    @Order(1)
    void itsPropertiesAreAClientOfEachProfile(String api) {
        SANDBOX.api(api).respond(request -> Answer.of(200, "text/plain", "answer to " + request.method()));

        assertThat(call(api)).isEqualTo("answer to GET");
        assertThat(SANDBOX.api(api).received()).extracting(Request::path).containsExactly("/" + api + "/things/7");
        assertThat(SANDBOX.issuer(api)).startsWith("http://localhost:");
        assertThat(SANDBOX.client(api).id())
                .isEqualTo(SANDBOX.properties().getProperty("dromedar.api." + api + ".client-id"));
    }

    @Test
    @Order(2)
    void forgetsAnswersFaultsAndRequestsAfterEachTest() {
        assertThat(SANDBOX.api("orders").received()).isEmpty();
        assertThat(call("orders")).contains("\"records\"");
        SANDBOX.api("orders").fault(Fault.status(500));
        SANDBOX.api("orders").answers(500);
    }

    @Test
    @Order(3)
    void worksAfterATestThatLeftItBroken() {
        assertThat(call("orders")).contains("\"records\"");
    }

    @Test
    @Order(4)
    @SuppressWarnings("NullAway") // the extension looks at no context
    void aRequestThatNoOneExpectedFailsTheTest() {
        var own = new SandboxExtension().with("orders", "duende", "orders.read");
        Properties properties = own.properties();
        own.api("orders").answers(200).nothingElse();
        var context = new DefaultCamelContext();
        context.getPropertiesComponent().setInitialProperties(properties);
        dev.dromedar.Dromedar.install(context);
        context.start();
        try (context;
                var template = context.createProducerTemplate()) {
            template.send("api:orders", exchange -> {});
            template.send("api:orders", exchange -> {});
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }

        assertThatThrownBy(() -> own.afterEach(null))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(List.of("orders").toString());
    }
}
