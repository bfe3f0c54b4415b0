package dev.dromedar.camel;

import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.OAuthException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the branches of a multicast into one line for people, as the body: for each API its status, records and
 * milliseconds, or that it failed. Bound as {@code run-summary}. A branch says how many records it had by the exchange
 * property {@code records}. One failed branch does not make the run fail. Thread-safe; holds no state.
 */
public final class RunSummary implements AggregationStrategy {
    /** In the registry, for {@code aggregationStrategy}. */
    public static final String NAME = "run-summary";

    private static final String LINE = "dromedar.summary";

    @Override
    public Exchange aggregate(@Nullable Exchange gathered, Exchange branch) {
        Exchange run = gathered == null ? branch : gathered;
        String line = describe(branch);
        String soFar = run.getProperty(LINE, String.class);
        if (gathered == null) {
            branch.setException(null);
            branch.setRollbackOnly(false);
        }
        return summed(run, soFar == null ? line : soFar + " | " + line);
    }

    @Override
    public void timeout(@Nullable Exchange gathered, int index, int total, long timeout) {
        if (gathered != null) {
            String soFar = gathered.getProperty(LINE, "", String.class);
            String late = "call " + (index + 1) + " of " + total + " not done within "
                    + TimeUnit.MILLISECONDS.toSeconds(timeout) + " s";
            summed(gathered, soFar.isEmpty() ? late : soFar + " | " + late);
        }
    }

    private static Exchange summed(Exchange run, String line) {
        run.setProperty(LINE, line);
        run.getMessage().setBody(line);
        return run;
    }

    /** Short: the log has the sentence. */
    private static String words(Exception failure) {
        if (failure instanceof OAuthException) {
            return "no token";
        }
        if (failure instanceof FailedCall && failure.getCause() instanceof Exception cause) {
            return words(cause);
        }
        if (failure instanceof RefusedCall) {
            return "not sent";
        }
        if (failure instanceof SocketTimeoutException) {
            return "no answer in time";
        }
        Throwable error = failure instanceof CamelExecutionException && failure.getCause() instanceof Error
                ? failure.getCause()
                : failure;
        return failure instanceof IOException ? "not reached" : error.getClass().getSimpleName();
    }

    private static String describe(Exchange branch) {
        Exception failure = branch.getException() != null
                ? branch.getException()
                : branch.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        var line =
                new StringBuilder(branch.getProperty(Call.API, String.valueOf(branch.getFromRouteId()), String.class));
        Integer status = failure instanceof HttpOperationFailedException refused
                ? Integer.valueOf(refused.getStatusCode())
                : failure instanceof FailedCall call
                        ? call.getStatus() == 0 ? null : Integer.valueOf(call.getStatus())
                        : branch.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        line.append(failure == null ? "" : " FAILED").append(status == null ? "" : " " + status);
        Object records = branch.getProperty("records");
        if (failure == null && records != null) {
            line.append(", ").append(records).append(" records");
        }
        if (failure != null && status == null) {
            line.append(" (").append(words(failure)).append(')');
        }
        Long millis = branch.getProperty(Call.MILLIS, Long.class);
        return ForeignText.line(line.append(millis == null ? "" : ", " + millis + " ms"), 1000);
    }
}
