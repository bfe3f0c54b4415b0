package dev.dromedar.oauth;

import dev.dromedar.keys.SigningKey;
import java.util.Locale;
import java.util.Map;

/** How the header of an assertion names the key. */
public enum KeyName {
    KID,
    X5T_S256,
    X5C;

    public String propertyValue() {
        return this == X5T_S256 ? "x5t#S256" : name().toLowerCase(Locale.ROOT);
    }

    /** To the header of an assertion that the key signs. */
    void addTo(Map<String, Object> header, SigningKey key) {
        switch (this) {
            case KID -> {
                if (key.keyId() != null) {
                    header.put("kid", key.keyId());
                }
            }
            case X5T_S256 ->
                header.put("x5t#S256", SigningKey.thumbprint(key.certificates().get(0)));
            case X5C -> header.put("x5c", key.certificateChain());
        }
    }
}
