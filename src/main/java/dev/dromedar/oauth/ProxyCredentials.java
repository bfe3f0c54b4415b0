package dev.dromedar.oauth;

import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.Credentials;
import org.apache.hc.client5.http.auth.CredentialsProvider;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/** A proxy's user and password of this moment, for that proxy alone. Thread-safe. */
public record ProxyCredentials(Transport.Proxy proxy) implements CredentialsProvider {
    @Override
    public @Nullable Credentials getCredentials(AuthScope scope, @Nullable HttpContext context) {
        boolean asked = proxy.host().equalsIgnoreCase(scope.getHost()) && proxy.port() == scope.getPort();
        return !asked || proxy.user() == null || proxy.password() == null
                ? null
                : new UsernamePasswordCredentials(
                        proxy.user(), proxy.password().current().reveal().toCharArray());
    }
}
