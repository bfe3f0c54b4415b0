package dev.dromedar.oauth;

import org.apache.hc.core5.http.Header;

/** A header for the wire: what prints it, such as HttpClient's own header log, gets stars. */
public record SecretHeader(String name, String value) implements Header {
    @Override
    public String getName() {
        return name;
    }

    @Override
    public String getValue() {
        return value;
    }

    @Override
    public boolean isSensitive() {
        return true;
    }

    @Override
    public String toString() {
        return name + ": ***";
    }
}
