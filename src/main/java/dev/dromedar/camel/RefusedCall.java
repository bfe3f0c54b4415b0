package dev.dromedar.camel;

import dev.dromedar.oauth.FailureKind;
import dev.dromedar.oauth.GateClosed;
import dev.dromedar.oauth.PublicApi;

/** A call that this worker does not make, or does not repeat, because it could not be made safely. Says what to change. */
@PublicApi
public final class RefusedCall extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final FailureKind kind;

    RefusedCall(String message) {
        super(message);
        this.kind = FailureKind.REFUSED_HERE;
    }

    /** By the API's rate, concurrency or breaker. */
    RefusedCall(String api, GateClosed gate) {
        super(api + ": " + gate.getMessage());
        this.kind = gate.kind();
    }

    FailureKind kind() {
        return kind;
    }
}
