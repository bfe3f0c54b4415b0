package dev.dromedar.oauth;

import java.util.Locale;

/** How the header of an assertion names the key. */
public enum KeyName {
    KID,
    X5T_S256,
    X5C;

    public String propertyValue() {
        return this == X5T_S256 ? "x5t#S256" : name().toLowerCase(Locale.ROOT);
    }
}
