package dev.dromedar.sandbox;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One client assertion: checks 3 and 5 to 10. */
final class AssertionCheck {
    private static final int MIN_JTI_LENGTH = 16; // 96 bits in base64url
    private static final int MIN_JTI_CHARACTERS = 6;

    private final AuthorityRules rules;
    private final Map<String, Client> clients;
    private final String issuer;
    private final Seen seen;
    private final Clock clock;
    private final Replays replays = new Replays();

    AssertionCheck(AuthorityRules rules, Map<String, Client> clients, String issuer, Seen seen, Clock clock) {
        this.rules = rules;
        this.clients = clients;
        this.issuer = issuer;
        this.seen = seen;
        this.clock = clock;
    }

    Client check(String compact, @Nullable String clientId) {
        Jws assertion = Jws.parse(compact);
        if (assertion == null) {
            throw refused(Check.CLIENT_AUTHENTICATION, "it is not a JWT of three base64url parts");
        }
        checkHeader(assertion);
        checkClaims(assertion);
        Client client = client(assertion, clientId);
        checkSignature(assertion, client);
        checkAudience(assertion);
        double expires = checkTimes(assertion);
        checkOnce(assertion, client, Instant.ofEpochSecond((long) expires + 1));
        return client;
    }

    private void checkHeader(Jws assertion) {
        String typ = assertion.parameter("typ");
        for (String name : List.of("kid", "x5t#S256", "x5c")) {
            if (assertion.header().has(name) && !rules.dialect().keyNames().contains(name)) {
                throw refused(
                        Check.ASSERTION_KEY,
                        "'" + name + "' does not name a key here, must be "
                                + String.join(" or ", rules.dialect().keyNames()));
            }
        }
        boolean legacy = "JWT".equals(typ) && rules.allows(Leniency.ASSERTION_TYP_JWT);
        if (!rules.assertions().types().isEmpty()
                && !legacy
                && (typ == null || !rules.assertions().types().contains(typ))) {
            throw refused(
                    Check.ASSERTION_TYP,
                    "'typ' is " + Refusal.shown(typ) + ", must be '"
                            + String.join("' or '", rules.assertions().types()) + "'");
        }
        String alg = assertion.parameter("alg");
        if (alg == null || !rules.assertions().algorithms().contains(alg)) {
            throw refused(
                    Check.ASSERTION_ALG,
                    "'alg' is " + Refusal.shown(alg) + ", must be one of "
                            + String.join(" ", rules.assertions().algorithms()));
        }
    }

    private void checkClaims(Jws assertion) {
        if (rules.dialect().claims().isEmpty()) {
            return;
        }
        assertion.claims().fieldNames().forEachRemaining(claim -> {
            if (!rules.dialect().claims().contains(claim)) {
                throw refused(Check.ASSERTION_CLAIMS, "the claim " + Refusal.shown(claim) + " is not known here");
            }
        });
    }

    private Client client(Jws assertion, @Nullable String clientId) {
        if (clientId == null && !rules.allows(Leniency.CLIENT_ID_MAY_BE_ABSENT)) {
            throw new Refusal(Check.CLIENT_ID, "invalid_client", "client_id is missing from the body");
        }
        String iss = assertion.claim("iss");
        String sub = assertion.claim("sub");
        boolean subject = rules.dialect().jwtGrant() ? sub == null : iss != null && iss.equals(sub);
        if (iss == null || !subject || (clientId != null && !clientId.equals(iss))) {
            throw refused(
                    Check.CLIENT_ID,
                    "'iss' is " + Refusal.shown(iss) + ", 'sub' " + Refusal.shown(sub) + ", client_id in the body "
                            + Refusal.shown(clientId) + ": must be the same");
        }
        Client client = clients.get(iss);
        if (client == null) {
            throw refused(Check.CLIENT_ID, "client " + Refusal.shown(iss) + " is not known here");
        }
        return client;
    }

    private void checkSignature(Jws assertion, Client client) {
        String kid = assertion.parameter("kid");
        JWK key = kid == null ? byCertificate(assertion, client) : client.key(kid);
        if (key == null) {
            throw refused(
                    Check.ASSERTION_KEY,
                    kid == null
                            ? "'kid' is missing from the header"
                            : client.retired(kid)
                                    ? "key " + Refusal.shown(kid) + " has been replaced by a newer one"
                                    : "key " + Refusal.shown(kid) + " is not registered for this client");
        }
        String registered =
                key.getAlgorithm() == null ? null : key.getAlgorithm().getName();
        if (registered != null && !registered.equals(assertion.parameter("alg"))) {
            throw refused(
                    Check.ASSERTION_ALG,
                    "'alg' is '" + assertion.parameter("alg") + "', key '" + kid + "' is registered for " + registered);
        }
        try {
            if (!assertion.verifies(Jws.verifier(key))) {
                throw refused(Check.ASSERTION_SIGNATURE, "the signature does not fit key '" + kid + "'");
            }
        } catch (JOSEException e) {
            throw refused(Check.ASSERTION_KEY, "key '" + kid + "' cannot be used: " + e.getMessage());
        }
    }

    /** The registered key, if the header names the certificate that is registered with it. */
    private static @Nullable JWK byCertificate(Jws assertion, Client client) {
        String thumbprint = assertion.parameter("x5t#S256");
        var chain = assertion.header().get("x5c");
        if (thumbprint == null && chain != null && chain.isArray() && chain.size() > 0) {
            try {
                thumbprint = Certificates.thumbprint(
                        Base64.getDecoder().decode(chain.get(0).asText()));
            } catch (IllegalArgumentException e) {
                throw refused(Check.ASSERTION_KEY, "'x5c' is no base64");
            }
        }
        if (thumbprint != null && !thumbprint.equals(client.certificate())) {
            throw refused(
                    Check.ASSERTION_KEY,
                    "certificate " + Refusal.shown(thumbprint) + " is not registered for this client");
        }
        return thumbprint == null ? null : client.onlyKey();
    }

    private void checkAudience(Jws assertion) {
        var aud = assertion.claims().get("aud");
        if (aud != null && aud.isArray() && aud.size() == 1 && rules.allows(Leniency.AUD_ARRAY)) {
            aud = aud.get(0);
        }
        String value = aud != null && aud.isTextual() ? aud.textValue() : null;
        String endpoint = issuer.replaceAll("/$", "") + Paths.TOKEN;
        String wanted = rules.dialect().has(Dialect.Rule.AUDIENCE_IS_TOKEN_ENDPOINT) ? endpoint : issuer;
        boolean accepted = wanted.equals(value)
                || (rules.allows(Leniency.AUD_TOKEN_ENDPOINT) && endpoint.equals(value))
                || (rules.allows(Leniency.AUD_TRAILING_SLASH) && (issuer + "/").equals(value));
        if (!accepted) {
            String shown = Refusal.shown(value == null ? aud : value);
            throw refused(
                    Check.ASSERTION_AUD,
                    "'aud' is " + shown + ", must be exactly the "
                            + (wanted.equals(issuer) ? "issuer" : "token endpoint") + " '" + wanted
                            + "' (one string)");
        }
    }

    private double checkTimes(Jws assertion) {
        double now = clock.millis() / 1000.0;
        double skew = rules.assertions().skew().toSeconds();
        double most = rules.assertions().lifetime().toSeconds();
        boolean optional = rules.allows(Leniency.IAT_AND_NBF_MAY_BE_ABSENT);
        Double exp = time(assertion, "exp", false);
        Double iat = time(assertion, "iat", optional);
        Double nbf = time(assertion, "nbf", optional);
        if (exp == null || exp <= now) {
            throw refused(Check.ASSERTION_LIFETIME, "'exp' is past by " + seconds(now - (exp == null ? 0 : exp)));
        }
        if (exp > now + most || (iat != null && exp > iat + most)) {
            throw refused(
                    Check.ASSERTION_LIFETIME,
                    "'exp' is " + seconds(exp - now) + " ahead and " + (iat == null ? "" : seconds(exp - iat))
                            + " after 'iat', at most " + seconds(most) + " is allowed");
        }
        if ((iat != null && iat > now + skew) || (nbf != null && nbf > now + skew)) {
            throw refused(Check.ASSERTION_LIFETIME, "'iat' or 'nbf' is in the future: check the clock");
        }
        return exp;
    }

    private static @Nullable Double time(Jws assertion, String claim, boolean optional) {
        Double value = assertion.number(claim);
        if (value == null && !(optional && !assertion.claims().has(claim))) {
            throw refused(Check.ASSERTION_LIFETIME, "'" + claim + "' is missing or no number of seconds since 1970");
        }
        return value;
    }

    private void checkOnce(Jws assertion, Client client, Instant until) {
        String jti = assertion.claim("jti");
        if (jti == null
                || jti.length() < MIN_JTI_LENGTH
                || jti.chars().distinct().count() < MIN_JTI_CHARACTERS) {
            throw refused(Check.ASSERTION_JTI, "'jti' is missing or too easy to guess (96 random bits are needed)");
        }
        if (!rules.allows(Leniency.ASSERTION_JTI_MAY_REPEAT)
                && !replays.spend(client.id() + ' ' + jti, until, clock.instant())) {
            seen.replays.increment();
            throw refused(
                    Check.ASSERTION_JTI,
                    "'jti' " + Refusal.shown(jti) + " has been used: every attempt needs a new assertion");
        }
    }

    private static String seconds(double value) {
        return Math.round(value) + " s";
    }

    private static Refusal refused(Check check, String reason) {
        return new Refusal(check, "invalid_client", "client assertion: " + reason);
    }
}
