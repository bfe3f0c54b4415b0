package dev.dromedar.settings;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import dev.dromedar.oauth.Addresses;
import dev.dromedar.oauth.ClientAuthentication;
import dev.dromedar.oauth.Exchange;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads where and how an API's tokens are exchanged for others. */
final class ExchangeReader {
    private static final String KEY = "exchange";
    private static final String HEADERS = "exchange-header.";
    private static final List<String> STANDARD =
            List.of("exchange-audience", "exchange-subject-token-type", "exchange-client-id", "exchange-client-secret");

    private final PropertyGroup group;
    private final CredentialReader credentials;
    private final HeaderReader headers;

    ExchangeReader(PropertyGroup group, CredentialReader credentials, HeaderReader headers) {
        this.group = group;
        this.credentials = credentials;
        this.headers = headers;
    }

    /**
     * The exchange, or null for none, or for a fault; it has then been reported.
     *
     * @param authority issuer identifier of the first token
     * @param authentication of the client there, which an exchange at the same origin is sent too
     */
    @Nullable
    Exchange read(
            @Nullable String authority, @Nullable String clientId, @Nullable ClientAuthentication authentication) {
        Boolean standard = group.choice("exchange-grant", Map.of("get", false, "token-exchange", true));
        String value = group.text(KEY);
        Map<String, Followed<Secret>> carried = headers.under(HEADERS, Set.of());
        if (!group.has(KEY)) {
            withoutEffect(List.of("exchange-grant"), "without exchange");
            withoutEffect(STANDARD, "without exchange");
            carried.keySet().forEach(name -> group.fault(HEADERS + name, "has no effect without exchange. Remove it."));
            return null;
        }
        boolean post = standard != null && standard;
        if (!post) {
            withoutEffect(STANDARD, "without exchange-grant = token-exchange");
        }
        URI address = value == null ? null : AddressProperty.read(group, KEY, value);
        if (address == null) {
            return null;
        }
        if (!Addresses.mayCarryCredentials(address)) {
            group.fault(KEY, "'" + value + "' must use https. Plain http is only for this machine itself (localhost).");
            return null;
        }
        if (address.getRawFragment() != null) {
            group.fault(KEY, "'" + value + "' must end before '#'.");
            return null;
        }
        if (!post) {
            return new Exchange(address, new Exchange.Form.Get(), carried, null);
        }
        String type = group.text("exchange-subject-token-type");
        var form = new Exchange.Form.TokenExchange(
                group.text("exchange-audience"), type == null ? "urn:ietf:params:oauth:token-type:access_token" : type);
        return new Exchange(address, form, carried, client(address, authority, clientId, authentication));
    }

    private Exchange.@Nullable Client client(
            URI address,
            @Nullable String authority,
            @Nullable String clientId,
            @Nullable ClientAuthentication authentication) {
        String id = group.text("exchange-client-id");
        Followed<Secret> secret = credentials.secret("exchange-client-secret");
        if (group.has("exchange-client-id") != group.has("exchange-client-secret")) {
            group.fault(
                    group.has("exchange-client-id") ? "exchange-client-secret" : "exchange-client-id",
                    "missing. Set exchange-client-id and exchange-client-secret both, or none.");
        }
        if (id != null && secret != null) {
            return new Exchange.Client(id, address.toString(), new ClientAuthentication.SecretBasic(secret));
        }
        if (id != null || authority == null || clientId == null || authentication == null) {
            return null;
        }
        // This client's own credentials go to its authority alone
        boolean own = Addresses.origin(URI.create(authority)).equals(Addresses.origin(address))
                && !(authentication instanceof ClientAuthentication.JwtBearerGrant);
        return own ? new Exchange.Client(clientId, authority, authentication) : null;
    }

    private void withoutEffect(List<String> keys, String why) {
        for (String key : keys) {
            if (group.has(key)) {
                group.fault(key, "has no effect " + why + ". Set that, or remove it.");
            }
        }
    }
}
