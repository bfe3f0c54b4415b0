package dev.dromedar.letters;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.Masking;
import dev.dromedar.oauth.PrivateNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Date;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;
import org.jspecify.annotations.Nullable;

/**
 * What came into a route, in a form that can be kept and sent in again: headers without credentials, and the body's bytes.
 *
 * @param headers of texts, numbers, flags and dates; others cannot be kept
 * @param kind how the bytes become a body again
 * @param answer how an API refused the call that failed: the beginning of its body, without credentials; null if it is not
 *     kept. Never sent in again
 */
public record KeptMessage(
        Map<String, Object> headers,
        Kind kind,
        byte[] body,
        @Nullable String answer) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String STARS = "***";
    /** Headers that say whom a call is for: without one a replay would call for somebody else, with stars it is refused. */
    private static final String WHOM = "cameldromedar";

    private static final int MOST_OF_THE_CAUSE = 2000;
    private static final int DEEPEST_CAUSE = 100;
    private static final int MOST_OF_THE_ANSWER = 8000;

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

    public KeptMessage(Map<String, Object> headers, Kind kind, byte[] body) {
        this(headers, kind, body, null);
    }

    /** The same with the beginning of an API's answer. */
    KeptMessage withAnswer(@Nullable String text) {
        String kept = text == null || text.isBlank()
                ? null
                : Masking.withoutCredentials(text.substring(0, Math.min(text.length(), MOST_OF_THE_ANSWER)));
        return new KeptMessage(headers, kind, body, kept);
    }

    static KeptMessage of(@Nullable Object body, Map<String, Object> headers, Exchange exchange) {
        Map<String, Object> kept = new TreeMap<>();
        headers.forEach((name, value) -> {
            boolean plain = value instanceof Number || value instanceof Boolean || value instanceof Date;
            if (PrivateNames.isPrivate(name)) {
                if (name.toLowerCase(Locale.ROOT).startsWith(WHOM)) {
                    kept.put(name, STARS);
                }
                return;
            }
            if (plain) {
                kept.put(name, value);
            } else if (value instanceof String text && !Masking.holdsCredential(text)) {
                kept.put(name, Masking.withoutCredentials(text)); // keeps what a route needs, such as which person
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
    public static String words(@Nullable Throwable failure) {
        if (failure == null) {
            return "no exception was there: the route sent the exchange here itself";
        }
        Throwable top =
                failure instanceof CamelExecutionException && failure.getCause() != null ? failure.getCause() : failure;
        String words = of(top);
        Throwable root = top;
        for (int depth = 0; depth < DEEPEST_CAUSE && root.getCause() != null; depth++) { // causes may go in a circle
            root = root.getCause();
        }
        if (root != top && (root.getMessage() != null || root instanceof Error)) {
            String because = of(root);
            if (!words.contains(because.substring(0, Math.min(200, because.length())))) {
                words = words + "; because of " + because;
            }
        }
        return clean(words);
    }

    /** What an exception says; of an error its kind too, since it says the name of a class, or nothing. */
    private static String of(Throwable failure) {
        String message = failure.getMessage();
        String kind = failure.getClass().getSimpleName();
        if (message == null || message.isBlank()) {
            return kind;
        }
        String words = (failure instanceof Error ? kind + ": " : "") + message.strip();
        return words.length() > ForeignText.LONGEST ? words.substring(0, ForeignText.LONGEST) : words;
    }

    public static String clean(String text) {
        String clean = ForeignText.joined(Masking.withoutQueries(text), ForeignText.LONGEST);
        return clean.length() > MOST_OF_THE_CAUSE ? clean.substring(0, MOST_OF_THE_CAUSE) + "..." : clean;
    }
}
