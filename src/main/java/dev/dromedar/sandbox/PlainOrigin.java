package dev.dromedar.sandbox;

import java.net.URI;
import java.util.List;
import java.util.function.Consumer;

/** An origin that is nobody's API, to see that no credentials come to it (check 39). */
public final class PlainOrigin {
    private final Origin origin;
    private final Seen seen = new Seen();
    private final Consumer<String> refusals;
    private volatile ProtectedApi.UnaryAnswer own = request -> Answer.of(200, "text/plain", "ok");

    PlainOrigin(Origin origin, Consumer<String> refusals) {
        this.origin = origin;
        this.refusals = refusals;
        origin.mount("/", this::answer);
    }

    public URI uri() {
        return origin.uri();
    }

    public Origin origin() {
        return origin;
    }

    public List<Request> received() {
        return origin.received();
    }

    /** From now on requests without credentials are answered so. */
    public void respond(ProtectedApi.UnaryAnswer answer) {
        own = answer;
    }

    public Seen seen() {
        return seen;
    }

    private Answer answer(Request request) {
        seen.requests.increment();
        if (request.header("Authorization") == null && request.header("DPoP") == null) {
            seen.accepted.increment();
            return own.to(request);
        }
        var refusal = new Refusal(
                Check.FOREIGN_CREDENTIALS, "invalid_request", "credentials were sent to an origin that is not theirs");
        seen.refused(refusal.check());
        refusals.accept("plain origin: " + request.method() + " " + request.path() + ": " + refusal.description());
        return Answer.of(400, "text/plain", refusal.description());
    }
}
