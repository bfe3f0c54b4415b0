package dev.dromedar.settings;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.dromedar.Proves;
import dev.dromedar.camel.Worker;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.ApiSettings.Endpoints;
import dev.dromedar.oauth.AssertionDetails;
import dev.dromedar.oauth.Audience;
import dev.dromedar.oauth.ClientAuthentication;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.KeyName;
import dev.dromedar.oauth.Profile;
import dev.dromedar.oauth.Transport;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of each profile, and every choice that a property leaves open. */
class ApiReaderTest {
    private static final RSAKey RSA = rsa();
    private static final ECKey EC = ec();

    private static RSAKey rsa() {
        try {
            return new RSAKeyGenerator(2048).keyID("k1").generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ECKey ec() {
        try {
            return new ECKeyGenerator(Curve.P_384).keyID("k2").generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private final Map<String, String> properties = new LinkedHashMap<>();

    private ApiReaderTest block(String profile) {
        set("profile", profile);
        set("base-address", "https://api.example.no");
        set("authority", profile.equals("maskinporten") ? "https://authority.example/" : "https://authority.example");
        set("client-id", "c1");
        switch (profile) {
            case "entra" -> set("client-secret", "s3cret");
            case "duende", "keycloak", "oauth2" -> set("client-secret", "s3cret");
            case "smart-backend" -> set("private-key", EC.toJSONString());
            default -> set("private-key", RSA.toJSONString());
        }
        set(
                "scope",
                profile.equals("entra")
                        ? "api://orders/.default"
                        : profile.equals("smart-backend") ? "system/Patient.rs" : "a b");
        return this;
    }

    private void set(String key, String value) {
        properties.put("dromedar.api.x." + key, value);
    }

    private ApiSettings read() {
        return Settings.read(properties, Worker.placeholders(properties)).apis().get(0);
    }

    private List<String> faults() {
        try {
            read();
            return List.of();
        } catch (InvalidSettings e) {
            return e.faults();
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    helseid       | PRIVATE_KEY_JWT     | client-authentication+jwt | ISSUER         | 10  | PS256 | KID      | true
                    duende        | CLIENT_SECRET_BASIC | ''                        | ''             | ''  | ''    | ''       | false
                    maskinporten  | NONE                | JWT                       | ISSUER         | 60  | RS256 | KID      | false
                    entra         | CLIENT_SECRET_POST  | ''                        | ''             | ''  | ''    | ''       | false
                    keycloak      | CLIENT_SECRET_BASIC | ''                        | ''             | ''  | ''    | ''       | false
                    smart-backend | PRIVATE_KEY_JWT     | JWT                       | TOKEN_ENDPOINT | 60  | ES384 | KID      | false
                    oauth2        | CLIENT_SECRET_BASIC | ''                        | ''             | ''  | ''    | ''       | false
                    """)
    @Proves({"FAPI 2.0 5.3.3.1 aud", "RFC 8725 3.8, 3.9, 3.11, 3.12"})
    void eachProfileFillsItsDefaults(
            String profile,
            String method,
            String type,
            String audience,
            String lifetime,
            String algorithm,
            String name,
            boolean proof) {
        ApiSettings api = block(profile).read();

        assertThat(api.client().authentication().method()).hasToString(method);
        assertThat(api.client().proof())
                .isEqualTo(proof ? new ApiSettings.Proof(null, SignatureAlgorithm.ES256) : null);
        assertThat(api.tokens().parameters()).isEmpty();
        assertThat(api.tokens().assertionDetails()).isEqualTo(AssertionDetails.NONE);
        assertThat(api.tokens().request().assertionDetails()).isNull();
        assertThat(api.authority().endpoints()).isEqualTo(Endpoints.DISCOVERED);
        assertThat(api.authority().transport()).isEqualTo(Transport.USUAL);
        assertThat(api.calls().transport()).isEqualTo(Transport.USUAL);
        ClientAuthentication.AssertionForm form = form(api);
        if (form != null) {
            assertThat(form.type()).isEqualTo(type);
            assertThat(form.audience()).hasToString(audience);
            assertThat(form.otherAudience()).isNull();
            assertThat(form.lifetime()).isEqualTo(Duration.ofSeconds(Long.parseLong(lifetime)));
            assertThat(form.keyName()).hasToString(name);
            assertThat(form.claims()).isEmpty();
            assertThat(api.client().authentication().key()).satisfies(key -> assertThat(
                            key == null ? "" : key.algorithm().name())
                    .isEqualTo(algorithm));
        }
    }

    private static ClientAuthentication.@org.jspecify.annotations.Nullable AssertionForm form(ApiSettings api) {
        return api.client().authentication() instanceof ClientAuthentication.PrivateKeyJwt jwt
                ? jwt.assertion()
                : api.client().authentication() instanceof ClientAuthentication.JwtBearerGrant grant
                        ? grant.assertion()
                        : null;
    }

    @Test
    void takesEveryChoiceOfAnAssertion() {
        block("oauth2");
        properties.remove("dromedar.api.x.client-secret");
        set("private-key", RSA.toJSONString().replace("\"kid\":\"k1\",", ""));
        set("key-id", "k9");
        set("grant", "jwt-bearer");
        set("assertion-type", "other+jwt");
        set("audience", "urn:someone");
        set("assertion-lifetime", "3m");
        set("claim.text", "t");
        set("claim.sub", "somebody");
        set("claim.list", "[1,\"a\"]");
        set("token-parameter.acr", "high");
        set("dpop", "true");
        set("metadata-path", "/.well-known/mine");
        set("proxy", "proxy.example:3128");
        set("proxy-user", "u");
        set("proxy-password", "p");
        set("proxy-for", "authority");
        set("connect-time-limit", "700ms");

        ApiSettings api = read();

        assertThat(api.client().authentication()).isInstanceOf(ClientAuthentication.JwtBearerGrant.class);
        assertThat(form(api))
                .isEqualTo(new ClientAuthentication.AssertionForm(
                        "other+jwt",
                        Duration.ofMinutes(3),
                        Audience.ISSUER,
                        "urn:someone",
                        KeyName.KID,
                        Map.of("text", "t", "sub", "somebody", "list", List.of(1, "a"))));
        assertThat(String.valueOf(api.client().authentication().key()))
                .startsWith("SigningKey(RS256, kid k9, thumbprint ");
        assertThat(api.tokens().parameters()).isEqualTo(Map.of("acr", "high"));
        assertThat(api.authority().endpoints()).isEqualTo(new Endpoints("/.well-known/mine", null));
        assertThat(api.authority().transport().connectLimit()).isEqualTo(Duration.ofMillis(700));
        assertThat(api.authority().transport().proxy()).hasToString("proxy.example:3128");
        assertThat(api.calls().transport()).isEqualTo(Transport.USUAL);
    }

    /** RFC 7521 section 4.1: client authentication is optional with a grant, not forbidden. */
    @Test
    void takesASecretBesidesAGrant() {
        block("oauth2");
        set("private-key", RSA.toJSONString());
        set("grant", "jwt-bearer");
        set("client-authentication", "client_secret_post");

        ApiSettings api = read();

        assertThat(api.client().authentication().inWords()).isEqualTo("the JWT grant with client_secret_post");
        assertThat(api.credentials())
                .extracting(dev.dromedar.keys.Followed::name)
                .containsExactly("dromedar.api.x.private-key", "dromedar.api.x.client-secret");
        assertThat(api.client().authentication().toString()).doesNotContain("s3cret");
    }

    @Test
    void takesTheClientsKeyForDpopAndATokenEndpointWithoutDiscovery() {
        block("helseid");
        set("dpop-key", "client");
        set("token-endpoint", "https://authority.example/other/token");

        ApiSettings api = read();

        assertThat(Objects.requireNonNull(api.client().proof()).key())
                .isSameAs(api.client().authentication().credential());
        assertThat(api.authority().endpoints())
                .isEqualTo(new Endpoints(null, URI.create("https://authority.example/other/token")));
    }

    @Test
    @Proves("HelseID FK5")
    void takesHelseIdsFinerRules() {
        block("helseid");
        set("organisation-tenancy", "multi");
        set("organisation-parent", "313745392");
        set("organisation-child", "999977775");
        set("organisation-check", "digits");
        set("organisation-trailing-colon", "true");
        set("sfm-journal-id", "j-1");
        set("assertion-details", "[{\"type\":\"one\",\"a\":1}]");

        ApiSettings api = read();

        assertThat(api.tokens().assertionDetails())
                .isEqualTo(new AssertionDetails(
                        true, true, false, "313745392", "999977775", "j-1", List.of(Map.of("type", "one", "a", 1))));
    }

    @ParameterizedTest(name = "{0}: {1} = {2}")
    @CsvSource(delimiter = '|', textBlock = """
                    helseid       | client-authentication | tls_client_auth            | HelseID accepts only private_key_jwt
                    helseid       | assertion-lifetime    | 61s                        | HelseID accepts an assertion that lives 60 s at most
                    helseid       | audience              | https://authority.example/ | HelseID accepts only its issuer identifier
                    helseid       | assertion-type        | JWT                        | breaks a rule of the profile helseid
                    helseid       | resource              | https://a.no https://b.no  | HelseID accepts one resource
                    helseid       | resource              | orders                     | must be an absolute URI
                    helseid       | resource              | https://a.no#x             | must be an absolute URI
                    helseid       | grant                 | jwt-bearer                 | breaks a rule of the profile helseid
                    helseid       | organisation-child    | 999977775                  | its last digit does not fit the others (modulus 11)
                    helseid       | organisation-child    | 12345678                   | nine digits are needed
                    helseid       | organisation-tenancy  | many                       | Use one of:
                    helseid       | sfm-journal-id        | ' '                        | is empty
                    helseid       | assertion-details     | {"a":1}                    | hold an element without a 'type'
                    helseid       | assertion-details     | nonsense                   | are no JSON
                    helseid       | claim.sub             | other                      | has its own property
                    helseid       | claim.x               | {"a":                      | begins like JSON and is none
                    helseid       | token-parameter.scope | other                      | has its own property
                    helseid       | header.authorization  | Bearer x                   | cannot be set here
                    helseid       | header.Content-Length | 7                          | cannot be set here
                    helseid       | header.a b            | 7                          | is not a header name
                    helseid       | header.x-key          | blåbær                     | printable ASCII
                    oauth2        | rate                  | 10                         | is no rate
                    oauth2        | rate                  | 0/s                        | is no rate
                    oauth2        | limit-wait            | 5s                         | has no effect without rate or concurrency
                    oauth2        | breaker-time          | 5s                         | has no effect without breaker
                    oauth2        | breaker               | 0                          | is no whole number
                    helseid       | metadata-path         | wellknown                  | must be a path that begins with '/'
                    helseid       | token-endpoint        | http://a.example/token     | must use https
                    helseid       | proxy                 | https://proxy.example:1    | must be like http://proxy.example.no:3128
                    helseid       | proxy                 | http://u:p@proxy.example:1 | must be like http://proxy.example.no:3128
                    helseid       | proxy-user            | u                          | there is none. Set proxy
                    helseid       | proxy-for             | api                        | has no effect without
                    helseid       | tls-certificate-for   | api                        | has no effect without
                    helseid       | tls-certificate       | x                          | has no key. Set tls-private-key
                    helseid       | tls-ca-file           | nowhere.pem                | cannot be read as PEM certificates
                    helseid       | key-store             | nowhere.p12                | both name a key
                    helseid       | dpop-key              | mine                       | Use one of:
                    helseid       | certificate-header    | x5c                        | HelseID finds the key by kid
                    helseid       | key-expires           | 1.3.2027                   | Write it like 2027-03-01
                    helseid       | assertion-lifetime    | 60500                      | '60500ms' is more than the 60s
                    helseid       | assertion-lifetime    | 2h                         | HelseID accepts an assertion that lives 60 s at most
                    helseid       | scope                 | a"b                        | holds a character that no scope may have
                    duende        | assertion-lifetime    | 301s                       | Duende IdentityServer accepts an assertion that lives 5 minutes
                    maskinporten  | dpop                  | true                       | Maskinporten issues Bearer tokens only
                    maskinporten  | authority             | https://maskinporten.no    | Maskinporten's issuer ends with a slash
                    maskinporten  | assertion-lifetime    | 121s                       | Maskinporten accepts an assertion that lives 120 s at most
                    maskinporten  | key-algorithm         | PS256                      | Maskinporten accepts RS256, RS384 and RS512
                    maskinporten  | client-authentication | private_key_jwt            | Maskinporten's JWT grant has no client authentication
                    maskinporten  | client-secret         | s                          | is not used with the JWT grant
                    maskinporten  | certificate-header    | x5t#S256                   | Maskinporten finds the key by kid, or by x5c
                    maskinporten  | organisation-child    | 883974832                  | is HelseID's
                    entra         | scope                 | api://orders/read          | with /.default at its end
                    entra         | scope                 | a/.default b/.default      | has 2 scopes
                    entra         | resource              | https://a.no               | knows no resource
                    entra         | dpop                  | true                       | issues Bearer tokens only
                    entra         | certificate-header    | kid                        | finds the key by x5t#S256, or by x5c
                    entra         | client-authentication | tls_client_auth            | accepts client_secret_post, client_secret_basic and private_key_jwt
                    keycloak      | resource              | https://a.no               | knows no resource
                    keycloak      | client-authentication | tls_client_auth            | is not used with tls_client_auth
                    keycloak      | dpop-key              | client                     | needs a client with a key
                    smart-backend | scope                 | patient/Patient.rs         | scopes that begin with system/
                    smart-backend | key-algorithm         | ES512                      | SMART Backend Services accepts RS384 and ES384
                    smart-backend | key-algorithm         | RS384                      | is an EC key on P-384 and cannot sign with RS384
                    smart-backend | certificate-header    | x5c                        | SMART Backend Services finds the key by kid
                    smart-backend | assertion-lifetime    | 301s                       | lives 5 minutes at most
                    maskinporten  | private-key           | EC                         | Maskinporten accepts RS256, RS384 and RS512
                    maskinporten  | audience              | https://maskinporten.no/   | Maskinporten accepts only its issuer identifier
                    entra         | assertion-lifetime    | 601s                       | lives 10 minutes at most
                    keycloak      | assertion-lifetime    | 61s                        | lives 60 s at most
                    oauth2        | key-store-type        | Windows-MY                 | is not used with client_secret_basic
                    oauth2        | client-authentication | none                       | jwt-bearer accepts none or a secret
                    oauth2        | claim.sub             | other                      | has its own property
                    smart-backend | audience              | issuer                     | accepts only its token endpoint
                    smart-backend | dpop                  | true                       | issues Bearer tokens only
                    """)
    @Proves("HelseID SK2")
    void aValueThatBreaksARuleCitesIt(String profile, String key, String value, String told) {
        block(profile);
        if (key.startsWith("dpop-key")) {
            set("dpop", "true");
        }

        set(key, value.equals("EC") ? EC.toJSONString() : value);

        assertThat(faults()).as(key).anySatisfy(fault -> assertThat(fault)
                .contains("dromedar.api.x.")
                .contains(told.strip()));
    }

    @ParameterizedTest
    @CsvSource({"authority", "base-address", "token-endpoint", "proxy"})
    void aPasswordInAnAddressIsNotQuoted(String key) {
        for (String value :
                List.of("https://u:hemmelig@a.example/", "https://u:hem@melig@a.example:1", "http://u:hemmelig@ x")) {
            block("oauth2");
            set(key, value);

            assertThat(faults()).as(value).hasSize(1).allSatisfy(fault -> assertThat(fault)
                    .startsWith("dromedar.api.x." + key + ": ")
                    .doesNotContain("hem"));
        }
    }

    @Test
    void tellsEachFaultOfTheSameKey() {
        block("oauth2");
        set("resource", "orders https://a.no#x https://good.example");

        assertThat(faults()).singleElement().asString().contains("'orders' must be", "'https://a.no#x' must be");
    }

    @Test
    void oneProfileIsAsReadableAsAnother() {
        assertThat(Profile.names())
                .containsExactly("duende", "entra", "helseid", "keycloak", "maskinporten", "oauth2", "smart-backend");
        assertThat(Profile.named("helseid"))
                .satisfies(profile -> assertThat(profile == null ? null : profile.algorithms())
                        .containsExactlyInAnyOrder(SignatureAlgorithm.values()));
    }
}
