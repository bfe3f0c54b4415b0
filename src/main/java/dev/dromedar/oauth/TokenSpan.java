package dev.dromedar.oauth;

import org.jspecify.annotations.Nullable;

/** Puts something around a token request, such as the span of a tracer. */
@FunctionalInterface
public interface TokenSpan {
    /** Nothing around it. */
    TokenSpan NONE = request -> request::make;

    /**
     * Called on the thread of the call that makes the request necessary, and only then: a token from memory needs none.
     * Throws nothing.
     *
     * @return what to run, on another thread: it must make the request exactly once
     */
    Runnable around(Request request);

    /** One token request, not made yet. */
    @FunctionalInterface
    interface Request {
        /** Makes it; gives why there is no token, or null if there is one. Throws nothing. */
        @Nullable
        OAuthException make();
    }
}
