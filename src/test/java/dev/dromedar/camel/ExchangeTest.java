package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.sandbox.Authority;
import dev.dromedar.sandbox.AuthorityRules;
import dev.dromedar.sandbox.Client;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Request;
import dev.dromedar.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A second token for the first: Altinn's for Maskinporten's, and RFC 8693. */
@Tag("long")
class ExchangeTest {
    private static final String KEY = "dromedar.api.app.";

    private final Worker worker = new Worker();
    private final Authority first = worker.sandbox.authority("maskinporten", AuthorityRules.maskinporten());
    private final Authority second = worker.sandbox.authority("altinn", AuthorityRules.oauth2());
    private final ProtectedApi app = worker.sandbox.add(
            Registration.helseid("app").withoutDpop().withScope("altinn:read").withSecret("s3cr3t of the second"),
            second);
    private final Client client = first.register("first-client", Set.of("altinn:read"), false);
    private final Map<String, String> properties = new LinkedHashMap<>();

    ExchangeTest() {
        second.exchanges(first, "altinn:read");
        properties.put(KEY + "profile", "maskinporten");
        properties.put(KEY + "base-address", app.baseAddress().toString());
        properties.put(KEY + "authority", first.issuer());
        properties.put(KEY + "client-id", client.id());
        properties.put(KEY + "private-key", client.addKey("RS256").toJSONString());
        properties.put(KEY + "scope", "altinn:read");
        properties.put(KEY + "exchange", second.origin().uri() + "/authentication/api/v1/exchange/maskinporten");
    }

    @AfterEach
    void close() {
        worker.close();
    }

    private Exchange call(String... more) throws Exception {
        if (worker.context.isStarted()) {
            return worker.send("call");
        }
        for (int i = 0; i < more.length; i += 2) {
            properties.put(KEY + more[i], more[i + 1]);
        }
        properties.forEach(worker::set);
        worker.route("call", "process: {ref: app}", "to: \"" + app.baseAddress() + "/x\"")
                .start();
        return worker.send("call");
    }

    private long requests() {
        return tokens(first, "/connect/token").size();
    }

    private long exchanges() {
        return (long) tokens(second, "/authentication/").size()
                + tokens(second, "/connect/exchange").size();
    }

    private static List<Request> tokens(Authority authority, String path) {
        return authority.origin().received().stream()
                .filter(request -> request.path().startsWith(path))
                .toList();
    }

    private String lastIssuer() throws Exception {
        String sent = String.valueOf(lastCall().header("Authorization")).replaceFirst("Bearer ", "");
        return SignedJWT.parse(sent).getJWTClaimsSet().getIssuer();
    }

    @Test
    void theApiGetsTheSecondTokenWhoseEndIsReadFromIt() throws Exception {
        second.tokenLifetime(Duration.ofMinutes(30));

        assertThat(call().getException()).isNull();
        assertThat(call().getException()).isNull();

        assertThat(lastIssuer()).isEqualTo(second.issuer());
        assertThat(requests()).isOne();
        assertThat(exchanges()).isOne();
        assertThat(worker.seen("app").token().lifetime()).isBetween(Duration.ofSeconds(1780), Duration.ofSeconds(1801));
    }

    @Test
    void whatTheApiRefusesIsExchangedAgainAndTheFirstTokenStays() throws Exception {
        call();
        call();
        app.answers(401, Header.invalidToken("Bearer")).then(200);

        assertThat(call().getException()).isNull();

        assertThat(requests()).isOne();
        assertThat(exchanges()).isEqualTo(2);
    }

    @Test
    void aFirstTokenThatTheExchangeRefusesIsRequestedAgain() throws Exception {
        call();
        first.revokeTokens();
        second.revokeTokens();

        assertThat(call().getException()).isNull();

        assertThat(requests()).isEqualTo(2);
        assertThat(exchanges()).isEqualTo(3);
    }

    @Test
    void aNewFirstTokenThatIsRefusedTooIsNotRequestedAgainAndAgain() throws Exception {
        second.exchangeRequires("X-Altinn-EnterpriseUser-Authentication", "dXNlcjpwYXNz");

        Exchange exchange = call();

        assertThat(exchange.getException())
                .hasMessageContaining("app: the exchange at " + second.origin().uri())
                .hasMessageContaining("was refused: invalid_token (HTTP 401). Check that");
        assertThat(requests()).isOne();
        assertThat(exchanges()).isOne();
        assertThat(app.received()).isEmpty();
    }

    @Test
    void theExchangeHasHeadersOfItsOwn() throws Exception {
        second.exchangeRequires("X-Altinn-EnterpriseUser-Authentication", "dXNlcjpwYXNz");

        assertThat(call("exchange-header.X-Altinn-EnterpriseUser-Authentication", "dXNlcjpwYXNz")
                        .getException())
                .isNull();

        assertThat(lastCall().header("X-Altinn-EnterpriseUser-Authentication")).isNull();
        assertThat(tokens(first, "/"))
                .noneMatch(request -> request.header("X-Altinn-EnterpriseUser-Authentication") != null);
    }

    private Request lastCall() {
        return app.received().get(app.received().size() - 1);
    }

    @Test
    void manyCallersShareOneFlightOverBoth() throws Exception {
        properties.forEach(worker::set);
        worker.route("call", "process: {ref: app}", "to: \"" + app.baseAddress() + "/x\"")
                .start();
        var executor = Executors.newFixedThreadPool(16);
        List<Future<Exchange>> all = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            all.add(executor.submit(() -> worker.send("call")));
        }
        for (Future<Exchange> one : all) {
            assertThat(one.get().getException()).isNull();
        }
        executor.shutdown();

        assertThat(requests()).isOne();
        assertThat(exchanges()).isOne();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    a page instead of a token | 200 | <html>no</html>   | holds no token that can be sent
                    an empty answer           | 200 | ''                | holds no token that can be sent
                    a number                  | 200 | {"access_token":7} | holds no token that can be sent
                    a redirect                | 302 | ''                | HTTP 302
                    an outage                 | 503 | secret words      | HTTP 503
                    a refusal                 | 403 | secret words      | HTTP 403
                    """)
    void anExchangeThatGivesNoTokenFailsTheCall(String name, int status, String body, String reported)
            throws Exception {
        second.origin()
                .fault(((Fault) (request, server) -> dev.dromedar.sandbox.Answer.of(status, "text/plain", body))
                        .at("/authentication"));

        Exchange exchange = call();

        assertThat(exchange.getException())
                .hasMessageContaining(reported)
                .hasMessageContaining(second.origin().uri().toString());
        assertThat(exchange.getException().getMessage()).doesNotContain("secret words", "html");
        assertThat(app.received()).isEmpty();
    }

    @Test
    void tokenExchangeIsTheSameSeam() throws Exception {
        String address = second.origin().uri() + "/connect/exchange";

        assertThat(call(
                                "exchange",
                                address,
                                "exchange-grant",
                                "token-exchange",
                                "exchange-audience",
                                "urn:sandbox:app",
                                "exchange-client-id",
                                app.client().id(),
                                "exchange-client-secret",
                                app.client().secret())
                        .getException())
                .isNull();

        assertThat(lastIssuer()).isEqualTo(second.issuer());
        first.revokeTokens();
        second.revokeTokens();
        assertThat(call().getException()).isNull();
        assertThat(requests()).isEqualTo(2);
    }

    @Test
    void aRefusedClientOfTheExchangeIsToldItsOwnKeys() throws Exception {
        Exchange exchange = call(
                "exchange",
                second.origin().uri() + "/connect/exchange",
                "exchange-grant",
                "token-exchange",
                "exchange-client-id",
                app.client().id(),
                "exchange-client-secret",
                "another");

        assertThat(exchange.getException())
                .hasMessageContaining("was refused: invalid_client (HTTP 400). Check exchange-client-id and"
                        + " exchange-client-secret, and that this client may exchange tokens there.");
    }

    @Test
    void theClientsOwnCredentialsDoNotGoToAnothersExchange() throws Exception {
        properties.remove(KEY + "private-key");
        assertThat(call(
                                "profile",
                                "oauth2",
                                "authority",
                                "https://authority.example",
                                "token-endpoint",
                                worker.sandbox.duende().issuer() + "/connect/token",
                                "client-id",
                                worker.sandbox.api("orders").client().id(),
                                "client-secret",
                                worker.sandbox.api("orders").client().secret(),
                                "scope",
                                "orders.read",
                                "exchange",
                                second.origin().uri() + "/connect/exchange",
                                "exchange-grant",
                                "token-exchange")
                        .getException())
                .isNotNull();

        assertThat(tokens(second, "/connect/exchange")).isNotEmpty().allSatisfy(request -> {
            assertThat(request.header("Authorization")).isNull();
            assertThat(request.body()).doesNotContain("client_secret", "client_assertion", "client_id");
        });
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(delimiter = '|', textBlock = """
                    exchange                | http://platform.example/x | must use https
                    exchange                | https://platform.example/x#y | must end before '#'
                    exchange-audience       | x | has no effect without exchange-grant = token-exchange
                    exchange-header.Host    | x | cannot be set here
                    exchange-header.Authorization | x | cannot be set here
                    exchange-grant          | post | is not known. Use one of: get, token-exchange
                    """)
    void aSettingThatCannotWorkIsAFault(String key, String value, String reported) {
        properties.put(KEY + key, value);

        assertThat(faults()).contains(key).contains(reported);
    }

    @Test
    void settingsWithoutExchangeHaveNoEffect() {
        properties.remove(KEY + "exchange");
        properties.put(KEY + "exchange-header.x", "y");
        properties.put(KEY + "exchange-grant", "get");

        assertThat(faults())
                .contains("exchange-header.x: has no effect without exchange", "exchange-grant: has no effect without");
    }

    private String faults() {
        try {
            Settings.read(properties, Worker.placeholders(properties));
            return "";
        } catch (InvalidSettings e) {
            return String.join("\n", e.faults());
        }
    }
}
