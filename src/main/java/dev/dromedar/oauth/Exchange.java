package dev.dromedar.oauth;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A second token for the authority's own, which goes to the API in its place. Immutable.
 *
 * @param address where it is exchanged: credentials for it go there and nowhere else
 * @param form how
 * @param headers what each request carries besides, by name; they may be secret
 * @param client how the client authenticates there (RFC 8693 section 2.1), or null for the token alone
 */
public record Exchange(
        URI address,
        Form form,
        Map<String, Followed<Secret>> headers,
        @Nullable Client client) {

    /** How a token is exchanged. */
    public sealed interface Form {
        /** GET with the token as Bearer; the answer is the token, as Altinn has it. */
        record Get() implements Form {}

        /**
         * RFC 8693.
         *
         * @param audience {@code audience}, or null
         * @param subjectTokenType {@code subject_token_type}
         */
        record TokenExchange(@Nullable String audience, String subjectTokenType) implements Form {}
    }

    /**
     * A client of the exchange's authority.
     *
     * @param id its {@code client_id}
     * @param issuer the authority's identifier
     */
    public record Client(String id, String issuer, ClientAuthentication authentication) {}

    public Exchange {
        headers = Map.copyOf(headers);
    }

    /** What of it may change while the worker runs. */
    List<Followed<?>> credentials() {
        List<Followed<?>> credentials = new ArrayList<>(headers.values());
        if (client != null && client.authentication().credential() != null) {
            credentials.add(client.authentication().credential());
        }
        return credentials;
    }

    /** Distinguishes it from another, without showing a credential. */
    List<Object> identity() {
        Map<String, String> digests = new TreeMap<>();
        headers.forEach((name, value) -> digests.put(name, value.current().digest()));
        return List.of(
                address,
                form,
                digests,
                client == null
                        ? ""
                        : client.id() + ' ' + client.authentication().identity());
    }
}
