package dev.dromedar.camel;

import dev.dromedar.camel.CallAddress.Target;
import dev.dromedar.oauth.AnswerLimitExceeded;
import dev.dromedar.oauth.FailureKind;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.RetryAfter;
import dev.dromedar.settings.Durations;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.jspecify.annotations.Nullable;

/**
 * Follows an answer of 202 (RFC 9110 section 15.3.3) to the result: by GET at its {@code Location} or
 * {@code Content-Location}, as often as {@code Retry-After} allows, until another status comes. A 429 or 503, no connection, and
 * the API's own limits here are no end of it. Holds the route's thread while it waits, and no connection. Of one thread.
 */
final class LaterAnswer {
    /** Between requests where the API says nothing: doubled each time, up to the second. */
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    /** Also where the API wants less: it answers 202 at once, for ever. */
    private static final Duration LEAST_PAUSE = Duration.ofMillis(100);

    private final Exchange exchange;
    private final Duration limit;
    private final long began = System.nanoTime();
    private Duration pause = FIRST_PAUSE;
    private String last = "HTTP 202";

    /** @param limit from now to the result */
    LaterAnswer(Exchange exchange, Duration limit) {
        this.exchange = exchange;
        this.limit = limit;
    }

    /** An answer and where it came from. */
    record Answer(URI base, Target target, Message message) {
        private boolean isLater() {
            return Integer.valueOf(202).equals(message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class));
        }
    }

    /** Makes one request. */
    interface Source {
        Answer get(Target target) throws Exception;
    }

    /**
     * The answer that comes in the end; the first one if it is no 202.
     *
     * @param known whether the first request went to the later answer's own address, which no answer need name then
     * @throws RefusedCall if the API names no address, or one outside its base address; or the limit is over
     */
    Answer follow(Answer first, boolean known, Source source) throws Exception {
        Answer answer = first;
        Target target = first.target();
        Map<String, ?> headers = first.message().getHeaders();
        boolean later = answer.isLater();
        boolean named = known;
        while (later) {
            String place = place(headers);
            if (place != null) {
                target = answer.target().linked(answer.base(), place, "The answer of 202 names an address");
                named = true;
            } else if (!named) {
                throw new RefusedCall("The answer of 202 names no address for the result, by neither Location nor"
                        + " Content-Location. Set await=false, or report it to the API's owner.");
            }
            pause(headers);
            headers = Map.of();
            try {
                answer = source.get(target);
                headers = answer.message().getHeaders();
                later = answer.isLater();
                last = "HTTP 202";
            } catch (HttpOperationFailedException e) {
                if (e.getStatusCode() != 429 && e.getStatusCode() != 503) {
                    throw e;
                }
                headers = e.getResponseHeaders() == null ? Map.of() : withoutPlace(e.getResponseHeaders());
                last = "HTTP " + e.getStatusCode();
            } catch (RefusedCall e) {
                if (e.kind() == FailureKind.REFUSED_HERE) {
                    throw e;
                }
                last = String.valueOf(e.getMessage());
            } catch (IOException e) {
                if (AnswerLimitExceeded.kind(e) == FailureKind.REFUSED_HERE) {
                    throw e;
                }
                last = e.getClass().getSimpleName();
            }
        }
        return answer;
    }

    private static @Nullable String place(Map<String, ?> headers) {
        String location = value(headers, "Location");
        return location != null ? location : value(headers, "Content-Location");
    }

    /** Where a refusal leads is not where the result is. */
    private static Map<String, ?> withoutPlace(Map<String, String> headers) {
        String retryAfter = value(headers, "Retry-After");
        String date = value(headers, "Date");
        return retryAfter == null
                ? Map.of()
                : date == null ? Map.of("Retry-After", retryAfter) : Map.of("Retry-After", retryAfter, "Date", date);
    }

    private static @Nullable String value(Map<String, ?> headers, String name) {
        return headers.entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name) && header.getValue() != null)
                .map(header -> header.getValue().toString().strip())
                .filter(value -> !value.isEmpty())
                .findFirst()
                .orElse(null);
    }

    private void pause(Map<String, ?> headers) throws IOException {
        Duration wanted = RetryAfter.of(
                value(headers, "Retry-After"),
                value(headers, "Date"),
                Clock.systemUTC().instant());
        Duration wait = wanted == null ? pause : wanted.compareTo(LEAST_PAUSE) < 0 ? LEAST_PAUSE : wanted;
        if (wanted == null) {
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
        long end = System.nanoTime() + wait.toNanos();
        if (end - began > limit.toNanos()) {
            exchange.removeProperty(Call.FAILURE);
            throw new RefusedCall("The result was not there within " + Durations.shown(limit)
                    + " (awaitLimit); the last answer was " + ForeignText.line(last)
                    + (wanted == null ? "" : ", and the API wants no request for " + Durations.shown(wait))
                    + ". Raise awaitLimit, or ask the API's owner why it takes so long.");
        }
        try {
            for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
                if (exchange.getContext().isStopping() || exchange.getContext().isStopped()) {
                    throw new IOException("this worker is stopping");
                }
                TimeUnit.NANOSECONDS.sleep(Math.min(left, TimeUnit.SECONDS.toNanos(1)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for a later answer", e);
        }
    }
}
