package dev.dromedar.oauth;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One outbound call as it ended. Holds nothing secret: no header, no body, no query.
 *
 * @param method empty if there was no token to make the call with
 * @param address without user information, query and fragment; null if there was no token to make the call with
 * @param status the API's HTTP status, or 0 if it gave none
 * @param took recovery from a 401 included; the time to read a body is not
 * @param failure null for a success
 * @param words what went wrong, for people, without the API's name; null for a success
 * @param request what the token was asked for with, and so for whom
 * @param trace the trace id that went along (W3C Trace Context), or null
 * @param correlation what went along in the header for it, see {@link ApiSettings.Headers}, or null
 */
public record CallRecord(
        String method,
        @Nullable String address,
        int status,
        Duration took,
        @Nullable FailureKind failure,
        @Nullable String words,
        TokenRequest request,
        @Nullable String trace,
        @Nullable String correlation) {

    /** What a failure says, without the API's name that it begins with for anyone who sees it alone: a record is one API's. */
    public static String words(String api, Exception failure) {
        String words = String.valueOf(failure.getMessage());
        return words.startsWith(api + ": ") ? words.substring(api.length() + 2) : words;
    }

    /** An address as it may be shown: queries carry identifiers of people, and user information a password. */
    public static String shown(URI target) {
        String path = target.getRawPath() == null ? "" : target.getRawPath();
        return ForeignText.line(ForeignText.withoutCredentials(Addresses.origin(target) + path), 2000);
    }
}
