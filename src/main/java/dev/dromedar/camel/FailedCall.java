package dev.dromedar.camel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.oauth.Challenge;
import dev.dromedar.oauth.FailureKind;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.Masking;
import dev.dromedar.oauth.PublicApi;
import dev.dromedar.oauth.TokenRefused;
import java.util.List;
import java.util.Map;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.jspecify.annotations.Nullable;

/**
 * A call by {@code api:} that failed, in parts for a route to decide by, instead of a sentence to be searched:
 *
 * <pre>{@code
 * - onException:
 *     exception: [dev.dromedar.camel.FailedCall]
 *     onWhen: {simple: "${exception.status} == 404 && ${exception.errorCode} == 'no-such-patient'"}
 * }</pre>
 *
 * Its message is that of the exchange property {@code DromedarFailure}. What failed below is its cause: a {@link RefusedCall},
 * an {@code OAuthException}, an {@code IOException}; for an answer with an HTTP status there is none. Gives no body of an
 * answer; what is taken from one is cleaned and short.
 */
@PublicApi
public final class FailedCall extends RuntimeException {
    private static final long serialVersionUID = 1;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LARGEST_PROBLEM = 64 * 1024;
    private static final int MOST_OF_THE_ANSWER = 8000;

    private final String api;
    private final int status;
    private final @Nullable String error;
    private final @Nullable String title;
    private final @Nullable String errorCode;
    private final @Nullable String requestId;
    private final String advice;
    private final int page;
    /** For a dead letter alone; the beginning of a refusal's body. */
    private final transient @Nullable String answer;

    private FailedCall(
            String api,
            String message,
            int status,
            @Nullable String error,
            JsonNode problem,
            @Nullable String answer,
            @Nullable Throwable cause) {
        super(message, cause);
        this.api = api;
        this.status = status;
        this.error = error;
        this.title = words(problem.get("title"));
        this.errorCode = word(problem.get("errorCode"));
        this.requestId = word(problem.get("requestId"));
        FailureKind kind = status == 0 ? null : FailureKind.ofStatus(status);
        this.advice = kind == null ? "" : kind.advice();
        this.page = 0;
        this.answer = answer;
    }

    private FailedCall(FailedCall same, int page, long items) {
        super(same.getMessage() + " Stopped at page " + page + ", after " + items + " items.", same.getCause());
        this.api = same.api;
        this.status = same.status;
        this.error = same.error;
        this.title = same.title;
        this.errorCode = same.errorCode;
        this.requestId = same.requestId;
        this.advice = same.advice;
        this.page = page;
        this.answer = same.answer;
    }

    /** The same, of a page. */
    FailedCall at(int failedPage, long items) {
        return new FailedCall(this, failedPage, items);
    }

    static FailedCall of(String api, String message, HttpOperationFailedException failure) {
        String body = failure.getResponseBody();
        return new FailedCall(
                api,
                message,
                failure.getStatusCode(),
                error(failure.getResponseHeaders()),
                problem(body),
                body == null || failure.getStatusCode() / 100 != 4
                        ? null
                        : body.substring(0, Math.min(body.length(), MOST_OF_THE_ANSWER)),
                null);
    }

    /** @param cause before an answer came, or while it was read */
    static FailedCall of(String api, String message, Exception cause) {
        return new FailedCall(
                api,
                message,
                0,
                cause instanceof TokenRefused refused ? refused.error() : null,
                JSON.createObjectNode(),
                null,
                cause);
    }

    /** The beginning of the body of a refusal (400 to 499), for a dead letter; null if there is none. May be personal. */
    @Nullable
    String answer() {
        return answer;
    }

    private static @Nullable String error(@Nullable Map<String, String> headers) {
        if (headers == null) {
            return null;
        }
        List<String> challenges = headers.entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase("WWW-Authenticate"))
                .map(Map.Entry::getValue)
                .toList();
        return Challenge.parse(challenges).stream()
                .map(Challenge::error)
                .filter(error -> error != null && ForeignText.isWord(error, 60))
                .findFirst()
                .orElse(null);
    }

    /** Problem details (RFC 9457), and whatever else is a JSON object. */
    private static JsonNode problem(@Nullable String body) {
        if (body != null
                && body.length() <= LARGEST_PROBLEM
                && body.stripLeading().startsWith("{")) {
            try {
                return JSON.readTree(body);
            } catch (JsonProcessingException e) {
                // an answer of another kind
            }
        }
        return JSON.createObjectNode();
    }

    private static @Nullable String words(@Nullable JsonNode value) {
        return value == null || !value.isTextual()
                ? null
                : ForeignText.line(Masking.withoutCredentials(value.textValue()), 200);
    }

    private static @Nullable String word(@Nullable JsonNode value) {
        String text = value == null || !value.isValueNode() || value.isNull() ? "" : value.asText();
        return ForeignText.isOf(text, 128, "_-.:") ? text : null;
    }

    /** The API's name. */
    public String getApi() {
        return api;
    }

    /** The HTTP status of the answer; 0 if none came, or if it was broken off. */
    public int getStatus() {
        return status;
    }

    /** The OAuth error of the API's challenge (RFC 6750 section 3.1) or of the authority; null if there was none. */
    public @Nullable String getError() {
        return error;
    }

    /** {@code title} of the answer's problem details (RFC 9457); null if it has none. */
    public @Nullable String getTitle() {
        return title;
    }

    /** {@code errorCode} in the answer's JSON, a word of letters, digits and {@code _-.:}; null if it has none. */
    public @Nullable String getErrorCode() {
        return errorCode;
    }

    /** {@code requestId} in the answer's JSON, for a question to the API's owner; null if it has none. */
    public @Nullable String getRequestId() {
        return requestId;
    }

    /** Which page could not be read, from 1; 0 for a call that reads no pages. */
    public int getPage() {
        return page;
    }

    /** What to do, as sentences; empty where the message itself says it. */
    public String getAdvice() {
        return advice;
    }
}
