package dev.dromedar.oauth;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.SigningKey;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A client certificate for TLS connections, with its key (RFC 8705). A certificate that is renewed in its file is shown from
 * the next connection on. Thread-safe.
 */
public final class TlsIdentity extends X509ExtendedKeyManager {
    private static final String ALIAS = "client";

    private final Followed<SigningKey> credential;

    /** @param credential a key with certificates */
    public TlsIdentity(Followed<SigningKey> credential) {
        this.credential = credential;
    }

    public Followed<SigningKey> credential() {
        return credential;
    }

    /** Equal if both show the same certificate now and whenever it changes. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TlsIdentity that && credential.mark().equals(that.credential.mark());
    }

    @Override
    public int hashCode() {
        return credential.mark().hashCode();
    }

    /** {@code x5t#S256} of the certificate shown now, as in {@code cnf} of a token that is bound to it. */
    public String thumbprint() {
        return SigningKey.thumbprint(credential.current().certificates().get(0));
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return ALIAS;
    }

    @Override
    public String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return ALIAS;
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return credential.current().certificates().toArray(new X509Certificate[0]);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return credential.current().privateKey();
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
