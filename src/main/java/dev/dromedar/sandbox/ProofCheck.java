package dev.dromedar.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The checks 24 to 33, 36 and 37 of one proof (RFC 9449 section 4.3), at a token endpoint or an API. Thread-safe. */
final class ProofCheck {
    private static final List<String> PRIVATE_MEMBERS = List.of("d", "p", "q", "dp", "dq", "qi", "oth", "k");
    private static final int MAX_JTI = 200;
    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_KEYS = 10_000;

    private final Clock clock;
    private final Nonces nonces;
    private final Seen seen;
    private final Replays replays = new Replays();
    private final Map<String, ProofKey> keys = new ConcurrentHashMap<>();
    private volatile ProofRules rules;

    ProofCheck(ProofRules rules, Nonces nonces, Seen seen, Clock clock) {
        this.rules = rules;
        this.nonces = nonces;
        this.seen = seen;
        this.clock = clock;
    }

    /** A proof's header, once it has passed: the same for all proofs of a key, so it is looked at once. */
    private record ProofKey(String thumbprint, JWSVerifier verifier) {}

    /** A proof that has passed. */
    record Proof(String thumbprint, @Nullable String nonce) {}

    /**
     * @param accessToken that the proof goes with; null at the token endpoint
     * @param boundTo the thumbprint that the access token names; null at the token endpoint
     */
    Proof check(Request request, @Nullable String accessToken, @Nullable String boundTo) {
        Jws proof = read(request.headers("DPoP"));
        ProofKey key = keys.get(proof.headerPart());
        if (key == null) {
            key = key(proof);
            if (keys.size() >= MAX_KEYS) {
                keys.clear();
            }
            keys.put(proof.headerPart(), key);
        }
        if (!proof.verifies(key.verifier())) {
            throw refusal(Check.PROOF_SIGNATURE, "the signature does not fit the key in 'jwk'");
        }
        Instant now = clock.instant();
        Instant keep = now.plus(rules.age()).plus(rules.skew().multipliedBy(2)).plusSeconds(1);
        String jti = jti(proof);
        seen.proofs.increment();
        if (replays.notice(key.thumbprint() + jti, keep, now)) {
            seen.distinctJti.increment();
        }
        checkRequest(proof, request);
        checkTime(proof, now);
        if (accessToken != null) {
            checkHash(proof, accessToken);
            checkBinding(key, boundTo);
        }
        String nonce = nonce(proof);
        if (!replays.spend(key.thumbprint() + jti, keep, now)) {
            seen.replays.increment();
            throw refusal(
                    Check.PROOF_JTI, "'jti' " + Refusal.shown(jti) + " has been used: every attempt needs a new proof");
        }
        return new Proof(key.thumbprint(), nonce);
    }

    void rules(ProofRules others) {
        rules = others;
        keys.clear();
    }

    ProofRules rules() {
        return rules;
    }

    private Jws read(List<String> values) {
        if (values.size() != 1) {
            throw refusal(
                    Check.PROOF_FORM,
                    values.isEmpty()
                            ? "there is no DPoP header"
                            : "there are " + values.size() + " DPoP headers, must be exactly one");
        }
        String value = values.get(0);
        if (value.length() > rules.maxLength()) {
            throw refusal(Check.PROOF_FORM, "it has " + value.length() + " characters, more than " + rules.maxLength());
        }
        Jws proof = Jws.parse(value);
        if (proof == null) {
            throw refusal(Check.PROOF_FORM, "it is not one JWT of three base64url parts (the value has no prefix)");
        }
        return proof;
    }

    private ProofKey key(Jws proof) {
        String typ = proof.parameter("typ");
        if (!"dpop+jwt".equals(typ)) {
            throw refusal(Check.PROOF_TYP, "'typ' is " + Refusal.shown(typ) + ", must be 'dpop+jwt'");
        }
        String alg = proof.parameter("alg");
        if (alg == null || !rules.algorithms().contains(alg)) {
            throw refusal(
                    Check.PROOF_ALG,
                    "'alg' is " + Refusal.shown(alg) + ", must be one of " + String.join(" ", rules.algorithms()));
        }
        JWK jwk = jwk(proof);
        boolean fits = jwk instanceof ECKey ec
                ? com.nimbusds.jose.jwk.Curve.forJWSAlgorithm(JWSAlgorithm.parse(alg)) != null
                        && com.nimbusds.jose.jwk.Curve.forJWSAlgorithm(JWSAlgorithm.parse(alg))
                                .contains(ec.getCurve())
                : !alg.startsWith("ES");
        if (!fits) {
            throw refusal(Check.PROOF_ALG, "'alg' " + alg + " does not fit the kind of key in 'jwk'");
        }
        try {
            return new ProofKey(jwk.computeThumbprint().toString(), Jws.verifier(jwk));
        } catch (JOSEException e) {
            throw refusal(Check.PROOF_JWK, "'jwk' cannot be used: " + e.getMessage());
        }
    }

    private static JWK jwk(Jws proof) {
        if (!(proof.header().get("jwk") instanceof ObjectNode members)) {
            throw refusal(Check.PROOF_JWK, "'jwk' is missing from the header or is no JSON object");
        }
        for (String member : PRIVATE_MEMBERS) {
            if (members.has(member)) {
                throw refusal(
                        Check.PROOF_JWK, "'jwk' has the private member '" + member + "': the key is lost, replace it");
            }
        }
        try {
            JWK jwk = JWK.parse(members.toString());
            if (jwk instanceof RSAKey rsa && rsa.size() < MIN_RSA_BITS) {
                throw refusal(Check.PROOF_JWK, "the RSA key has " + rsa.size() + " bits, must have 2048 or more");
            }
            if (!(jwk instanceof RSAKey) && !(jwk instanceof ECKey)) {
                throw refusal(Check.PROOF_JWK, "'kty' is '" + jwk.getKeyType() + "', must be RSA or EC");
            }
            return jwk;
        } catch (ParseException | IllegalStateException e) {
            throw refusal(Check.PROOF_JWK, "'jwk' is no key: " + e.getMessage());
        }
    }

    private static String jti(Jws proof) {
        String jti = proof.claim("jti");
        if (jti == null || jti.isEmpty() || jti.length() > MAX_JTI) {
            throw refusal(Check.PROOF_JTI, "'jti' is missing, no string, or longer than " + MAX_JTI + " characters");
        }
        return jti;
    }

    private void checkRequest(Jws proof, Request request) {
        String htm = proof.claim("htm");
        if (!request.method().equals(htm)) {
            throw refusal(Check.PROOF_HTM, "'htm' is " + Refusal.shown(htm) + ", the request is " + request.method());
        }
        String htu = proof.claim("htu");
        if (htu == null) {
            throw refusal(Check.PROOF_HTU, "'htu' is missing or no string");
        }
        boolean query = htu.indexOf('?') >= 0 || htu.indexOf('#') >= 0;
        if (query && !rules.queryInHtu()) {
            throw refusal(Check.PROOF_HTU, "'htu' has a query or fragment, must end with the path");
        }
        boolean same = rules.exactHtu()
                ? htu.equals(request.url())
                : HttpTarget.ascii(htu)
                        && String.valueOf(HttpTarget.normalise(request.url())).equals(HttpTarget.normalise(htu));
        if (!same) {
            throw refusal(
                    Check.PROOF_HTU,
                    "'htu' is " + Refusal.shown(htu) + ", the request is to " + Refusal.shown(request.url()) + "");
        }
    }

    private void checkTime(Jws proof, Instant now) {
        Double iat = proof.number("iat");
        if (iat == null) {
            throw refusal(Check.PROOF_IAT, "'iat' is missing or no number");
        }
        double age = now.toEpochMilli() / 1000.0 - iat;
        if (age < -rules.skew().toSeconds()) {
            throw refusal(Check.PROOF_IAT, "'iat' is " + Math.round(-age) + " s in the future: check the clock");
        }
        // A whole second more than allowed, because iat has lost its fraction
        long allowed = rules.age().plus(rules.skew()).toSeconds() + 1;
        if (age >= allowed) {
            throw refusal(
                    Check.PROOF_IAT,
                    "'iat' is " + Math.round(age) + " s old, at most " + (allowed - 1)
                            + " s is allowed: sign right before sending, and check the clock");
        }
    }

    private static void checkHash(Jws proof, String accessToken) {
        String ath = proof.claim("ath");
        String expected = hash(accessToken);
        if (!expected.equals(ath)) {
            throw refusal(
                    Check.PROOF_ATH,
                    ath == null
                            ? "'ath' is missing"
                            : expected.equals(ath.replace("=", ""))
                                    ? "'ath' has padding, must be base64url without"
                                    : "'ath' is not the base64url SHA-256 of the access token sent");
        }
    }

    private static void checkBinding(ProofKey key, @Nullable String boundTo) {
        if (!key.thumbprint().equals(boundTo)) {
            throw new Refusal(
                    Check.KEY_BINDING,
                    "invalid_token",
                    "access token: bound to key '" + boundTo + "' (cnf.jkt), the proof is by key '" + key.thumbprint()
                            + "'");
        }
    }

    private @Nullable String nonce(Jws proof) {
        String nonce = proof.claim("nonce");
        if (nonce == null && !nonces.required()) {
            return null;
        }
        if (nonce == null || !nonces.accepts(nonce)) {
            throw new Refusal(
                    Check.NONCE,
                    "use_dpop_nonce",
                    nonce == null
                            ? "proof: 'nonce' is missing: sign a new proof with the value of the DPoP-Nonce header"
                            : "proof: 'nonce' is too old, used up or another server's: sign a new proof with the value"
                                    + " of the DPoP-Nonce header");
        }
        return nonce;
    }

    static String hash(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Refusal refusal(Check check, String reason) {
        return new Refusal(check, "invalid_dpop_proof", "proof: " + reason);
    }
}
