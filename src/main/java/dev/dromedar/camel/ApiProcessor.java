package dev.dromedar.camel;

import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.OAuthException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * What a route names right before a call: {@code process: {ref: health-records}}. It sees to it that a valid token is there,
 * so that a failure surfaces at this step; removes credentials that came in with the message; and marks the exchange.
 *
 * <p>The credentials themselves never enter the message, because tracers, dead letters and the next {@code to} would see
 * them there: the HTTP layer under Camel's producer puts them on each request as it leaves. Thread-safe; holds no state, so
 * that a route reload does not touch the client.
 */
public final class ApiProcessor implements Processor {
    private final ApiClient client;

    ApiProcessor(ApiClient client) {
        this.client = client;
    }

    /** @throws OAuthException if there is no token; then nothing is sent */
    @Override
    public void process(Exchange exchange) {
        exchange.getMessage().removeHeader("Authorization");
        exchange.getMessage().removeHeader("DPoP");
        var call = new Call(client, client.settings().request());
        client.token(call.request());
        call.mark(exchange);
    }

    @Override
    public String toString() {
        return "API " + client.name();
    }
}
