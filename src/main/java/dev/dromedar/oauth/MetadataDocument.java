package dev.dromedar.oauth;

import dev.dromedar.keys.Json;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads an authority's metadata (RFC 8414 section 2), which anyone may have written. Pure functions. */
final class MetadataDocument {
    private MetadataDocument() {}

    /**
     * What it says.
     *
     * @param place where it was found
     * @throws AuthorityUnavailable if it cannot be this authority's, or names no token endpoint that may be used
     */
    static AuthorityMetadata read(
            String issuer, boolean issuerInMetadata, TokenHosts tokenHosts, URI place, Backchannel.Answer answer) {
        Map<String, @Nullable Object> document;
        try {
            document = Json.object(answer.body());
        } catch (IOException e) {
            throw new AuthorityUnavailable(
                    "The metadata at " + place + " is " + e.getMessage() + answer.ofType()
                            + ". Check the authority's address: something else answers there.",
                    null);
        }
        if (issuerInMetadata && !issuer.equals(document.get("issuer"))) {
            throw new AuthorityUnavailable(
                    "The metadata at " + place + " names the issuer " + shown(document.get("issuer"))
                            + ", not '" + issuer + "'. They must be identical (RFC 8414 section 3.3)"
                            + (Addresses.withoutSlash(String.valueOf(document.get("issuer")))
                                            .equals(Addresses.withoutSlash(issuer))
                                    ? ", and differ by the slash at the end"
                                    : "")
                            + ": correct the property 'authority', or do not trust this server.",
                    null);
        }
        Map<?, ?> aliases = document.get("mtls_endpoint_aliases") instanceof Map<?, ?> map ? map : Map.of();
        URI endpoint = tokenEndpoint(place, document.get("token_endpoint"));
        URI alias = aliases.get("token_endpoint") == null ? null : tokenEndpoint(place, aliases.get("token_endpoint"));
        tokenHosts.check(issuer, place, endpoint, alias);
        return new AuthorityMetadata(
                issuer,
                endpoint,
                alias,
                texts(document.get("grant_types_supported")),
                texts(document.get("token_endpoint_auth_methods_supported")),
                texts(document.get("token_endpoint_auth_signing_alg_values_supported")),
                texts(document.get("dpop_signing_alg_values_supported")),
                texts(document.get("scopes_supported")));
    }

    /**
     * Where metadata may have the token endpoint: at the authority's own origin, and at hosts that a property names. Without
     * that, anyone who can change a document that anyone may read would be sent the client's secret.
     *
     * @param besides hosts, with a port where it is not https's own
     * @param byCertificate whether the client shows a certificate, so that the alias for that (RFC 8705 section 5) is used;
     *     it may be at another port of the authority's host
     */
    record TokenHosts(Set<String> besides, boolean byCertificate) {
        static final TokenHosts OWN = new TokenHosts(Set.of(), false);

        void check(String issuer, URI place, URI endpoint, @Nullable URI alias) {
            URI used = byCertificate && alias != null ? alias : endpoint;
            String host = used.getHost().toLowerCase(Locale.ROOT);
            int port = used.getPort() < 0 ? 443 : used.getPort();
            boolean named = besides.contains(host + ":" + port) || port == 443 && besides.contains(host);
            boolean own = Addresses.origin(used).equals(Addresses.origin(URI.create(issuer)))
                    || used == alias && host.equalsIgnoreCase(URI.create(issuer).getHost());
            if (!own && !named) {
                throw new AuthorityUnavailable(
                        "The metadata at " + place + " names the token endpoint " + shown(used.toString())
                                + ", which is at another host than the authority. Nothing is sent there. If that is its"
                                + " token endpoint, set token-endpoint-host = " + host + (port == 443 ? "" : ":" + port)
                                + ".",
                        null);
            }
        }
    }

    private static URI tokenEndpoint(URI place, @Nullable Object value) {
        try {
            if (value instanceof String text && Addresses.mayCarryCredentials(URI.create(text))) {
                return URI.create(text);
            }
        } catch (IllegalArgumentException e) {
            // reported below
        }
        if (value == null) {
            throw new AuthorityUnavailable(
                    "The metadata at " + place
                            + " names no token_endpoint. Check the authority's address; if it is right,"
                            + " set token-endpoint.",
                    null);
        }
        throw new AuthorityUnavailable(
                "The metadata at " + place + " names the token_endpoint " + shown(value)
                        + ": it must be an https address without a user. Nothing is sent there.",
                null);
    }

    /** An authority's word in a message: short, on one line. */
    private static String shown(@Nullable Object value) {
        return value instanceof String text
                ? "'" + ForeignText.line(Masking.withoutCredentials(text), 200) + "'"
                : value == null ? "(none)" : "(not a text)";
    }

    private static List<String> texts(@Nullable Object value) {
        List<String> texts = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (Object element : list) {
                if (element instanceof String text) {
                    texts.add(text);
                }
            }
        }
        return texts;
    }
}
