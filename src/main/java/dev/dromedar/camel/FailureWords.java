package dev.dromedar.camel;

import dev.dromedar.oauth.OAuthException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.jspecify.annotations.Nullable;

/**
 * Why a call failed, carried by its exception: a branch such as a split, a multicast or a circuit breaker works on a copy of the
 * exchange, whose properties Camel drops when it fails. Holds nothing secret. Thread-safe.
 */
final class FailureWords extends Exception {
    private static final long serialVersionUID = 1;
    private static final int DEEPEST = 20;
    private static final String PUT = "dromedar.failure.words";

    private FailureWords(String words) {
        super(words, null, false, false);
    }

    /** Among the suppressed exceptions, since Camel's own exceptions have no room for more. */
    static void carry(Throwable failure, @Nullable String words) {
        if (words != null && of(failure) == null) {
            failure.addSuppressed(new FailureWords(words));
        }
    }

    /** The words of a call that this failure comes from, or null. */
    static @Nullable String of(@Nullable Throwable failure) {
        Throwable at = failure;
        for (int i = 0; i < DEEPEST && at != null; i++) {
            if (at instanceof FailedCall || at instanceof OAuthException || at instanceof RefusedCall) {
                return at.getMessage();
            }
            for (Throwable suppressed : at.getSuppressed()) {
                if (suppressed instanceof FailureWords) {
                    return suppressed.getMessage();
                }
            }
            at = at.getCause();
        }
        return null;
    }

    /** Before a step: whether it is the first of those that handle a failure. */
    static void ofHandled(Exchange exchange) {
        Object caught = exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT);
        if (caught != null) {
            put(exchange, (Throwable) caught);
        }
    }

    /** After a step: whether it failed. */
    static void ofFailed(Exchange exchange) {
        Exception failure = exchange.getException();
        if (failure != null) {
            put(exchange, failure);
            // From now on Camel says when it sends again
            exchange.getContext().getCamelContextExtension().setEventNotificationApplicable(true);
        }
    }

    /** Once for each failure: a later call that succeeds takes the words away. */
    private static void put(Exchange exchange, Throwable failure) {
        Put before = exchange.getProperty(PUT, Put.class);
        if (before != null && before.failure == failure) {
            return;
        }
        String words = exchange.getProperty(Call.FAILURE, String.class);
        if (words == null || before != null && words.equals(before.words)) { // none, or of a failure before this one
            String own = of(failure);
            words = own == null ? words : own;
            exchange.setProperty(Call.FAILURE, words);
        }
        exchange.setProperty(PUT, new Put(failure, words));
    }

    /** The failure that the exchange has the words of. */
    private record Put(Throwable failure, @Nullable String words) {}
}
