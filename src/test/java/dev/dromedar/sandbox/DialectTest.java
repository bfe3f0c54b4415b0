package dev.dromedar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import dev.dromedar.sandbox.Caller.Reply;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What Maskinporten, Entra, SMART servers and HelseID's organisation numbers refuse, each rule by a request that breaks it. */
@Tag("long")
class DialectTest {
    private static final Sandbox SANDBOX = Sandbox.start();
    private static final Authority MASKINPORTEN = SANDBOX.authority("maskinporten", AuthorityRules.maskinporten());
    private static final Authority ENTRA = SANDBOX.authority("entra", AuthorityRules.entra());
    private static final Authority SMART = SANDBOX.authority("smart", AuthorityRules.smartBackend());
    private static final Authority KEYCLOAK = SANDBOX.authority("keycloak", AuthorityRules.keycloak());
    private static final Authority HELSEID = SANDBOX.helseid();

    @AfterAll
    static void close() {
        SANDBOX.close();
    }

    /** A request with its assertion, right at first. */
    private static final class Asked {
        final Authority authority;
        final Client client;
        final Jwt assertion;
        final Map<String, String> form = new LinkedHashMap<>();

        Asked(Authority authority, String algorithm, String scope) {
            this.authority = authority;
            this.client = authority.register("client-" + System.nanoTime(), Set.of(scope.split(" ")), false);
            JWK key = client.addKey(algorithm);
            boolean grant = authority == MASKINPORTEN;
            boolean endpoint = authority == ENTRA || authority == SMART;
            this.assertion = Jwt.assertion(
                            key,
                            client.id(),
                            endpoint ? endpoint(authority) : authority.issuer(),
                            authority.origin().clock().instant())
                    .head("typ", authority == HELSEID ? "client-authentication+jwt" : "JWT");
            if (grant) {
                assertion.without("sub").without("nbf").claim("scope", scope);
                form.put("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
            } else {
                form.put("grant_type", "client_credentials");
                form.put("client_id", client.id());
                form.put("scope", scope);
                form.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
            }
            if (authority == ENTRA) {
                client.certificate("registered-thumbprint");
                assertion.header.remove("kid");
                assertion.head("x5t#S256", "registered-thumbprint");
            }
        }

        Reply send() {
            String name = authority == MASKINPORTEN ? "assertion" : "client_assertion";
            if (!form.containsKey("client_secret")) {
                form.putIfAbsent(name, assertion.compact());
            }
            String body = form.entrySet().stream()
                    .filter(parameter -> !parameter.getValue().isEmpty())
                    .map(parameter -> parameter.getKey() + "=" + Caller.TokenRequest.encode(parameter.getValue()))
                    .collect(Collectors.joining("&"));
            return Caller.send(HttpRequest.newBuilder(URI.create(endpoint(authority)))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(body)));
        }

        private static String endpoint(Authority authority) {
            return authority.origin().uri() + "/connect/token";
        }
    }

    private static Asked asked(Authority authority) {
        return authority == MASKINPORTEN
                ? new Asked(authority, "RS256", "example:orders")
                : authority == ENTRA
                        ? new Asked(authority, "PS256", "api://orders/.default")
                        : authority == SMART
                                ? new Asked(authority, "ES384", "system/Patient.rs")
                                : new Asked(authority, "PS256", "example:orders");
    }

    @TestFactory
    Stream<DynamicTest> grantsWhatKeepsTheRules() {
        return Stream.of(MASKINPORTEN, ENTRA, SMART, KEYCLOAK, HELSEID)
                .map(authority -> DynamicTest.dynamicTest(authority.issuer(), () -> {
                    Reply reply = asked(authority).send();

                    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
                }));
    }

    @TestFactory
    Stream<DynamicTest> refusesWhatBreaksARule() {
        return Stream.of(
                broken(
                        "another grant",
                        MASKINPORTEN,
                        Check.GRANT_TYPE,
                        "unsupported_grant_type",
                        (asked, jwt) -> asked.form.put("grant_type", "client_credentials")),
                broken(
                        "client authentication besides",
                        MASKINPORTEN,
                        Check.CLIENT_AUTHENTICATION,
                        "invalid_request",
                        (asked, jwt) -> asked.form.put("client_assertion", jwt.compact())),
                broken(
                        "scope as a parameter",
                        MASKINPORTEN,
                        Check.SCOPE,
                        "invalid_request",
                        (asked, jwt) -> asked.form.put("scope", "example:orders")),
                broken(
                        "resource as a parameter",
                        MASKINPORTEN,
                        Check.SCOPE,
                        "invalid_request",
                        (asked, jwt) -> asked.form.put("resource", "https://api.example")),
                broken(
                        "a claim it does not know",
                        MASKINPORTEN,
                        Check.ASSERTION_CLAIMS,
                        "invalid_grant",
                        (asked, jwt) -> jwt.claim("nbf", 1)),
                broken(
                        "sub",
                        MASKINPORTEN,
                        Check.ASSERTION_CLAIMS,
                        "invalid_grant",
                        (asked, jwt) -> jwt.claim("sub", asked.client.id())),
                broken(
                        "aud without its slash",
                        MASKINPORTEN,
                        Check.ASSERTION_AUD,
                        "invalid_grant",
                        (asked, jwt) ->
                                jwt.claim("aud", MASKINPORTEN.origin().uri().toString())),
                broken(
                        "aud as the token endpoint",
                        MASKINPORTEN,
                        Check.ASSERTION_AUD,
                        "invalid_grant",
                        (asked, jwt) -> jwt.claim("aud", MASKINPORTEN.origin().uri() + "/connect/token")),
                broken(
                        "a grant of 121 s",
                        MASKINPORTEN,
                        Check.ASSERTION_LIFETIME,
                        "invalid_grant",
                        (asked, jwt) -> jwt.claim("exp", now(MASKINPORTEN) + 121)),
                broken("PS256", MASKINPORTEN, Check.ASSERTION_ALG, "invalid_grant", (asked, jwt) -> {
                    JWK key = asked.client.addKey("PS256");
                    jwt.signedBy(key).head("kid", key.getKeyID()).head("alg", "PS256");
                }),
                broken(
                        "the key by x5t#S256",
                        MASKINPORTEN,
                        Check.ASSERTION_KEY,
                        "invalid_grant",
                        (asked, jwt) -> jwt.head("x5t#S256", "x")),
                broken(
                        "DPoP's like: a scope not granted",
                        MASKINPORTEN,
                        Check.SCOPE,
                        "invalid_scope",
                        (asked, jwt) -> jwt.claim("scope", "example:other")),
                customer("its own organisation", "invalid_request", "consumer_org", "999977774"),
                customer("MP-251", "invalid_scope", "consumer_org", "883974832"),
                customer("an organisation of eight digits", "invalid_request", "consumer_org", "31374539"),
                customer("an organisation as a number", "invalid_request", "consumer_org", 313745392),
                customer(
                        "an organisation of Altinn without a system user",
                        "invalid_request",
                        DETAILS,
                        user("0192:883974832")),
                customer("a system user by another reference", "invalid_request", DETAILS, user("0192:313745392", "b")),
                customer("a system user's organisation without 0192", "invalid_request", DETAILS, user("313745392")),
                customer(
                        "two system users",
                        "invalid_request",
                        DETAILS,
                        List.of(
                                user("0192:313745392").get(0),
                                user("0192:313745392").get(0))),
                customer(
                        "one system user in no array",
                        "invalid_request",
                        DETAILS,
                        user("0192:313745392").get(0)),
                customer(
                        "id in lower case",
                        "invalid_request",
                        DETAILS,
                        List.of(Map.of(
                                "type",
                                "urn:altinn:systemuser",
                                "systemuser_org",
                                Map.of("authority", "iso6523-actorid-upis", "id", "0192:313745392")))),
                customer("another type", "invalid_request", DETAILS, List.of(Map.of("type", "urn:altinn:user"))),
                customer("ten digits", "invalid_request", "pid", "1385839005"),
                customer("a wrong first control digit", "invalid_request", "pid", "13858390067"),
                customer("a wrong second control digit", "invalid_request", "pid", "13858390058"),
                broken(
                        "no .default",
                        ENTRA,
                        Check.SCOPE,
                        "invalid_scope",
                        (asked, jwt) -> asked.form.put("scope", "api://orders/read")),
                broken(
                        "two scopes",
                        ENTRA,
                        Check.SCOPE,
                        "invalid_scope",
                        (asked, jwt) -> asked.form.put("scope", "api://orders/.default api://other/.default")),
                broken("no scope", ENTRA, Check.SCOPE, "invalid_scope", (asked, jwt) -> asked.form.put("scope", "")),
                broken(
                        "resource",
                        ENTRA,
                        Check.RESOURCE,
                        "invalid_request",
                        (asked, jwt) -> asked.form.put("resource", "api://orders")),
                broken(
                        "the key by kid",
                        ENTRA,
                        Check.ASSERTION_KEY,
                        "invalid_client",
                        (asked, jwt) -> jwt.head("kid", "k")),
                broken(
                        "another certificate",
                        ENTRA,
                        Check.ASSERTION_KEY,
                        "invalid_client",
                        (asked, jwt) -> jwt.head("x5t#S256", "another")),
                broken(
                        "aud as the issuer",
                        ENTRA,
                        Check.ASSERTION_AUD,
                        "invalid_client",
                        (asked, jwt) -> jwt.claim("aud", ENTRA.issuer())),
                broken(
                        "601 s",
                        ENTRA,
                        Check.ASSERTION_LIFETIME,
                        "invalid_client",
                        (asked, jwt) -> jwt.claim("exp", now(ENTRA) + 601)),
                broken("RS256", SMART, Check.ASSERTION_ALG, "invalid_client", (asked, jwt) -> {
                    JWK key = asked.client.addKey("RS256");
                    jwt.signedBy(key).head("kid", key.getKeyID()).head("alg", "RS256");
                }),
                broken(
                        "a scope that is no system's",
                        SMART,
                        Check.SCOPE,
                        "invalid_scope",
                        (asked, jwt) -> asked.form.put("scope", "patient/Patient.rs")),
                broken(
                        "aud as the issuer",
                        SMART,
                        Check.ASSERTION_AUD,
                        "invalid_client",
                        (asked, jwt) -> jwt.claim("aud", SMART.issuer())),
                broken(
                        "301 s",
                        SMART,
                        Check.ASSERTION_LIFETIME,
                        "invalid_client",
                        (asked, jwt) -> jwt.claim("exp", now(SMART) + 301)),
                broken(
                        "resource",
                        SMART,
                        Check.RESOURCE,
                        "invalid_request",
                        (asked, jwt) -> asked.form.put("resource", "https://fhir.example")),
                broken(
                        "61 s",
                        KEYCLOAK,
                        Check.ASSERTION_LIFETIME,
                        "invalid_client",
                        (asked, jwt) -> jwt.claim("exp", now(KEYCLOAK) + 61)),
                broken("no certificate", KEYCLOAK, Check.CERTIFICATE, "invalid_client", (asked, jwt) -> {
                    asked.form.put("client_assertion", "");
                    asked.form.put("client_assertion_type", "");
                }),
                details("HID-1001", Check.ASSERTION_DETAILS, "access_denied", true, multi("NO:ORGNR:999977774")),
                details("HID-1002", Check.ASSERTION_DETAILS, "access_denied", false, single("999977776")),
                details("HID-1004", Check.ASSERTION_DETAILS, "access_denied", false, single("99997777")),
                details("HID-1004", Check.ASSERTION_DETAILS, "access_denied", true, multi("NO:ORGNR:31374539:1")),
                details("HID-1005", Check.ASSERTION_DETAILS, "access_denied", false, multi("NO:ORGNR:313745392:")),
                details("HID-1006", Check.ASSERTION_DETAILS, "access_denied", true, single("999977775")),
                details("HID-1007", Check.ASSERTION_DETAILS, "invalid_request", true, multi("NO:ORGNR:")),
                details("HID-1007", Check.ASSERTION_DETAILS, "invalid_request", true, multi("313745392")),
                details("HID-1007", Check.ASSERTION_DETAILS, "invalid_request", false, "text"),
                details("HID-1007", Check.ASSERTION_DETAILS, "invalid_request", false, List.of(single("999977775"))),
                details("HID-1007", Check.ASSERTION_DETAILS, "invalid_request", false, Map.of("type", "unknown")),
                details(
                        "HID-1007",
                        Check.ASSERTION_DETAILS,
                        "invalid_request",
                        false,
                        Map.of("type", "nhn:sfm:journal-id")),
                details(
                        "HID-DOUBLE-STRUCTURE",
                        Check.DOUBLE_STRUCTURE,
                        "access_denied",
                        false,
                        List.of(single("999977775"), single("999977775"))),
                broken(
                        "HID-DOUBLE-STRUCTURE in an assertion",
                        HELSEID,
                        Check.DOUBLE_STRUCTURE,
                        "access_denied",
                        (asked, jwt) -> jwt.claim("authorization_details", Map.of())));
    }

    private static final String DETAILS = "authorization_details";

    private static List<Map<String, ?>> user(String organisation, String... reference) {
        Map<String, Object> user = new LinkedHashMap<>();
        user.put("type", "urn:altinn:systemuser");
        user.put("systemuser_org", Map.of("authority", "iso6523-actorid-upis", "ID", organisation));
        for (String one : reference) {
            user.put("externalRef", one);
        }
        return List.of(user);
    }

    private static DynamicTest customer(String name, String error, String claim, Object value) {
        return broken(claim + ": " + name, MASKINPORTEN, Check.CUSTOMER, error, (asked, jwt) -> {
            asked.client.customers().systemUser("313745392", "a");
            asked.client.customers().systemUser("313745392", null);
            jwt.claim(claim, value);
        });
    }

    @Test
    void grantsCustomersInEachShape() {
        Asked asked = asked(MASKINPORTEN);
        asked.client.customers().delegating("313745392");
        asked.assertion.claim("consumer_org", "313745392").claim("pid", "13858390057");
        Asked system = asked(MASKINPORTEN);
        system.client.customers().systemUser("313745392", "a");
        system.assertion.claim(DETAILS, user("0192:313745392", "a"));

        var claims = Jwt.claimsOf(asked.send().json().path("access_token").asText());
        var ofSystem = Jwt.claimsOf(system.send().json().path("access_token").asText());

        assertThat(claims.path("consumer").path("ID").asText()).isEqualTo("0192:313745392");
        assertThat(claims.path("supplier").path("ID").asText()).isEqualTo("0192:999977774");
        assertThat(claims.path("pid").asText()).isEqualTo("13858390057");
        assertThat(ofSystem.path("consumer").path("ID").asText()).isEqualTo("0192:999977774");
        assertThat(ofSystem.path(DETAILS).get(0).path("externalRef").asText()).isEqualTo("a");
    }

    @Test
    void grantsOrganisationsInEachShape() {
        Asked single = organisations(false);
        single.assertion.claim(
                "assertion_details",
                List.of(single("999977775"), Map.of("type", "nhn:sfm:journal-id", "value", Map.of("journal_id", "j"))));
        Asked parent = organisations(true);
        parent.assertion.claim("assertion_details", multi("NO:ORGNR:313745392"));
        Asked colon = organisations(true);
        colon.assertion.claim("assertion_details", multi("NO:ORGNR:313745392:"));
        Asked both = organisations(true);
        both.assertion.claim("assertion_details", multi("NO:ORGNR:313745392:999977775"));

        assertThat(orgnr(single.send())).containsExactly(null, "999977775");
        assertThat(orgnr(parent.send())).containsExactly("313745392", null);
        assertThat(orgnr(colon.send())).containsExactly("313745392", null);
        assertThat(orgnr(both.send())).containsExactly("313745392", "999977775");
    }

    private static List<@Nullable String> orgnr(Reply reply) {
        var claims = Jwt.claimsOf(reply.json().path("access_token").asText());
        return Stream.of("parent", "child")
                .map(who -> claims.path("helseid://claims/client/claims/orgnr_" + who)
                        .asText(null))
                .collect(Collectors.toList());
    }

    private static Map<String, ?> single(String value) {
        return organisation("urn:oid:2.16.578.1.12.4.1.4.101", value);
    }

    private static Map<String, ?> multi(String value) {
        return organisation("urn:oid:1.0.6523", value);
    }

    private static Map<String, ?> organisation(String system, String value) {
        return Map.of(
                "type",
                "helseid_authorization",
                "practitioner_role",
                Map.of("organization", Map.of("identifier", Map.of("system", system, "type", "ENH", "value", value))));
    }

    private static Asked organisations(boolean multiTenant) {
        Asked asked = asked(HELSEID);
        if (multiTenant) {
            asked.client.multiTenant("313745392");
        } else {
            asked.client.children("999977775");
        }
        return asked;
    }

    private static DynamicTest details(String code, Check check, String error, boolean multiTenant, Object details) {
        return DynamicTest.dynamicTest(code + " " + details, () -> {
            Asked asked = organisations(multiTenant);
            asked.assertion.claim("assertion_details", details);

            refused(asked, check, error, code);
        });
    }

    private static DynamicTest broken(
            String name, Authority authority, Check check, String error, BiConsumer<Asked, Jwt> change) {
        return DynamicTest.dynamicTest(authority.origin().uri().getPort() + " " + name, () -> {
            Asked asked = asked(authority);
            change.accept(asked, asked.assertion);

            refused(asked, check, error, "");
        });
    }

    private static void refused(Asked asked, Check check, String error, String words) {
        long before = asked.authority.seen().refusals(check);
        Reply reply = asked.send();

        assertThat(reply.status()).as(reply.body()).isIn(400, 401);
        assertThat(reply.error()).as(reply.body()).isEqualTo(error);
        assertThat(reply.description()).contains(words);
        assertThat(asked.authority.seen().refusals(check)).isEqualTo(before + 1);
    }

    private static long now(Authority authority) {
        return authority.origin().clock().instant().getEpochSecond();
    }
}
