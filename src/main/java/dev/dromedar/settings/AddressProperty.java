package dev.dromedar.settings;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/** Addresses in properties: absolute, with a host, and without a user or password, which no fault quotes. */
final class AddressProperty {
    private AddressProperty() {}

    /** The address, or null if there is a fault; it has then been reported. */
    static @Nullable URI read(PropertyGroup group, String key, String value) {
        if (value.contains("@") && !key.equals("proxy")) { // perhaps a password: it is not quoted
            group.fault(key, "must be without a user and password. Write it like https://api.example.no/path.");
            return null;
        }
        try {
            URI address = new URI(value);
            if (address.getHost() == null) {
                group.fault(
                        key,
                        (value.contains("@") ? "" : "'" + value + "' ")
                                + (String.valueOf(address.getRawAuthority()).contains("_")
                                        ? "has a host name with an underscore, which no host may have (RFC 1123 section"
                                                + " 2.1) and this worker cannot call yet. Ask for another name of it."
                                        : "is no address. Write it like https://api.example.no/path."));
                return null;
            }
            return address;
        } catch (URISyntaxException e) {
            group.fault(
                    key,
                    (value.contains("@") ? "" : "'" + value + "' ") + "is no address: " + e.getReason()
                            + " at character " + (e.getIndex() + 1) + ".");
            return null;
        }
    }
}
