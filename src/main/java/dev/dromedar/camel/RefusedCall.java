package dev.dromedar.camel;

/** A call that this worker does not make, or does not repeat, because it could not be made safely. Says what to change. */
public final class RefusedCall extends RuntimeException {
    private static final long serialVersionUID = 1;

    RefusedCall(String message) {
        super(message);
    }
}
