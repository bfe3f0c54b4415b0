package dev.dromedar.letters;

import dev.dromedar.oauth.Addresses;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Date;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;
import org.jspecify.annotations.Nullable;

/**
 * What came into a route, in a form that can be kept and sent in again: headers without credentials, and the body's bytes.
 *
 * @param headers of texts, numbers, flags and dates; others cannot be kept
 * @param kind how the bytes become a body again
 */
public record KeptMessage(Map<String, Object> headers, Kind kind, byte[] body) {
    private static final JsonMapper JSON = new JsonMapper();
    /** Names of headers and of parameters in addresses whose values are not kept. An idempotency key is needed again. */
    private static final String SECRET_NAME = ".*(authori[sz]ation|authentication|dpop|cookie|token|secret|passw(or)?d"
            + "|credential|private.?key|assertion|signature|session|jwt|bearer)[^=&?]*|x.auth.*|sig|pwd|code"
            + "|(?!idempotency).*(api|access|subscription|functions|auth|[-_.]).?key";

    private static final Pattern CREDENTIAL = Pattern.compile(SECRET_NAME);
    private static final Pattern PARAMETER = Pattern.compile("(^|[?&;\\s])([^=&?#;\\s]+)=([^&#\\s]+)");
    private static final Pattern QUERY = Pattern.compile("\\?[^\\s,;\"'>)\\]]+");
    private static final Pattern SCHEME = Pattern.compile("(?i)\\b(bearer|dpop|basic)\\s+[A-Za-z0-9._~+/=-]{8,}");
    private static final Pattern JWT = Pattern.compile("eyJ[A-Za-z0-9_-]{8,}(\\.[A-Za-z0-9_-]*)*");
    private static final Pattern NAMED = Pattern.compile(
            "(?i)\\b([a-z_-]*(?:password|passwd|secret|token|api[-_]?key))(=|\"\\s*:\\s*\"?)[^\\s\"&,;*]+");
    private static final Pattern USER_INFO = Pattern.compile("://[^/\\s@]+@");

    /** What a body was. */
    public enum Kind {
        NONE,
        TEXT,
        BYTES,
        /** Maps, lists, numbers and flags, kept as JSON. */
        JSON,
        /** Of a type that cannot be kept; the bytes are its class's name. Such a letter can be read but not replayed. */
        LOST
    }

    public KeptMessage {
        headers = Collections.unmodifiableMap(new TreeMap<>(headers));
    }

    static KeptMessage of(@Nullable Object body, Map<String, Object> headers, Exchange exchange) {
        Map<String, Object> kept = new TreeMap<>();
        headers.forEach((name, value) -> {
            boolean plain = value instanceof Number || value instanceof Boolean || value instanceof Date;
            if (isSecret(name)) {
                return;
            }
            if (plain) {
                kept.put(name, value);
            } else if (value instanceof String text
                    && !SCHEME.matcher(text).find()
                    && !JWT.matcher(text).find()) {
                kept.put(name, withoutSecrets(text));
            }
        });
        if (body == null) {
            return new KeptMessage(kept, Kind.NONE, new byte[0]);
        }
        if (body instanceof String text) {
            return new KeptMessage(kept, Kind.TEXT, text.getBytes(StandardCharsets.UTF_8));
        }
        if (body instanceof Map || body instanceof Iterable || body instanceof Number || body instanceof Boolean) {
            try {
                return new KeptMessage(kept, Kind.JSON, JSON.writeValueAsBytes(body));
            } catch (IOException e) {
                return lost(kept, body);
            }
        }
        if (body instanceof StreamCache cache) {
            cache.reset();
        }
        byte[] bytes = exchange.getContext().getTypeConverter().tryConvertTo(byte[].class, exchange, body);
        return bytes == null ? lost(kept, body) : new KeptMessage(kept, Kind.BYTES, bytes);
    }

    private static boolean isSecret(String name) {
        return CREDENTIAL.matcher(name.toLowerCase(Locale.ROOT)).matches();
    }

    /** Addresses and queries keep what a route needs, such as which person, and lose what opens doors. */
    private static String withoutSecrets(String text) {
        return PARAMETER
                .matcher(USER_INFO.matcher(text).replaceAll("://***@"))
                .replaceAll(found -> Matcher.quoteReplacement(
                        isSecret(found.group(2)) ? found.group(1) + found.group(2) + "=***" : found.group()));
    }

    private static KeptMessage lost(Map<String, Object> headers, Object body) {
        return new KeptMessage(headers, Kind.LOST, body.getClass().getName().getBytes(StandardCharsets.UTF_8));
    }

    /** Puts it into a message as it came in. */
    void into(Exchange exchange) throws IOException {
        exchange.getIn().setHeaders(new java.util.HashMap<>(headers));
        exchange.getIn()
                .setBody(
                        switch (kind) {
                            case NONE -> null;
                            case TEXT -> new String(body, StandardCharsets.UTF_8);
                            case BYTES -> body;
                            case JSON -> JSON.readValue(body, Object.class);
                            case LOST -> throw new IOException("the body, of " + bodyText() + ", could not be kept");
                        });
    }

    /** The body as text, for a person's eyes. */
    public String bodyText() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** An exception in words that may be kept: its message and its cause's, without queries and credentials. */
    static String words(@Nullable Throwable failure) {
        if (failure == null) {
            return "no exception was there: the route sent the exchange here itself";
        }
        var words = new StringBuilder(of(failure));
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        if (root != failure && root.getMessage() != null && words.indexOf(root.getMessage()) < 0) {
            words.append("; because of ").append(of(root));
        }
        String clean = clean(words.length() > 100_000 ? words.substring(0, 100_000) : words.toString());
        return clean.length() > 2000 ? clean.substring(0, 2000) + "..." : clean;
    }

    private static String of(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message.strip();
    }

    public static String clean(String text) {
        String clean = USER_INFO.matcher(text).replaceAll("://***@");
        clean = QUERY.matcher(clean).replaceAll("?***");
        clean = SCHEME.matcher(clean).replaceAll("$1 ***");
        clean = NAMED.matcher(clean).replaceAll("$1$2***");
        return JWT.matcher(clean).replaceAll("***").replaceAll("\\s*\\R\\s*", " ");
    }
}
