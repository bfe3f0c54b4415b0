package dev.dromedar;

import dev.dromedar.camel.Apis;
import dev.dromedar.camel.Authorization;
import dev.dromedar.camel.RefusedCall;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.OAuthException;
import dev.dromedar.oauth.PublicApi;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.util.HashMap;
import java.util.Map;

/**
 * One API, called from Java with what a call of a route has: credentials go to the base address and below it alone, each
 * attempt has a proof of its own (RFC 9449), a nonce is learned, a 401 is recovered from once, and certificate, trust,
 * proxy, limits, metrics and audit are those of the API's properties.
 *
 * <pre>{@code
 * Api orders = door.api("orders");
 * var request = HttpRequest.newBuilder(URI.create("https://api2.example.no/orders"))
 *         .header("Content-Type", "application/json")
 *         .POST(BodyPublishers.ofString("{\"item\": 7}"))
 *         .build();
 * HttpResponse<String> answer = orders.send(request, BodyHandlers.ofString());
 * }</pre>
 *
 * Thread-safe.
 */
@PublicApi
public final class Api {
    private final Apis apis;
    private final String name;
    /** By the exchange properties that a route sets for the same. */
    private final Map<String, Object> token;

    Api(Apis apis, String name) {
        this(apis, name, Map.of());
    }

    private Api(Apis apis, String name, Map<String, Object> token) {
        this.apis = apis;
        this.name = name;
        this.token = token;
    }

    private Api with(String property, String value) {
        Map<String, Object> more = new HashMap<>(token);
        more.put(property, value);
        return new Api(apis, name, Map.copyOf(more));
    }

    /**
     * The same API with tokens of other scopes than its properties say. Each such call is checked as a route's is: what the
     * profile refuses, and an organisation where it knows none, is an {@link InvalidSettings}.
     *
     * <pre>{@code
     * door.api("orders").withScope("orders.write").send(request, BodyHandlers.ofString());
     * }</pre>
     *
     * @param scopes separated by spaces
     */
    public Api withScope(String scopes) {
        return with("DromedarScope", scopes);
    }

    /** The same API with tokens for these resource indicators (RFC 8707), separated by spaces. */
    public Api withResource(String resources) {
        return with("DromedarResource", resources);
    }

    /** The same API with tokens for this parent organisation (HelseID), by its number. */
    public Api withOrganisation(String number) {
        return with("DromedarOrganisationParent", number);
    }

    /** The same API with tokens for this child organisation (HelseID). */
    public Api withOrganisationChild(String number) {
        return with("DromedarOrganisationChild", number);
    }

    /** The same API with tokens for the organisation that has delegated the scope, {@code consumer_org} (Maskinporten). */
    public Api withConsumerOrganisation(String number) {
        return with("DromedarConsumerOrganisation", number);
    }

    /** The same API with tokens of this organisation's system user in Altinn (Maskinporten). */
    public Api withSystemUser(String number) {
        return with("DromedarSystemUser", number);
    }

    /** As in {@code dromedar.api.<name>.*}. */
    public String name() {
        return name;
    }

    /**
     * Sends a request and waits for its answer, whatever its status. Redirects are not followed: the answer is theirs. HTTP
     * is 1.1; a compressed answer is decoded. {@code Authorization} and {@code DPoP} of the request are replaced; headers of
     * the connection, such as {@code Host} and {@code Transfer-Encoding}, are refused.
     *
     * <p>A body of up to {@code repeatable-body} bytes is kept for the recovery of a 401; its publisher is subscribed to
     * once. A larger one is streamed, and a 401 is then a {@link RefusedCall}. {@link HttpRequest#timeout} shortens the API's
     * {@code call-time-limit}, which holds to the last byte of the answer's body; {@code answer-size} bounds that body. A
     * handler that streams ({@code ofInputStream}, {@code ofLines}) holds a connection until its stream is closed or read, and at
     * most until that limit: then the connection is cut, and reading on is an {@link IOException}. Close it.
     *
     * @throws HttpTimeoutException if the request's timeout is over
     * @throws IOException if there is no connection or no whole answer, or the answer exceeds a limit
     * @throws InterruptedException if this thread is interrupted; the call is cut off
     * @throws OAuthException if there is no token: {@code TokenRefused}, {@code AuthorityUnavailable}. Nothing was sent
     * @throws RefusedCall if the address is not under the base address, or the request cannot be sent safely
     * @throws InvalidSettings if the API is no more
     */
    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        return apis.send(name, token, request, handler);
    }

    /**
     * The credentials for one attempt by an HTTP client of your own, for this method and this address. That client must send
     * them there alone, follow no redirect with them, and use the API's certificate and proxy if it has any;
     * {@link #send} sees to all of that.
     *
     * @param method as it is sent, such as {@code GET}
     * @param target the whole address
     * @throws OAuthException if there is no token
     * @throws RefusedCall if the address is not under the base address, or can be read in two ways
     * @throws InvalidSettings if the API is no more
     */
    public Authorization authorization(String method, URI target) {
        return apis.authorization(name, token, method, target);
    }

    @Override
    public String toString() {
        return "API " + name;
    }
}
