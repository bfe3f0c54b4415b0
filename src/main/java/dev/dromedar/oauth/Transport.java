package dev.dromedar.oauth;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How servers are reached. A value: two with equal settings are equal, share connections, and stay equal as a certificate
 * or password changes in its file. Thread-safe.
 */
public final class Transport {
    /** No proxy, no certificate, the trust that all have in common. */
    public static final Transport USUAL = new Transport(null, null, null, Duration.ofSeconds(5), false);

    private final @Nullable Map<String, List<X509Certificate>> authorities;
    private final @Nullable TlsIdentity identity;
    private final @Nullable Proxy proxy;
    private final Duration connectLimit;
    private final boolean legacy;
    /** Each call looks for its connections by it. */
    private final int hash;

    private @Nullable SSLContext tls;

    /**
     * A way to reach servers.
     *
     * @param authorities trusted besides the JDK's, by the file that holds them; null for what all APIs have in common
     * @param identity whose certificate is shown, or null if none
     * @param proxy null for none
     * @param connectLimit the longest wait for a connection
     * @param legacy whether weak TLS is accepted; see {@link TlsRules}
     */
    public Transport(
            @Nullable Map<String, List<X509Certificate>> authorities,
            @Nullable TlsIdentity identity,
            @Nullable Proxy proxy,
            Duration connectLimit,
            boolean legacy) {
        this.authorities = authorities == null ? null : Map.copyOf(authorities);
        this.identity = identity;
        this.proxy = proxy;
        this.connectLimit = connectLimit;
        this.legacy = legacy;
        this.hash = Objects.hash(identity, proxy, connectLimit, legacy);
    }

    public @Nullable TlsIdentity identity() {
        return identity;
    }

    public @Nullable Proxy proxy() {
        return proxy;
    }

    public Duration connectLimit() {
        return connectLimit;
    }

    public boolean legacy() {
        return legacy;
    }

    /** Whom to trust, and the certificate to show; the same for the life of this value. */
    public synchronized SSLContext tls(SSLContext common) {
        if (authorities == null) {
            return common;
        }
        if (tls == null) {
            tls = TlsRules.context(
                    authorities.values().stream().flatMap(List::stream).toList(), identity, legacy);
        }
        return tls;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof Transport that
                        && Objects.equals(authorities, that.authorities)
                        && Objects.equals(identity, that.identity)
                        && Objects.equals(proxy, that.proxy)
                        && connectLimit.equals(that.connectLimit)
                        && legacy == that.legacy;
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return "Transport(" + (proxy == null ? "direct" : "by " + proxy) + (identity == null ? "" : ", own certificate")
                + ")";
    }

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
        public boolean equals(@Nullable Object other) {
            return other instanceof Proxy that
                    && host.equals(that.host)
                    && port == that.port
                    && Objects.equals(user, that.user)
                    && Objects.equals(mark(), that.mark());
        }

        @Override
        public int hashCode() {
            return Objects.hash(host, port, user);
        }

        private @Nullable Object mark() {
            return password == null ? null : password.mark();
        }

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }
}
