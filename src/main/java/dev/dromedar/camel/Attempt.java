package dev.dromedar.camel;

import dev.dromedar.oauth.AccessToken;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.TokenRequest;
import dev.dromedar.oauth.TokenSpan;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a call on its way through HttpClient: from {@link RecoveryInterceptor} to {@link CredentialsInterceptor}, which says with what
 * token it went out. Of one thread.
 */
final class Attempt {
    final ApiClient client;
    final TokenRequest request;
    final URI target;
    /** Of this call's own; null for the usual. */
    final @Nullable Duration limit;
    /** Goes around a token request, should this attempt begin one. */
    final TokenSpan span;
    /** Of the 401 that this attempt answers; null for the newest that is known. */
    final @Nullable String nonce;

    private @Nullable AccessToken sentWith;

    Attempt(Call call, URI target, TokenSpan span, @Nullable String nonce) {
        this.client = call.client();
        this.request = call.request();
        this.limit = call.terms().timeLimit();
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
