package dev.dromedar.oauth;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How we prove who we are at the token endpoint (RFC 6749 section 2.3). Immutable and thread-safe. */
public sealed interface ClientAuthentication {
    /** Adds this client's credentials to one token request. Called once per attempt: an assertion is never sent twice. */
    void addTo(Attempt attempt);

    ClientAuthenticationMethod method();

    /** What tells this client's credential from another, without telling the credential. */
    String identity();

    /**
     * One attempt at the token endpoint.
     *
     * @param clientId the client
     * @param issuer the authority's identifier
     * @param now on the authority's clock
     * @param assertionDetails HelseID's claim {@code assertion_details}, as JSON, or null
     * @param form the body's parameters, to be added to
     * @param headers the request's headers, to be added to
     */
    record Attempt(
            String clientId,
            String issuer,
            Instant now,
            @Nullable Object assertionDetails,
            Map<String, String> form,
            Map<String, String> headers) {}

    /**
     * A client assertion (RFC 7523 section 2.2), as HelseID wants it: {@code aud} is the issuer and nothing else, in one
     * string.
     *
     * @param type {@code typ} of the header
     * @param lifetime from {@code iat} to {@code exp}
     */
    record PrivateKeyJwt(SigningKey key, String type, Duration lifetime) implements ClientAuthentication {
        private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

        @Override
        public void addTo(Attempt attempt) {
            attempt.form().put("client_id", attempt.clientId());
            attempt.form().put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
            attempt.form().put("client_assertion", assertion(attempt));
        }

        private String assertion(Attempt attempt) {
            Map<String, Object> header = new LinkedHashMap<>();
            header.put("typ", type);
            header.put("alg", key.algorithm().name());
            if (key.keyId() != null) {
                header.put("kid", key.keyId());
            }
            long now = attempt.now().getEpochSecond();
            Map<String, Object> claims = new LinkedHashMap<>();
            claims.put("iss", attempt.clientId());
            claims.put("sub", attempt.clientId());
            claims.put("aud", attempt.issuer());
            claims.put("jti", new String(Ids.next(), StandardCharsets.US_ASCII));
            claims.put("iat", now);
            claims.put("nbf", now);
            claims.put("exp", now + lifetime.toSeconds());
            if (attempt.assertionDetails() != null) {
                claims.put("assertion_details", attempt.assertionDetails());
            }
            String input = encoded(Json.write(header)) + '.' + encoded(Json.write(claims));
            return input + '.' + BASE64URL.encodeToString(key.sign(input.getBytes(StandardCharsets.US_ASCII)));
        }

        private static String encoded(String json) {
            return BASE64URL.encodeToString(json.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public ClientAuthenticationMethod method() {
            return ClientAuthenticationMethod.PRIVATE_KEY_JWT;
        }

        @Override
        public String identity() {
            return "private_key_jwt " + type + ' ' + key.algorithm() + ' ' + key.keyId() + ' ' + key.thumbprint();
        }
    }

    /** The secret by HTTP Basic, where id and secret are form-encoded first (RFC 6749 section 2.3.1). */
    record SecretBasic(Secret secret) implements ClientAuthentication {
        @Override
        public void addTo(Attempt attempt) {
            String pair = formEncoded(attempt.clientId()) + ':' + formEncoded(secret.reveal());
            attempt.headers()
                    .put(
                            "Authorization",
                            "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.US_ASCII)));
        }

        @Override
        public ClientAuthenticationMethod method() {
            return ClientAuthenticationMethod.CLIENT_SECRET_BASIC;
        }

        @Override
        public String identity() {
            return "client_secret_basic " + secret.digest();
        }
    }

    /** The secret in the body (RFC 6749 section 2.3.1): for authorities that cannot do better. */
    record SecretPost(Secret secret) implements ClientAuthentication {
        @Override
        public void addTo(Attempt attempt) {
            attempt.form().put("client_id", attempt.clientId());
            attempt.form().put("client_secret", secret.reveal());
        }

        @Override
        public ClientAuthenticationMethod method() {
            return ClientAuthenticationMethod.CLIENT_SECRET_POST;
        }

        @Override
        public String identity() {
            return "client_secret_post " + secret.digest();
        }
    }

    static String formEncoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
