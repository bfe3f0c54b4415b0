package dev.dromedar.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.jwk.JWK;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Makes requests by hand: correct ones, which a test then breaks. */
final class Caller {
    static final JWK PROOF_KEY = Client.newKey("ES256");
    static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final Sandbox sandbox;

    Caller(Sandbox sandbox) {
        this.sandbox = sandbox;
    }

    record Reply(int status, Map<String, String> headers, String body) {
        JsonNode json() {
            try {
                return new ObjectMapper().readTree(body);
            } catch (IOException e) {
                throw new AssertionError("no JSON: " + body, e);
            }
        }

        String error() {
            return json().path("error").asText();
        }

        String description() {
            return json().path("error_description").asText();
        }

        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    static Reply send(HttpRequest.Builder request) {
        try {
            var answer =
                    HTTP.send(request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
            var headers = answer.headers().map().entrySet().stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, e -> String.join(", ", e.getValue())));
            return new Reply(answer.statusCode(), headers, answer.body());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static Reply get(String uri, String... headers) {
        var request = HttpRequest.newBuilder(URI.create(uri));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    /** A token request in its parts. */
    static final class TokenRequest {
        final Map<String, String> form = new LinkedHashMap<>();
        final Map<String, String> headers = new LinkedHashMap<>();
        private final String uri;

        TokenRequest(Authority authority) {
            this.uri = authority.issuer() + "/connect/token";
            form.put("grant_type", "client_credentials");
            headers.put("Content-Type", "application/x-www-form-urlencoded");
        }

        static String encode(String text) {
            return URLEncoder.encode(text, StandardCharsets.UTF_8);
        }

        Reply send() {
            var body = form.entrySet().stream()
                    .map(e -> encode(e.getKey()) + "=" + encode(e.getValue()))
                    .collect(Collectors.joining("&"));
            return send("POST", body);
        }

        Reply send(String method, String body) {
            var request =
                    HttpRequest.newBuilder(URI.create(uri)).method(method, HttpRequest.BodyPublishers.ofString(body));
            headers.forEach(request::header);
            return Caller.send(request);
        }
    }

    Jwt assertion(ProtectedApi api) {
        var now = api.authority().origin().clock().instant();
        return Jwt.assertion(
                api.client().privateKey(), api.client().id(), api.authority().issuer(), now);
    }

    /** A token request under HelseID that is right but for the nonce. */
    TokenRequest tokenRequest(ProtectedApi api, Consumer<Jwt> assertion, Consumer<Jwt> proof) {
        var request = new TokenRequest(api.authority());
        var jwt = assertion(api);
        assertion.accept(jwt);
        request.form.put("client_id", api.client().id());
        request.form.put("scope", api.registration().scope());
        request.form.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        request.form.put("client_assertion", jwt.compact());
        if (api.registration().dpop()) {
            request.headers.put("DPoP", tokenProof(api, proof));
        }
        return request;
    }

    String tokenProof(ProtectedApi api, Consumer<Jwt> change) {
        var authority = api.authority();
        var proof = Jwt.proof(
                PROOF_KEY,
                "POST",
                authority.issuer() + "/connect/token",
                authority.origin().clock().instant());
        change.accept(proof);
        return proof.compact();
    }

    String tokenNonce(ProtectedApi api) {
        return tokenRequest(api, a -> {}, p -> {}).send().header("dpop-nonce");
    }

    /** A bound token for the API, got with a nonce; or a plain one if the API takes such. */
    String token(ProtectedApi api) {
        if (!api.registration().helseid()) {
            var request = new TokenRequest(api.authority());
            request.form.put("client_id", api.client().id());
            request.form.put("client_secret", api.client().secret());
            return request.send().json().path("access_token").asText();
        }
        String nonce = api.registration().dpop() ? tokenNonce(api) : "";
        var reply = tokenRequest(api, a -> {}, p -> p.claim("nonce", nonce)).send();
        if (reply.status() != 200) {
            throw new AssertionError(reply.body());
        }
        return reply.json().path("access_token").asText();
    }

    Jwt proof(ProtectedApi api, String method, String path, String token) {
        return Jwt.proof(
                        PROOF_KEY,
                        method,
                        api.baseAddress() + path,
                        api.origin().clock().instant())
                .ath(token);
    }

    Reply call(ProtectedApi api, String path, String token, Jwt proof) {
        return get(api.baseAddress() + path, "Authorization", "DPoP " + token, "DPoP", proof.compact());
    }

    /** A whole exchange, correct: a token, and a GET with it. */
    Reply exchange(ProtectedApi api, String path) {
        String token = token(api);
        return api.registration().dpop()
                ? call(api, path, token, proof(api, "GET", path.split("\\?", 2)[0], token))
                : get(api.baseAddress() + path, "Authorization", "Bearer " + token);
    }

    Sandbox sandbox() {
        return sandbox;
    }
}
