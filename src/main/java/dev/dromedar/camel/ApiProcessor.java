package dev.dromedar.camel;

import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.CallRecord;
import dev.dromedar.oauth.FailureKind;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.OAuthException;
import dev.dromedar.oauth.TokenRequest;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * What a route names right before a call: {@code process: {ref: health-records}}. It sees to it that a valid token is there,
 * so that a failure surfaces at this step; removes credentials that came in with the message; and marks the exchange.
 *
 * <p>The credentials themselves never enter the message, because tracers, dead letters and the next {@code to} would see
 * them there: the HTTP layer under Camel's producer puts them on each request as it leaves. Thread-safe; is no service of
 * the route, so that a route reload does not touch the client.
 */
public final class ApiProcessor implements Processor {
    private volatile Served served;
    private volatile boolean gone;

    /** The client of now, and what it has kept: an edit of the API may make another client of it. */
    private record Served(ApiClient client, KeptAnswers kept) {}

    ApiProcessor(ApiClient client) {
        this.served = new Served(client, new KeptAnswers());
    }

    /** From now on calls go by other settings; routes keep this Processor. */
    void become(ApiClient other) {
        served = new Served(other, new KeptAnswers());
    }

    /** There is no such API any more: another one of its name has another Processor. */
    void end() {
        gone = true;
    }

    boolean isGone() {
        return gone;
    }

    /** The answers that are kept for calls by a client; none if it is no longer this API's. */
    KeptAnswers kept(ApiClient client) {
        Served now = served;
        return now.client() == client ? now.kept() : new KeptAnswers();
    }

    /** @throws OAuthException if there is no token, or the message asks for what it may not; then nothing is sent */
    @Override
    public void process(Exchange exchange) {
        process(exchange, CallTerms.USUAL);
    }

    /** As {@link #process(Exchange)}, for a call with terms of its own. */
    Call process(Exchange exchange, CallTerms terms) {
        ApiClient client = served.client();
        if (exchange.getMessage().hasHeaders()) {
            exchange.getMessage().removeHeader("Authorization");
            exchange.getMessage().removeHeader("DPoP");
        }
        exchange.removeProperty(Call.FAILURE);
        if (exchange.getProperty(Call.API) != null) { // of a call before
            exchange.removeProperty(Call.MILLIS);
            exchange.removeProperty(Call.CORRELATION);
        }
        boolean unusual = PerMessage.isAny(exchange);
        exchange.setProperty(Call.API, client.name());
        TokenRequest usual = client.settings().tokens().request();
        TokenRequest asked =
                unusual ? request(client, () -> PerMessage.request(exchange, client.settings())) : usual; // as most
        var call = new Call(client, asked, terms);
        long start = System.nanoTime();
        try {
            client.token(call.request(), new TokenTrace(exchange, client));
        } catch (OAuthException e) {
            var attempted = Attempted.at(exchange, client);
            client.called(new CallRecord(
                    attempted.method(),
                    attempted.address(),
                    0,
                    Duration.ofNanos(System.nanoTime() - start),
                    FailureKind.NO_TOKEN,
                    CallRecord.words(client.name(), e),
                    call.request(),
                    null,
                    null,
                    Attempted.origin(exchange, client)));
            throw e;
        }
        call.mark(exchange);
        return call;
    }

    ApiClient client() {
        return served.client();
    }

    /** What a call asks for; a fault of that names the API. */
    static TokenRequest request(ApiClient client, Supplier<TokenRequest> asked) {
        try {
            return asked.get();
        } catch (InvalidSettings e) {
            throw new InvalidSettings(e.faults().stream()
                    .map(fault -> client.name() + ": " + fault)
                    .toList());
        }
    }

    @Override
    public String toString() {
        return "API " + served.client().name();
    }
}
