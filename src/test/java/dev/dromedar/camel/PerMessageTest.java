package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.Proves;
import dev.dromedar.sandbox.Jws;
import dev.dromedar.sandbox.Request;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a route asks for otherwise than the properties do, for one exchange. */
@Tag("long")
class PerMessageTest {
    private static final List<String> PARENTS = List.of("313745392", "983744516", "883974832", "994598759");

    private final Worker worker = new Worker();

    @BeforeEach
    void start() throws Exception {
        worker.sandbox.api("health-records").client().multiTenant(PARENTS.toArray(new String[0]));
        worker.sandbox.api("health-records").client().detailTypes("example");
        worker.sandbox.api("health-records").client().allowScope("sandbox:other/read");
        worker.set("dromedar.api.health-records.organisation-tenancy", "multi")
                .route(
                        "call",
                        "process: {ref: health-records}",
                        "to: {uri: \"" + worker.address("health-records") + "/x\"}")
                .start();
    }

    @AfterEach
    void close() {
        worker.close();
    }

    private Exchange send(Map<String, Object> properties, Map<String, Object> headers) {
        var builder = ExchangeBuilder.anExchange(worker.context).withBody(null);
        properties.forEach(builder::withProperty);
        headers.forEach(builder::withHeader);
        try (var template = worker.context.createProducerTemplate()) {
            return template.send("direct:call", builder.build());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Request lastCall() {
        List<Request> calls = worker.sandbox.api("health-records").received();
        return calls.get(calls.size() - 1);
    }

    private static String claims(Request call) {
        String token = String.valueOf(call.header("Authorization")).replaceFirst("DPoP ", "");
        return new String(
                Base64.getUrlDecoder().decode(token.split("\\.")[1]), java.nio.charset.StandardCharsets.UTF_8);
    }

    private Jws lastAssertion() {
        List<Request> asked = worker.sandbox.helseid().origin().received().stream()
                .filter(request -> request.path().equals("/connect/token"))
                .toList();
        return java.util.Objects.requireNonNull(asked.get(asked.size() - 1).assertion());
    }

    @Test
    @Proves("HelseID FK5")
    void anOrganisationOfTheMessageIsTheTokens() throws Exception {
        Exchange exchange = send(
                Map.of("DromedarOrganisationParent", "313745392", "DromedarOrganisationChild", "883974832"), Map.of());

        assertThat(exchange.getException()).isNull();
        assertThat(claims(lastCall())).contains("orgnr_parent\":\"313745392\"", "orgnr_child\":\"883974832\"");
        assertThat(lastAssertion().claims().path("assertion_details"))
                .isEqualTo(
                        new ObjectMapper()
                                .readTree(
                                        "{\"type\":\"helseid_authorization\",\"practitioner_role\":{\"organization\":{\"identifier\":"
                                                + "{\"system\":\"urn:oid:1.0.6523\",\"type\":\"ENH\",\"value\":\"NO:ORGNR:313745392:883974832\"}}}}"));
    }

    @Test
    void headersSayItTooAndNeverLeave() {
        Exchange exchange = send(
                Map.of(),
                Map.of(
                        "CamelDromedarOrganisationParent", 313745392,
                        "CamelDromedarSfmJournal", "j-1",
                        "CamelDromedarAssertionDetails", "{\"type\":\"example\"}",
                        "CamelDromedarScope", "sandbox:health-records/read"));

        assertThat(exchange.getException()).isNull();
        assertThat(lastCall().headers())
                .noneMatch(header ->
                        header.name().toLowerCase(java.util.Locale.ROOT).contains("dromedar"));
        assertThat(lastAssertion().claims().path("assertion_details")).hasSize(3);
    }

    @Test
    void aHeaderThatMayHaveComeFromOutsideFailsTheExchange() {
        Exchange exchange = send(Map.of(), Map.of("DromedarOrganisationParent", "313745392"));

        assertThat(exchange.getException())
                .hasMessage(
                        "health-records: the header DromedarOrganisationParent is not read, because it may have come with"
                                + " the message from outside. Set the exchange property DromedarOrganisationParent, or the header"
                                + " CamelDromedarOrganisationParent.");
        assertThat(worker.sandbox.api("health-records").received()).isEmpty();
    }

    @Test
    void aScopeOfTheMessageIsAskedForInsteadOfTheUsual() {
        Exchange exchange =
                send(Map.of("DromedarScope", List.of("sandbox:health-records/read", "sandbox:other/read")), Map.of());

        assertThat(exchange.getException()).isNull();
        assertThat(claims(lastCall())).contains("sandbox:health-records/read sandbox:other/read");
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(delimiter = '|', textBlock = """
                    DromedarOrganisationParent | 313745393         | its last digit does not fit the others (modulus 11)
                    DromedarOrganisationParent | 31374539          | nine digits are needed
                    DromedarOrganisationChild  | 883974832         | has no parent
                    DromedarAssertionDetails   | no json           | are no JSON
                    DromedarAssertionDetails   | 7                 | must be one JSON object, or an array of objects
                    DromedarResource           | relative          | DromedarResource 'relative' must be an absolute URI
                    DromedarResource           | https://a https://b | HelseID accepts one resource
                    DromedarScope              | ' '               | DromedarScope is no text, or empty
                    """)
    void aValueThatIsNotAllowedFailsTheExchange(String name, String value, String told) {
        Exchange exchange = send(Map.of(name, value), Map.of());

        assertThat(exchange.getException())
                .hasMessageStartingWith("health-records: ")
                .hasMessageContaining(told);
        assertThat(worker.sandbox.api("health-records").received()).isEmpty();
    }

    @Test
    void whatTheAuthorityRefusesIsToldInWords() {
        Exchange exchange = send(Map.of("DromedarOrganisationParent", "312232324"), Map.of());

        assertThat(exchange.getException()).hasMessageContaining("HID-1001: this client may not act for this parent");
    }

    @Test
    void tokensOfManyThreadsNeverMixAndAreAskedForOnce() throws Exception {
        var executor = Executors.newFixedThreadPool(16);
        Map<String, Integer> wrong = new ConcurrentHashMap<>();
        worker.sandbox.helseid().seen();
        long before = worker.sandbox.helseid().seen().accepted();
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            String parent = PARENTS.get(i % PARENTS.size());
            all.add(executor.submit(() -> {
                Exchange exchange = send(Map.of("DromedarOrganisationParent", parent), Map.of("x-parent", parent));
                if (exchange.getException() != null) {
                    wrong.merge(String.valueOf(exchange.getException().getMessage()), 1, Integer::sum);
                }
            }));
        }
        for (Future<?> one : all) {
            one.get();
        }
        executor.shutdown();

        assertThat(wrong).isEmpty();
        List<Request> calls = worker.sandbox.api("health-records").received();
        assertThat(calls).hasSize(400).allSatisfy(call -> assertThat(claims(call))
                .contains("orgnr_parent\":\"" + call.header("x-parent") + "\""));
        assertThat(worker.sandbox.helseid().seen().accepted() - before).isEqualTo(PARENTS.size());
    }
}
