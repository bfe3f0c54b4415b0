package dev.dromedar.settings;

import dev.dromedar.oauth.Addresses;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.ClientAuthentication;
import dev.dromedar.oauth.Profile;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** Reads how long a client's key or secret lives, and what replaces it. */
final class KeyLifeReader {
    private final PropertyGroup group;
    private final Profile profile;

    KeyLifeReader(PropertyGroup group, Profile profile) {
        this.group = group;
        this.profile = profile;
    }

    ApiSettings.KeyLife read(@Nullable ClientAuthentication authentication) {
        String value = group.text("key-expires");
        LocalDate expires = null;
        if (value != null && authentication instanceof ClientAuthentication.TlsCertificate) {
            group.fault("key-expires", "has no effect with tls_client_auth: the certificate says its end. Remove it.");
        }
        try {
            expires = value == null ? null : LocalDate.parse(value);
        } catch (DateTimeParseException e) {
            group.fault("key-expires", "'" + value + "' is no date. Write it like 2027-03-01.");
        }
        String written = group.text("key-registry");
        URI registry = written == null ? null : AddressProperty.read(group, "key-registry", written);
        if (registry != null && !Addresses.mayCarryCredentials(registry)) {
            group.fault(
                    "key-registry", "'" + written + "' must use https. Plain http is only for this machine itself.");
        }
        if (registry != null && !profile.assertionDetails()) {
            group.fault(
                    "key-registry",
                    "is HelseID's, and the profile " + profile.name() + " does not know it. Remove it.");
        }
        Path file = group.has("key-id") ? null : group.file("private-key");
        Duration day = Duration.ofDays(1);
        Duration ahead = group.has("key-rotation") ? group.time("key-rotation", day, day, day.multipliedBy(300)) : null;
        if (ahead != null && (registry == null || file == null)) {
            group.fault(
                    "key-rotation",
                    registry == null && !group.has("key-registry")
                            ? "has no effect without key-registry. Set that, or remove it."
                            : "needs the key in a file of its own: private-key = {{secretfile:...}} and no key-id.");
        }
        return new ApiSettings.KeyLife(expires, registry, file, ahead);
    }
}
