package dev.dromedar.oauth;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One outbound call as it ended. Holds nothing secret: no header, no body, no query.
 *
 * @param method empty if it is not known, as before there is a token to make the call with
 * @param address without user information, query and fragment; null if it is not known. Of a call without a token, what it was to be
 * @param status the API's HTTP status, or 0 if it gave none
 * @param took recovery from a 401 included; the time to read a body is not
 * @param failure null for a success
 * @param words what went wrong, for people, without the API's name; null for a success
 * @param request what the token was asked for with, and so for whom
 * @param trace the trace id that went along (W3C Trace Context), or null
 * @param correlation what went along in the header for it, see {@link ApiSettings.Headers}, or null
 * @param origin {@link Origin#NONE} unless a listener needs it
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
        @Nullable String correlation,
        Origin origin) {

    /**
     * Where a call came from. Personal data may be here: the audit alone takes it, the subject as a keyed hash.
     *
     * @param route the route that made it, or null
     * @param exchange id of the exchange, or null
     * @param purpose what the call is for, or null
     * @param subject whom it is about, or null
     * @param user on whose behalf it is made, or null
     */
    public record Origin(
            @Nullable String route,
            @Nullable String exchange,
            @Nullable String purpose,
            @Nullable String subject,
            @Nullable String user) {
        public static final Origin NONE = new Origin(null, null, null, null, null);

        @Override
        public String toString() {
            return "Origin(" + route + ", " + exchange + ")";
        }
    }

    /** What a failure says, without the API's name that it begins with for anyone who sees it alone: a record is one API's. */
    public static String words(String api, Exception failure) {
        String words = String.valueOf(failure.getMessage());
        return words.startsWith(api + ": ") ? words.substring(api.length() + 2) : words;
    }

    /** An address as it may be shown: queries carry identifiers of people, and user information a password. */
    public static String shown(URI target) {
        String path = target.getRawPath() == null ? "" : target.getRawPath();
        return ForeignText.line(Masking.withoutCredentials(Addresses.origin(target) + path), 2000);
    }
}
