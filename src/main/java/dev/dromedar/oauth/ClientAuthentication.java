package dev.dromedar.oauth;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Json;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.SigningKey;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How we prove who we are at the token endpoint (RFC 6749 section 2.3). Immutable and thread-safe. */
public sealed interface ClientAuthentication {
    /** Adds this client's credentials to one token request. Called once per attempt: an assertion is never sent twice. */
    void addTo(Attempt attempt);

    ClientAuthenticationMethod method();

    /** For people: the method's registered name, or the grant where there is no method. */
    default String inWords() {
        return method() == ClientAuthenticationMethod.NONE ? "the JWT grant" : method().registeredName();
    }

    /** Distinguishes this client's credential from another, without showing the credential. */
    String identity();

    /** {@code grant_type}. */
    default String grantType() {
        return "client_credentials";
    }

    /** Whether the request says scope and resource as parameters; otherwise its assertion says them. */
    default boolean asksByParameters() {
        return true;
    }

    /** The key that signs, if there is one. */
    default @Nullable SigningKey key() {
        return null;
    }

    /** What of it may change while the worker runs, or null for nothing. */
    default @Nullable Followed<?> credential() {
        return null;
    }

    /**
     * One attempt at the token endpoint.
     *
     * @param clientId the client
     * @param issuer the authority's identifier
     * @param tokenEndpoint where the attempt goes
     * @param now on the authority's clock
     * @param request what is asked for
     * @param form the body's parameters, to be added to
     * @param headers the request's headers, to be added to
     */
    record Attempt(
            String clientId,
            String issuer,
            URI tokenEndpoint,
            Instant now,
            TokenRequest request,
            Map<String, String> form,
            Map<String, String> headers) {
        /** A client assertion (RFC 7523 section 2.2). */
        void putAssertion(String assertion) {
            form.put("client_id", clientId);
            form.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
            form.put("client_assertion", assertion);
        }
    }

    /**
     * What an assertion looks like for one authority.
     *
     * @param type {@code typ} of the header
     * @param lifetime from {@code iat} to {@code exp}
     * @param audience {@code aud}: one of the usual, unless {@code otherAudience} says another
     * @param otherAudience {@code aud} word for word, or null
     * @param keyName how the header names the key
     * @param claims added to the others, as JSON
     */
    record AssertionForm(
            String type,
            Duration lifetime,
            Audience audience,
            @Nullable String otherAudience,
            KeyName keyName,
            Map<String, Object> claims) {
        private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

        public AssertionForm {
            claims = Map.copyOf(claims);
        }

        /** A new assertion, signed. */
        String sign(SigningKey key, Attempt attempt, Map<String, Object> own, boolean subject) {
            Map<String, Object> header = new LinkedHashMap<>();
            if (!type.isEmpty()) {
                header.put("typ", type);
            }
            header.put("alg", key.algorithm().name());
            keyName.addTo(header, key);
            long now = attempt.now().getEpochSecond();
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("iss", attempt.clientId());
            if (subject) {
                all.put("sub", attempt.clientId());
            }
            all.put("aud", audience(attempt));
            all.put("jti", new String(Ids.next(), StandardCharsets.US_ASCII));
            all.put("iat", now);
            if (subject) {
                all.put("nbf", now);
            }
            all.put("exp", now + lifetime.toSeconds());
            all.putAll(own);
            Map<String, Object> ofMessage = attempt.request().claims();
            all.putAll(Customer.beside(claims, ofMessage));
            all.putAll(ofMessage);
            String input = encoded(Json.write(header)) + '.' + encoded(Json.write(all));
            return input + '.' + BASE64URL.encodeToString(key.sign(input.getBytes(StandardCharsets.US_ASCII)));
        }

        private String audience(Attempt attempt) {
            return otherAudience != null
                    ? otherAudience
                    : audience == Audience.ISSUER
                            ? attempt.issuer()
                            : attempt.tokenEndpoint().toString();
        }

        private static String encoded(String json) {
            return BASE64URL.encodeToString(json.getBytes(StandardCharsets.UTF_8));
        }

        String identity() {
            String further = Json.write(new TreeMap<>(claims));
            return String.join(" ", type, audience.name(), String.valueOf(otherAudience), keyName.name(), further);
        }
    }

    private static String identity(Followed<SigningKey> key, AssertionForm form) {
        SigningKey now = key.current();
        return now.algorithm() + " " + now.keyId() + ' ' + now.thumbprint() + ' ' + form.identity();
    }

    /** A client assertion (RFC 7523 section 2.2). */
    record PrivateKeyJwt(Followed<SigningKey> credential, AssertionForm assertion) implements ClientAuthentication {

        @Override
        public void addTo(Attempt attempt) {
            Object details = attempt.request().assertionDetails();
            Map<String, Object> claims = details == null ? Map.of() : Map.of("assertion_details", details);
            attempt.putAssertion(assertion.sign(key(), attempt, claims, true));
        }

        @Override
        public SigningKey key() {
            return credential.current();
        }

        @Override
        public ClientAuthenticationMethod method() {
            return ClientAuthenticationMethod.PRIVATE_KEY_JWT;
        }

        @Override
        public String identity() {
            return "private_key_jwt " + ClientAuthentication.identity(credential, assertion);
        }
    }

    /**
     * The assertion is the grant (RFC 7523 section 2.1). The client is its subject unless a claim says another, and the scope
     * is both parameter and claim, because authorities differ in where they look.
     *
     * @param saysAll scope and resource are claims alone, and there is no subject: Maskinporten refuses claims that it does
     *     not know
     * @param client the client authentication besides (RFC 7521 section 4.1), or null for none
     */
    record JwtBearerGrant(
            Followed<SigningKey> credential,
            AssertionForm assertion,
            boolean saysAll,
            @Nullable ClientAuthentication client)
            implements ClientAuthentication {
        @Override
        public void addTo(Attempt attempt) {
            if (client != null) {
                client.addTo(attempt);
            }
            Map<String, Object> claims = new LinkedHashMap<>();
            TokenRequest request = attempt.request();
            if (!request.scope().isEmpty()) {
                claims.put("scope", String.join(" ", request.scope()));
            }
            if (saysAll && !request.resource().isEmpty()) {
                claims.put(
                        "resource",
                        request.resource().size() == 1 ? request.resource().get(0) : request.resource());
            }
            attempt.form().put("assertion", assertion.sign(key(), attempt, claims, !saysAll));
        }

        @Override
        public boolean asksByParameters() {
            return !saysAll;
        }

        @Override
        public String grantType() {
            return "urn:ietf:params:oauth:grant-type:jwt-bearer";
        }

        @Override
        public SigningKey key() {
            return credential.current();
        }

        @Override
        public ClientAuthenticationMethod method() {
            return client == null ? ClientAuthenticationMethod.NONE : client.method();
        }

        @Override
        public String inWords() {
            return "the JWT grant" + (client == null ? "" : " with " + client.inWords());
        }

        @Override
        public String identity() {
            return "jwt-bearer " + saysAll + ' ' + ClientAuthentication.identity(credential, assertion)
                    + (client == null ? "" : ' ' + client.identity());
        }
    }

    /** The secret by HTTP Basic, where id and secret are form-encoded first (RFC 6749 section 2.3.1). */
    record SecretBasic(Followed<Secret> credential) implements ClientAuthentication {
        @Override
        public void addTo(Attempt attempt) {
            String pair = formEncoded(attempt.clientId())
                    + ':'
                    + formEncoded(credential.current().reveal());
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
            return "client_secret_basic " + credential.current().digest();
        }
    }

    /** The secret in the body (RFC 6749 section 2.3.1): for authorities that cannot do better. */
    record SecretPost(Followed<Secret> credential) implements ClientAuthentication {
        @Override
        public void addTo(Attempt attempt) {
            attempt.form().put("client_id", attempt.clientId());
            attempt.form().put("client_secret", credential.current().reveal());
        }

        @Override
        public ClientAuthenticationMethod method() {
            return ClientAuthenticationMethod.CLIENT_SECRET_POST;
        }

        @Override
        public String identity() {
            return "client_secret_post " + credential.current().digest();
        }
    }

    /** The certificate of the TLS connection (RFC 8705 section 2): nothing but the client's name is in the request. */
    record TlsCertificate(TlsIdentity certificate) implements ClientAuthentication {
        @Override
        public void addTo(Attempt attempt) {
            attempt.form().put("client_id", attempt.clientId());
        }

        @Override
        public Followed<?> credential() {
            return certificate.credential();
        }

        @Override
        public ClientAuthenticationMethod method() {
            return ClientAuthenticationMethod.TLS_CLIENT_AUTH;
        }

        @Override
        public String identity() {
            return "tls_client_auth " + certificate.thumbprint();
        }
    }

    /** A client assertion that the platform signs and writes into a file: this client has no secret at all. */
    record PlatformAssertion(AssertionFile file) implements ClientAuthentication {
        @Override
        public void addTo(Attempt attempt) {
            attempt.putAssertion(file.current(attempt.now()));
        }

        @Override
        public ClientAuthenticationMethod method() {
            return ClientAuthenticationMethod.PRIVATE_KEY_JWT;
        }

        @Override
        public String inWords() {
            return "a client assertion from a file";
        }

        @Override
        public String identity() {
            return "client-assertion-file " + file.path().toAbsolutePath().normalize();
        }
    }

    static String formEncoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
