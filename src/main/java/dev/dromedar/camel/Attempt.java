package dev.dromedar.camel;

import dev.dromedar.oauth.AccessToken;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.TokenRequest;
import java.net.URI;

/** One attempt of a call on its way through HttpClient: from {@link Recovery} to {@link Credentials}. */
record Attempt(ApiClient client, TokenRequest request, AccessToken token, URI target) {
    static final String ATTRIBUTE = "dromedar.attempt";
}
