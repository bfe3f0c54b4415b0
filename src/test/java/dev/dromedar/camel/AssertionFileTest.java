package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.oauth.CheckStep;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.Time;
import dev.dromedar.sandbox.Authority;
import dev.dromedar.sandbox.AuthorityRules;
import dev.dromedar.sandbox.Check;
import dev.dromedar.sandbox.Platform;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client whose only proof is an assertion that its platform writes into a file. */
@Tag("long")
class AssertionFileTest {
    private static final String KEY = "dromedar.api.stock.";

    private final Worker worker = new Worker();
    private final Authority keycloak = worker.sandbox.authority("keycloak", AuthorityRules.keycloak());
    private final ProtectedApi stock = worker.sandbox.add(
            Registration.helseid("stock").withoutDpop().withScope("stock.read").withSecret("unused"), keycloak);
    private final Platform platform = new Platform("https://cluster.example", "system:serviceaccount:dromedar:worker");
    private final Map<String, String> properties = new LinkedHashMap<>();
    private final Path file;

    AssertionFileTest(@TempDir Path folder) {
        file = folder.resolve("token");
        stock.client().trust(platform);
        properties.put(KEY + "profile", "keycloak");
        properties.put(KEY + "base-address", stock.baseAddress().toString());
        properties.put(KEY + "authority", keycloak.issuer());
        properties.put(KEY + "client-id", stock.client().id());
        properties.put(KEY + "client-assertion-file", file.toString());
        properties.put(KEY + "scope", "stock.read");
    }

    @AfterEach
    void close() {
        worker.close();
    }

    private static long inSeconds(long seconds) {
        return Clock.systemUTC().instant().getEpochSecond() + seconds;
    }

    private String write(String audience, long seconds) throws IOException {
        String assertion = platform.assertion(audience, inSeconds(seconds));
        Files.writeString(file, assertion + "\n");
        return assertion;
    }

    private void start() throws Exception {
        properties.forEach(worker::set);
        worker.route("call", "process: {ref: stock}", "to: \"" + stock.baseAddress() + "/x\"")
                .start();
    }

    private String lastAssertion() {
        var requested = keycloak.origin().received().stream()
                .filter(request -> request.path().equals("/connect/token"))
                .toList();
        String body = requested.get(requested.size() - 1).body();
        return body.replaceFirst(".*client_assertion=([^&]*).*", "$1");
    }

    @Test
    void theFileIsReadAnewForEachRequest() throws Exception {
        String first = write(keycloak.issuer(), 600);
        start();
        assertThat(worker.send("call").getException()).isNull();
        assertThat(lastAssertion()).isEqualTo(first);
        String second = write(keycloak.issuer(), 700);
        keycloak.revokeTokens();

        assertThat(worker.send("call").getException()).isNull();

        assertThat(lastAssertion()).isEqualTo(second).isNotEqualTo(first);
    }

    @Test
    void theSandboxRefusesAnAssertionForAnother() throws Exception {
        write("https://another.example", 600);
        start();

        assertThat(worker.send("call").getException())
                .hasMessageContaining("invalid_client")
                .hasMessageContaining("the audience");
        assertThat(keycloak.seen().refusals(Check.ASSERTION_AUD)).isPositive();
    }

    @Test
    void oneThatHasExpiredIsNotSent() throws Exception {
        String assertion = write(keycloak.issuer(), -300);
        start();

        var failure = worker.send("call").getException();

        assertThat(failure)
                .hasMessageContaining("client-assertion-file '" + file + "' expired 5 min ago")
                .hasMessageContaining("the platform has not renewed it");
        assertThat(failure.getMessage()).doesNotContain(assertion.substring(0, 20));
        assertThat(keycloak.origin().received())
                .noneMatch(request -> request.path().equals("/connect/token"));
    }

    @Test
    void oneThatIsGoneFailsTheCall() throws Exception {
        write(keycloak.issuer(), 600);
        start();
        Files.delete(file);

        assertThat(worker.send("call").getException())
                .hasMessageContaining("client-assertion-file '" + file + "' does not exist");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"helseid", "maskinporten", "smart-backend"})
    void isAFaultWhereTheClientMustSign(String profile) throws Exception {
        write(keycloak.issuer(), 600);
        properties.put(KEY + "profile", profile);
        properties.put(KEY + "authority", "https://authority.example/");

        assertThat(faults())
                .contains("stock.client-assertion-file: '" + file + "' breaks a rule of the profile " + profile)
                .contains("accepts only assertions that the client itself signs, with its registered key");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"keycloak", "duende", "oauth2", "entra"})
    void isTakenWhereTheAuthorityMayTrustAPlatform(String profile) throws Exception {
        write(keycloak.issuer(), 600);
        properties.put(KEY + "profile", profile);
        properties.put(KEY + "scope", "api://x/.default");

        assertThat(faults()).isEmpty();
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(delimiter = '|', textBlock = """
                    private-key           | {} | private-key: is not used with client-assertion-file
                    client-secret         | s  | client-secret: is not used with client-assertion-file
                    client-authentication | client_secret_post | 'client_secret_post' is not used with client-assertion-file
                    audience              | x  | audience: has no effect with a client assertion from a file
                    claim.a               | b  | claim.a: has no effect with a client assertion from a file
                    """)
    void whatHasNoEffectBesideItIsAFault(String key, String value, String reported) throws Exception {
        write(keycloak.issuer(), 600);
        properties.put(KEY + key, value);

        assertThat(faults()).contains(reported);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    a secret          | s3cr3t-words          | holds no signed JWT
                    a page            | <html>s3cr3t-words    | holds no signed JWT
                    three parts       | s3cr3t.words.x        | holds no signed JWT
                    nothing           | ''                    | is empty
                    """)
    void aFileThatIsNoJwtIsAFaultAtStart(String name, String content, String reported) throws Exception {
        Files.writeString(file, content);

        assertThat(faults())
                .contains("client-assertion-file: '" + file + "' " + reported)
                .doesNotContain("s3cr3t");
    }

    @Test
    void aMissingFileAndAFolderAreFaultsAtStart() throws Exception {
        assertThat(faults()).contains("' does not exist. Check the path");
        Files.createDirectory(file);
        assertThat(faults()).contains("' is not a file");
    }

    @Test
    void checkShowsWhoseItIsAndHowLongItIsValid() throws Exception {
        String assertion = write(keycloak.issuer(), 600);
        assertThat(check())
                .contains(
                        "ok       assertion",
                        "iss https://cluster.example, sub system:serviceaccount:dromedar:worker, aud [\"")
                .contains("valid for ", "ok       token")
                .doesNotContain(assertion.substring(0, 20));

        write(keycloak.issuer(), -60);
        assertThat(check()).contains("FAILED   assertion", "It expired at").doesNotContain("token  ");
    }

    private String check() throws IOException {
        try (var context = new DefaultCamelContext(false)) {
            var all = new Properties();
            all.putAll(properties);
            context.getPropertiesComponent().setInitialProperties(all);
            List<CheckStep> steps = new ArrayList<>();
            ApiCheck.run(context, "stock", null, null, Time.SYSTEM, steps::add);
            return String.join("\n", steps.stream().map(ApiCheck::line).toList());
        }
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
