package dev.dromedar.settings;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.ForeignText;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the headers that requests to an API, or to an exchange of its tokens, carry besides the credentials. */
final class HeaderReader {
    /** Headers that say something else to servers, or carry what is not to be overwritten. */
    private static final Set<String> OWN = Set.of(
            "accept",
            "authorization",
            "connection",
            "content-length",
            "content-type",
            "cookie",
            "dpop",
            "expect",
            "host",
            "keep-alive",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "traceparent",
            "tracestate",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "user-agent");

    private final PropertyGroup group;
    private final CredentialReader credentials;

    HeaderReader(PropertyGroup group, CredentialReader credentials) {
        this.group = group;
        this.credentials = credentials;
    }

    private static boolean isOwn(String header) {
        return OWN.contains(header.toLowerCase(Locale.ROOT));
    }

    /** Of each call to the API. */
    ApiSettings.Headers ofCalls() {
        String correlation = correlation();
        Map<String, Followed<Secret>> fixed = under("header.", Set.of("accept", "user-agent"));
        if (correlation != null && fixed.containsKey(correlation)) {
            group.fault("header." + correlation, "is also the correlation-header. Remove one of them.");
        }
        return new ApiSettings.Headers(correlation, fixed);
    }

    private @Nullable String correlation() {
        String header = group.text("correlation-header");
        if (header == null) {
            return null;
        }
        if (!header.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")) {
            group.fault("correlation-header", "'" + header + "' is no name of a header (RFC 9110 section 5.1).");
        } else if (isOwn(header)) {
            group.fault(
                    "correlation-header",
                    "'" + header + "' has a meaning of its own. Name the header that the API"
                            + " asks for, for example nhn-event-id.");
        }
        return header;
    }

    /**
     * The values of all keys that begin so, by what follows: the name of the header.
     *
     * @param beginning of the keys, with the dot
     * @param open in lower case: what may be set though it is one of the worker's own
     */
    Map<String, Followed<Secret>> under(String beginning, Set<String> open) {
        Map<String, Followed<Secret>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String header : group.under(beginning).keySet()) {
            String key = beginning + header;
            if (!ForeignText.isToken(header, 100)) {
                group.fault(key, "'" + header + "' is not a header name (RFC 9110 section 5.1).");
            } else if (isOwn(header) && !open.contains(header.toLowerCase(Locale.ROOT))) {
                group.fault(key, "'" + header + "' cannot be set here: the worker or HTTP itself sets it. Remove it.");
            } else if (headers.containsKey(header)) {
                group.fault(
                        key, "sets '" + header + "' a second time: header names do not depend on case. Remove one.");
            } else {
                Followed<Secret> value = credentials.header(key);
                if (value != null) {
                    headers.put(header, value);
                }
            }
        }
        return headers;
    }
}
