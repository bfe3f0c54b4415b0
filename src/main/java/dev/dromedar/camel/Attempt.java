package dev.dromedar.camel;

import dev.dromedar.oauth.AccessToken;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.TokenRequest;
import dev.dromedar.oauth.TokenSpan;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a call on its way through HttpClient: from {@link RecoveryInterceptor} to {@link CredentialsInterceptor}, which says with what
 * token it went out. Of one thread.
 */
final class Attempt {
    static final String ATTRIBUTE = "dromedar.attempt";

    final ApiClient client;
    final TokenRequest request;
    final URI target;
    /** Goes around a token request, should this attempt begin one. */
    final TokenSpan span;
    /** Of the 401 that this attempt answers; null for the newest that is known. */
    final @Nullable String nonce;

    private @Nullable AccessToken sentWith;

    Attempt(ApiClient client, TokenRequest request, URI target, TokenSpan span, @Nullable String nonce) {
        this.client = client;
        this.request = request;
        this.target = target;
        this.span = span;
        this.nonce = nonce;
    }

    void sentWith(AccessToken token) {
        sentWith = token;
    }

    /** The token that went out, or null if nothing did. */
    @Nullable
    AccessToken sentWith() {
        return sentWith;
    }
}
