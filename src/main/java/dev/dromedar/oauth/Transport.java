package dev.dromedar.oauth;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How servers are reached. Two that are equal share connections.
 *
 * @param tls whom to trust, and the certificate to show; null for what all APIs have in common
 * @param identity whose certificate {@code tls} shows, or null if none
 * @param proxy null for none
 * @param connectLimit the longest wait for a connection
 */
public record Transport(
        @Nullable SSLContext tls,
        @Nullable TlsIdentity identity,
        @Nullable Proxy proxy,
        Duration connectLimit) {

    /** No proxy, no certificate, the trust that all have in common. */
    public static final Transport USUAL = new Transport(null, null, null, Duration.ofSeconds(5));

    /**
     * A forward proxy (RFC 9110 section 9.3.6).
     *
     * @param user null for a proxy that asks for no credentials
     */
    public record Proxy(
            String host,
            int port,
            @Nullable String user,
            @Nullable Followed<Secret> password) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }
}
