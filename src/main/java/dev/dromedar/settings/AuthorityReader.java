package dev.dromedar.settings;

import dev.dromedar.oauth.Addresses;
import dev.dromedar.oauth.ApiSettings.Endpoints;
import dev.dromedar.oauth.Profile;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads which authority gives an API's tokens, and where it is found. */
final class AuthorityReader {
    private final PropertyGroup group;

    AuthorityReader(PropertyGroup group) {
        this.group = group;
    }

    @Nullable
    Profile profile() {
        group.required("profile", "Set the authority's kind, one of: " + String.join(", ", Profile.names()) + ".");
        Map<String, Profile> profiles = new LinkedHashMap<>();
        for (String known : Profile.names()) {
            profiles.put(known, Objects.requireNonNull(Profile.named(known)));
        }
        return group.has("profile") ? group.choice("profile", profiles) : null;
    }

    @Nullable
    String issuer(@Nullable Profile profile) {
        String value = group.required(
                "authority", "Set the authority's issuer identifier, for example https://identity.example.no.");
        URI authority = value == null ? null : AddressProperty.read(group, "authority", value);
        if (value == null || authority == null) {
            return null;
        }
        if (!Addresses.mayCarryCredentials(authority)) {
            group.fault("authority", "'" + value + "' must use https. Use the https address of the authority.");
            return null;
        }
        if (authority.getRawQuery() != null || authority.getRawFragment() != null) {
            group.fault("authority", "'" + value + "' must have no query and no fragment (RFC 8414 section 2).");
            return null;
        }
        if (profile != null && profile.slash() && !value.endsWith("/")) {
            group.broken("authority", "'" + value + "'", profile);
            return null;
        }
        return value;
    }

    Endpoints endpoints() {
        String path = group.text("metadata-path");
        if (path != null && !path.matches("/[^?#\\s]*")) {
            group.fault("metadata-path", "'" + path + "' must be a path that begins with '/', below the authority.");
        }
        String value = group.text("token-endpoint");
        URI endpoint = value == null ? null : AddressProperty.read(group, "token-endpoint", value);
        if (endpoint != null && !Addresses.mayCarryCredentials(endpoint)) {
            group.fault(
                    "token-endpoint", "'" + value + "' must use https. Plain http is only for this machine itself.");
        }
        if (endpoint != null && path != null) {
            group.fault(
                    "metadata-path",
                    "is not used with token-endpoint: there is no discovery then. Remove one of them.");
        }
        Set<String> hosts = new TreeSet<>();
        for (String host : group.words("token-endpoint-host")) {
            if (!host.matches("[A-Za-z0-9._-]+(:\\d{1,5})?|\\[[0-9A-Fa-f:.]+](:\\d{1,5})?")) {
                group.fault(
                        "token-endpoint-host",
                        "'" + host + "' is not a host. Write it like token.example.no or token.example.no:8443.");
            }
            hosts.add(host.toLowerCase(Locale.ROOT));
        }
        if (endpoint != null && !hosts.isEmpty()) {
            group.fault("token-endpoint-host", "has no effect with token-endpoint. Remove one of them.");
        }
        return path == null && endpoint == null && hosts.isEmpty()
                ? Endpoints.DISCOVERED
                : new Endpoints(path, endpoint, hosts);
    }
}
