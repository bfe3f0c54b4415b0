package dev.dromedar.settings;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.keys.SigningKey;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.ClientAuthentication;
import dev.dromedar.oauth.Profile;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads whether tokens are bound by DPoP (RFC 9449), and to which key. */
final class ProofReader {
    private final PropertyGroup group;
    private final Profile profile;

    ProofReader(PropertyGroup group, Profile profile) {
        this.group = group;
        this.profile = profile;
    }

    /** How tokens are bound to a key, or null for Bearer tokens. */
    ApiSettings.@Nullable Proof read(@Nullable ClientAuthentication authentication) {
        boolean bound = group.flag("dpop", profile.proof());
        if (bound && !profile.proofAllowed()) {
            group.broken("dpop", "'true'", profile);
        }
        Followed<SigningKey> key = key(bound, authentication);
        SignatureAlgorithm made = group.choice("dpop-algorithm", CredentialReader.algorithms("EC"));
        return bound ? new ApiSettings.Proof(key, made == null ? SignatureAlgorithm.ES256 : made) : null;
    }

    private @Nullable Followed<SigningKey> key(boolean bound, @Nullable ClientAuthentication authentication) {
        Boolean clients = group.choice("dpop-key", Map.of("own", false, "client", true));
        if (clients == null || !clients || !bound || authentication == null) {
            return null;
        }
        if (authentication instanceof ClientAuthentication.PrivateKeyJwt jwt) {
            if (group.has("dpop-algorithm")) {
                group.fault(
                        "dpop-algorithm",
                        "is not used with dpop-key = client: the client's key has its own. Remove it.");
            }
            return jwt.credential();
        }
        group.fault(
                "dpop-key",
                "'client' needs a client with a key. Set client-authentication = private_key_jwt, or 'own'.");
        return null;
    }
}
