package dev.dromedar.camel;

import dev.dromedar.oauth.PublicApi;

/** A call that this worker does not make, or does not repeat, because it could not be made safely. Says what to change. */
@PublicApi
public final class RefusedCall extends RuntimeException {
    private static final long serialVersionUID = 1;

    RefusedCall(String message) {
        super(message);
    }
}
