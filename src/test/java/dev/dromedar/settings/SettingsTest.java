package dev.dromedar.settings;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.dromedar.Proves;
import dev.dromedar.camel.Worker;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.ClientAuthentication;
import dev.dromedar.oauth.InvalidSettings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class SettingsTest {
    private static final JWK KEY = key();

    private final Map<String, String> properties = new LinkedHashMap<>();

    private static RSAKey key() {
        try {
            return new RSAKeyGenerator(2048).keyID("k1").generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private SettingsTest helseid() {
        set("profile", "helseid");
        set("base-address", "https://api1.example.no");
        set("authority", "https://helseid.example.no");
        set("client-id", "c1");
        set("private-key", KEY.toJSONString());
        set("scope", "b a");
        return this;
    }

    private SettingsTest duende() {
        set("profile", "duende");
        set("base-address", "https://api2.example.no/v1");
        set("authority", "https://identity.example.no");
        set("client-id", "worker");
        set("client-secret", "s3cret");
        return this;
    }

    private void set(String key, String value) {
        properties.put("dromedar.api.records." + key, value);
    }

    private ApiSettings read() {
        return Settings.read(properties, Worker.placeholders(properties)).apis().get(0);
    }

    private List<String> faults() {
        try {
            Settings.read(properties, Worker.placeholders(properties));
            return List.of();
        } catch (InvalidSettings e) {
            return e.faults();
        }
    }

    @Test
    @Proves("HelseID assertion lifetime")
    void fillsTheDefaultsOfHelseId() {
        ApiSettings api = helseid().read();

        assertThat(api.client().proof()).isEqualTo(new ApiSettings.Proof(null, SignatureAlgorithm.ES256));
        assertThat(api.tokens().request().scope()).containsExactly("a", "b");
        assertThat(api.tokens().scopePolicy()).isEqualTo(ApiSettings.ScopePolicy.WARN);
        assertThat(api.tokens().timeLimit()).isEqualTo(Duration.ofSeconds(20));
        assertThat(api.tokens().renewAhead()).isEqualTo(Duration.ofMinutes(1));
        assertThat(api.calls().repeatableBody()).isEqualTo(1024 * 1024);
        assertThat(api.client().authentication())
                .isInstanceOfSatisfying(ClientAuthentication.PrivateKeyJwt.class, jwt -> {
                    assertThat(jwt.assertion().type()).isEqualTo("client-authentication+jwt");
                    assertThat(jwt.assertion().lifetime()).isEqualTo(Duration.ofSeconds(10));
                    assertThat(jwt.key().algorithm()).isEqualTo(SignatureAlgorithm.PS256);
                });
    }

    @Test
    void fillsTheDefaultsOfDuende() {
        ApiSettings api = duende().read();

        assertThat(api.client().proof()).isNull();
        assertThat(api.client().authentication()).isInstanceOf(ClientAuthentication.SecretBasic.class);
        assertThat(api.tokens().request().scope()).isEmpty();
    }

    /** Otherwise it would be found missing when a node has died, and the run would be lost. */
    @Test
    void aRunThatIsNotRepeatedNeedsTheKeyOfDeadLetters() {
        properties.put("dromedar.cluster.address", "jdbc:postgresql://localhost/postgres");
        assertThat(faults()).isEmpty();

        properties.put("dromedar.cluster.repeat-interrupted-except", "transfer");

        assertThat(faults()).singleElement().asString().startsWith("dromedar.dead-letters.secret-key: missing.");
        properties.put("dromedar.dead-letters.sealed", "false");
        assertThat(faults()).isEmpty();
    }

    @Test
    void takesEveryKeySetToSomethingElse() {
        helseid();
        set("profile", "oauth2");
        set("client-authentication", "private_key_jwt");
        set("key-algorithm", "RS512");
        set("assertion-lifetime", "PT45S");
        set("resource", "https://a.example https://b.example");
        set("dpop", "true");
        set("dpop-algorithm", "ES384");
        set("scope-policy", "fail");
        set("time-limit", "5s");
        set("renew-ahead", "2m");
        set("repeatable-body", "10");

        ApiSettings api = read();

        assertThat(api.name()).isEqualTo("records");
        assertThat(api.baseAddress()).isEqualTo(URI.create("https://api1.example.no"));
        assertThat(api.authority().issuer()).isEqualTo("https://helseid.example.no");
        assertThat(api.client().id()).isEqualTo("c1");
        assertThat(api.client().proof()).isEqualTo(new ApiSettings.Proof(null, SignatureAlgorithm.ES384));
        assertThat(api.tokens().request().resource()).containsExactly("https://a.example", "https://b.example");
        assertThat(api.tokens().scopePolicy()).isEqualTo(ApiSettings.ScopePolicy.FAIL);
        assertThat(api.tokens().timeLimit()).isEqualTo(Duration.ofSeconds(5));
        assertThat(api.tokens().renewAhead()).isEqualTo(Duration.ofMinutes(2));
        assertThat(api.calls().repeatableBody()).isEqualTo(10);
        assertThat(api.client().authentication())
                .isInstanceOfSatisfying(ClientAuthentication.PrivateKeyJwt.class, jwt -> {
                    assertThat(jwt.assertion().lifetime()).isEqualTo(Duration.ofSeconds(45));
                    assertThat(jwt.key().algorithm()).isEqualTo(SignatureAlgorithm.RS512);
                });
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(delimiter = '|', textBlock = """
                    base-address          | http://api.example.no    | must use https
                    base-address          | api.example.no           | is no address
                    base-address          | https://api.example.no?a | must end before
                    authority             | http://helseid.example   | must use https
                    profile               | helsid                   | Use one of:
                    client-authentication | client_secret_basic      | breaks a rule of the profile helseid
                    client-authentication | basic                    | Use one of:
                    assertion-lifetime    | 61s                      | more than the 60s
                    assertion-lifetime    | soon                     | is no time
                    key-algorithm         | none                     | Use one of:
                    dpop                  | yes                      | neither true nor false
                    dpop-algorithm        | RS256                    | Use one of: ES256, ES384, ES512
                    repeatable-body       | -1                       | no whole number
                    time-limit            | 1h                       | must be from 1s to 5m
                    client-secret         | hunter2                  | is not used with private_key_jwt
                    private-key           | {{file:/etc/passwd}}     | {{secretfile:path}}
                    private-key           | {{secretfile:nope.json}} | there is no file 'nope.json'
                    private-key           | not a key                | is not a key
                    client-idd            | x                        | Did you mean dromedar.api.records.client-id?
                    """)
    @Proves({"HelseID assertion lifetime", "HelseID SK2"})
    void tellsEachFaultWithItsKeyAndTheCure(String key, String value, String told) {
        helseid();
        set(key, value);

        assertThat(faults()).anySatisfy(fault -> assertThat(fault)
                .startsWith("dromedar.api.records." + key + ": ")
                .contains(told.strip()));
    }

    @Test
    void neverTellsASecret() {
        helseid();
        set("client-secret", "hunter2");
        set("private-key", "{\"kty\":\"RSA\",\"d\":\"hunter3\"}");

        assertThat(faults()).isNotEmpty().noneMatch(fault -> fault.contains("hunter"));
    }

    @ParameterizedTest
    @CsvSource({"profile", "base-address", "authority", "client-id", "private-key", "scope"})
    @Proves("HelseID SK3")
    void tellsWhatIsMissing(String key) {
        helseid();
        properties.remove("dromedar.api.records." + key);

        assertThat(faults()).anyMatch(fault -> fault.startsWith("dromedar.api.records." + key + ": missing. "));
    }

    @Test
    @Proves("HelseID assertion header")
    void tellsAKeyWithoutKid() throws JOSEException {
        helseid();
        set(
                "private-key",
                new ECKeyGenerator(com.nimbusds.jose.jwk.Curve.P_256).generate().toJSONString());

        assertThat(faults()).singleElement().asString().contains("has no 'kid'");
    }

    @Test
    @Proves("HelseID algorithms")
    void tellsAKeyThatCannotSignAsStated() {
        helseid();
        set("key-algorithm", "ES256");

        assertThat(faults())
                .singleElement()
                .asString()
                .contains("private-key: is an RSA key and cannot sign with ES256");
    }

    @Test
    void refusesCamelsCommandLineBesideAnAuditFile() {
        helseid();
        properties.put("dromedar.camel-cli", "true");
        properties.put("dromedar.audit", "true");
        assertThat(faults()).isEmpty();

        properties.put("dromedar.audit", "file:data/audit/audit.jsonl");
        assertThat(faults())
                .singleElement()
                .asString()
                .startsWith("dromedar.camel-cli: what is done by Camel's command line cannot be recorded");
    }

    @Test
    void tellsAPublicKey() {
        helseid();
        set("private-key", KEY.toPublicJWK().toJSONString());

        assertThat(faults()).singleElement().asString().contains("is a public key");
    }

    @Test
    void tellsAllFaultsAtOnce() {
        helseid();
        set("authority", "http://helseid.example");
        set("time-limit", "never");
        properties.put("dromedar.api.Lab.profile", "duende");
        properties.put("dromedar.tls.ca-fil", "x");

        assertThat(faults()).hasSizeGreaterThanOrEqualTo(5);
    }

    @Test
    void readsASecretFromAFileWithoutItsLineEnd(@TempDir Path folder) throws java.io.IOException {
        Path file = Files.writeString(folder.resolve("secret"), "s3{{cret}}\n");
        duende();
        set("client-secret", "{{secretfile:" + file + "}}");

        assertThat(read().client().authentication())
                .isInstanceOfSatisfying(ClientAuthentication.SecretBasic.class, basic -> assertThat(
                                basic.credential().current().reveal())
                        .isEqualTo("s3{{cret}}"));
    }

    @Test
    @Proves("HelseID SK1")
    void takesHttpForThisMachineOnly() {
        duende();
        set("base-address", "http://localhost:8080/v1");
        set("authority", "http://127.0.0.1:8081");

        assertThat(faults()).isEmpty();
    }

    @ParameterizedTest
    @FieldSource("dev.dromedar.settings.KeyNames#OF_AN_API")
    void knowsEveryKeyThatItReads(String key) {
        helseid();
        set(key, properties.getOrDefault("dromedar.api.records." + key, "x"));

        assertThat(faults()).noneMatch(fault -> fault.startsWith("dromedar.api.records." + key + ": unknown"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    audience             | has no effect with client_secret_basic
                    assertion-lifetime   | has no effect with client_secret_basic
                    assertion-type       | has no effect with client_secret_basic
                    certificate          | has no effect with client_secret_basic
                    certificate-header   | has no effect with client_secret_basic
                    key-algorithm        | has no effect with client_secret_basic
                    key-id               | has no effect with client_secret_basic
                    claim.purpose        | has no effect with client_secret_basic
                    key-alias            | has no effect with client_secret_basic
                    key-store-password   | has no effect with client_secret_basic
                    private-key-password | has no effect with client_secret_basic
                    dpop-algorithm       | has no effect without DPoP
                    dpop-key             | has no effect without DPoP
                    tls-key-alias        | has no effect without tls-key-store
                    tls-private-key-password | has no effect without tls-private-key
                    """)
    void tellsAKeyThatHasNoEffectBesideTheOthers(String key, String told) {
        duende();
        String value = Map.of(
                        "assertion-lifetime", "30s",
                        "certificate-header", "x5c",
                        "key-algorithm", "PS256",
                        "dpop-algorithm", "ES256",
                        "dpop-key", "own")
                .getOrDefault(key, "x");
        set(key, value);

        assertThat(faults()).singleElement().asString().startsWith("dromedar.api.records." + key + ": " + told);
    }

    @Test
    void saysThatBackslashesAreEaten() {
        helseid();
        properties.remove("dromedar.api.records.private-key");
        set("key-store", "C:certsx.p12");

        assertThat(faults()).anyMatch(fault -> fault.endsWith("write the path with '/', like C:/certs/key.p12."));
    }
}
