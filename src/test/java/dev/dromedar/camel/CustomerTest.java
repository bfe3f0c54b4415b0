package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.sandbox.Authority;
import dev.dromedar.sandbox.AuthorityRules;
import dev.dromedar.sandbox.Jws;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Request;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** Whom a call is for at Maskinporten and its like, as one message says it. */
@Tag("long")
class CustomerTest {
    private static final String CUSTOMER = "313745392";
    private static final String OTHER = "883974832";
    private static final String OWN = "994598759";
    private static final String PERSON = "13858390057";

    private final Worker worker = new Worker();
    private final Authority authority = worker.sandbox.authority("maskinporten", AuthorityRules.maskinporten());
    private final ProtectedApi register = worker.sandbox.add(
            Registration.helseid("register")
                    .withoutDpop()
                    .withScope("register.read")
                    .withAlgorithm("RS256"),
            authority);

    @BeforeEach
    void start() throws Exception {
        register.client().customers().own(OWN);
        register.client().customers().delegating(CUSTOMER, OTHER);
        register.client().customers().systemUser(CUSTOMER, "branch-7");
        register.client().customers().systemUser(OTHER, null);
        worker.sandbox.properties().forEach((key, value) -> {
            if (key.startsWith("sandbox.register.")) {
                worker.set("dromedar.api." + key.substring("sandbox.".length()), value);
            }
        });
        worker.set("dromedar.api.register.profile", "maskinporten")
                .set("dromedar.api.register.own-organisation", OWN)
                .set("dromedar.api.register.claim.consumer_org", OTHER)
                .unset("dromedar.api.register.dpop")
                .route("call", "process: {ref: register}", "to: \"" + register.baseAddress() + "/x\"")
                .route("one-line", "to: {uri: \"api:register/x\", parameters: {consumerOrganisation: \"${body}\"}}")
                .route("helseid", "process: {ref: health-records}", "to: \"" + worker.address("health-records") + "\"")
                .route("secret", "process: {ref: orders}", "to: \"" + worker.address("orders") + "\"")
                .start();
    }

    @AfterEach
    void close() {
        worker.close();
    }

    private Exchange send(String route, Map<String, Object> properties) {
        var builder = ExchangeBuilder.anExchange(worker.context).withBody(null);
        properties.forEach(builder::withProperty);
        try (var template = worker.context.createProducerTemplate()) {
            return template.send("direct:" + route, builder.build());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Jws lastGrant() {
        List<Request> requested = authority.origin().received().stream()
                .filter(request -> request.path().equals("/connect/token"))
                .toList();
        return Objects.requireNonNull(requested.get(requested.size() - 1).assertion());
    }

    @Test
    void aConsumerOrganisationOfTheMessageTakesThePlaceOfTheUsual() {
        assertThat(send("call", Map.of()).getException()).isNull();
        assertThat(lastGrant().claim("consumer_org")).isEqualTo(OTHER);

        assertThat(send("call", Map.of("DromedarConsumerOrganisation", CUSTOMER))
                        .getException())
                .isNull();

        assertThat(lastGrant().claim("consumer_org")).isEqualTo(CUSTOMER);
    }

    @Test
    void aCallInOneLineNamesItToo() {
        assertThat(worker.send("one-line", CUSTOMER).getException()).isNull();

        assertThat(lastGrant().claim("consumer_org")).isEqualTo(CUSTOMER);
    }

    @Test
    void aSystemUserIsSentInExactlyTheShapeOfAltinn() throws Exception {
        Exchange exchange =
                send("call", Map.of("DromedarSystemUser", CUSTOMER, "DromedarSystemUserReference", "branch-7"));

        assertThat(exchange.getException()).isNull();
        assertThat(lastGrant().claims().get("authorization_details"))
                .isEqualTo(new ObjectMapper()
                        .readTree(
                                "[{\"type\":\"urn:altinn:systemuser\",\"systemuser_org\":{\"authority\":\"iso6523-actorid-upis\","
                                        + "\"ID\":\"0192:313745392\"},\"externalRef\":\"branch-7\"}]"));
        assertThat(lastGrant().claims().has("consumer_org")).isFalse();

        assertThat(send("call", Map.of("DromedarSystemUser", OTHER)).getException())
                .isNull();
        assertThat(lastGrant().claims().get("authorization_details").get(0).has("externalRef"))
                .isFalse();
    }

    @Test
    void aCitizenIsInTheTokenAndNowhereElse() throws Exception {
        var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        var seen = new ListAppender<ILoggingEvent>();
        Level before = root.getLevel();
        seen.start();
        root.addAppender(seen);
        root.setLevel(Level.TRACE);
        Exchange good;
        Exchange refused;
        try {
            good = send("call", Map.of("DromedarCitizen", PERSON));
            authority.revokeTokens();
            register.answers(500);
            authority
                    .origin()
                    .fault(
                            1,
                            dev.dromedar.sandbox.Fault.error(400, "invalid_request")
                                    .at("/connect/token"));
            refused = send("call", Map.of("DromedarCitizen", PERSON));
        } finally {
            root.setLevel(before);
            root.detachAppender(seen);
        }

        assertThat(good.getException()).isNull();
        assertThat(lastGrant().claim("pid")).isEqualTo(PERSON);
        assertThat(refused.getException()).isNotNull();
        for (Exchange exchange : List.of(good, refused)) {
            assertThat(exchange.getAllProperties().toString()).doesNotContain(PERSON);
            assertThat(exchange.getMessage().getHeaders().toString()).doesNotContain(PERSON);
            assertThat(String.valueOf(exchange.getException())).doesNotContain(PERSON);
        }
        assertThat(seen.list)
                .filteredOn(event -> !event.getThreadName().startsWith("sandbox"))
                .noneMatch(event -> (event.getFormattedMessage() + event.getKeyValuePairs()).contains(PERSON));
    }

    @Test
    void theSameCitizenIsForTheNextCallOfTheExchange() {
        Exchange exchange = send("call", Map.of("DromedarCitizen", PERSON));
        long requests = authority.seen().accepted();

        try (var template = worker.context.createProducerTemplate()) {
            template.send("direct:call", exchange);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }

        assertThat(exchange.getException()).isNull();
        assertThat(authority.seen().accepted()).isEqualTo(requests);
    }

    @ParameterizedTest(name = "{0} {1} = {2}")
    @CsvSource(delimiter = '|', textBlock = """
                    call    | DromedarConsumerOrganisation | 994598759   | register: DromedarConsumerOrganisation '994598759' is the client's own organisation
                    call    | DromedarSystemUser           | 994598759   | is the client's own organisation
                    call    | DromedarConsumerOrganisation | 31374539    | nine digits are needed
                    call    | DromedarConsumerOrganisation | 313745393   | its last digit does not fit the others (modulus 11)
                    call    | DromedarSystemUser           | 0192:313745392 | nine digits are needed
                    call    | DromedarSystemUserReference  | branch-7    | and no system user
                    call    | DromedarCitizen              | 13858390067 | DromedarCitizen is no national identity number
                    call    | DromedarCitizen              | 13858390058 | DromedarCitizen is no national identity number
                    call    | DromedarCitizen              | 1385839005  | DromedarCitizen is no national identity number
                    call    | DromedarClaims               | {"iss":"x"} | DromedarClaims has 'iss', which is the protocol's
                    call    | DromedarClaims               | {"aud":"x"} | DromedarClaims has 'aud', which is the protocol's
                    call    | DromedarClaims               | {"exp":1}   | DromedarClaims has 'exp', which is the protocol's
                    call    | DromedarClaims               | {"scope":"x"} | DromedarClaims has 'scope', which is the protocol's. Set DromedarScope
                    call    | DromedarClaims               | {"resource":"x"} | DromedarClaims has 'resource', which is the protocol's. Set DromedarResource
                    call    | DromedarClaims               | {"sub":"x"} | DromedarClaims has 'sub', which is the client itself here
                    call    | DromedarClaims               | {"pid":"13858390057"} | which has a property of its own. Set DromedarCitizen
                    call    | DromedarClaims               | {"consumer_org":"883974832"} | Set DromedarConsumerOrganisation
                    call    | DromedarClaims               | [1]         | DromedarClaims is no JSON object
                    call    | DromedarClaims               | ***         | DromedarClaims is no JSON object
                    call    | DromedarOrganisationParent   | 313745392   | here it is DromedarConsumerOrganisation or DromedarSystemUser
                    helseid | DromedarConsumerOrganisation | 313745392   | HelseID is sent DromedarOrganisationParent or DromedarOrganisationChild
                    helseid | DromedarCitizen              | 13858390057 | are claims of the JWT grant (Maskinporten)
                    secret  | DromedarSystemUser           | 313745392   | are claims of the JWT grant (Maskinporten)
                    secret  | DromedarClaims               | {"a":1}     | are claims of an assertion, and a client with client_secret_basic signs none
                    """)
    void aValueThatIsNotAllowedFailsTheExchange(String route, String name, String value, String reported) {
        long before = authority.origin().received().size();

        Exchange exchange = send(route, Map.of(name, value));

        assertThat(exchange.getException()).hasMessageContaining(reported);
        assertThat(exchange.getException().getMessage()).doesNotContain("1385839");
        assertThat(authority.origin().received()).hasSize((int) before);
    }

    @Test
    void twoOrganisationsOfOneMessageFailIt() {
        assertThat(send("call", Map.of("DromedarConsumerOrganisation", CUSTOMER, "DromedarSystemUser", CUSTOMER))
                        .getException())
                .hasMessageContaining("both say whom the call is for");
    }

    @Test
    void furtherClaimsAreBoundedAndAnAssertionsAtHelseIdToo() {
        assertThat(send("helseid", Map.of("DromedarClaims", Map.of("purpose", Map.of("code", 7))))
                        .getException())
                .isNull();
        List<Request> requested = worker.sandbox.helseid().origin().received().stream()
                .filter(request -> request.path().equals("/connect/token"))
                .toList();
        Jws assertion =
                Objects.requireNonNull(requested.get(requested.size() - 1).assertion());
        assertThat(assertion.claims().path("purpose").path("code").asInt()).isEqualTo(7);

        assertThat(send("helseid", Map.of("DromedarClaims", Map.of("a", "x".repeat(4100))))
                        .getException())
                .hasMessageContaining("cannot be written as JSON of at most 4096 characters");
        assertThat(send("helseid", Map.of("DromedarClaims", Map.of("a\u0007", 1)))
                        .getException())
                .hasMessageContaining("which no claim can have");
    }

    @Test
    void whatTheAuthorityRefusesIsReportedInWords() {
        assertThat(send("call", Map.of("DromedarConsumerOrganisation", "983744516"))
                        .getException())
                .hasMessageContaining("MP-251: the organisation in consumer_org has not delegated the scope to yours");
    }
}
