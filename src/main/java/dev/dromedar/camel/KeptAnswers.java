package dev.dromedar.camel;

import dev.dromedar.camel.CallAddress.Target;
import dev.dromedar.keys.Secret;
import dev.dromedar.oauth.TokenRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.converter.stream.InputStreamCache;
import org.apache.camel.support.DefaultMessage;
import org.jspecify.annotations.Nullable;

/**
 * Answers of one API with an {@code ETag} (RFC 9110 section 8.8.3), for calls with {@code etag=true}: the next such call is
 * conditional, and an answer of 304 stands for the one that is kept. In memory, the oldest use goes first. One is given only
 * to a call of the same address with the same headers and a token for the same scope, resource and organisation: an API may
 * number versions of each customer's data alike. Thread-safe.
 */
final class KeptAnswers {
    static final int LARGEST = 1024 * 1024;
    static final long MOST = 16L * 1024 * 1024;
    private static final int LONGEST_TAG = 200;

    private final Map<Key, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long size;

    /**
     * What an answer is an answer to.
     *
     * @param headers of the request, but for those that are new in each
     * @param fixed headers of the API's properties, which may hold a key of one customer
     */
    record Key(Target target, Map<String, String> headers, TokenRequest token, Map<String, Secret> fixed) {
        Key {
            headers = Map.copyOf(headers);
            fixed = Map.copyOf(fixed);
        }

        private long size() {
            return target.path().length() + String.valueOf(target.query()).length() + length(headers);
        }
    }

    /** An answer with its tag. */
    record Kept(String tag, byte[] body, Map<String, Object> headers) {
        /** The answer again, with what the answer of 304 says anew (RFC 9111 section 4.3.4). */
        Message answer(Exchange exchange, Message notModified) {
            Message answer = new DefaultMessage(exchange.getContext());
            Map<String, Object> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            notModified.getHeaders().forEach((name, value) -> {
                if (!name.toLowerCase(Locale.ROOT).startsWith("camel")) {
                    all.put(name, value);
                }
            });
            headers.forEach((name, value) -> {
                if (name.toLowerCase(Locale.ROOT).startsWith("camel")) {
                    all.put(name, value);
                } else {
                    all.putIfAbsent(name, value);
                }
            });
            answer.setHeaders(all);
            answer.setBody(new InputStreamCache(body));
            return answer;
        }

        private long size() {
            return body.length / 2 + length(headers);
        }
    }

    private static long length(Map<String, ?> headers) {
        return headers.entrySet().stream()
                .mapToLong(header ->
                        header.getKey().length() + header.getValue().toString().length())
                .sum();
    }

    /** In bytes, about: two for a character, and the objects around. */
    private static long size(Key key, Kept answer) {
        return 1000 + 2 * (key.size() + answer.size());
    }

    synchronized @Nullable Kept get(Key key) {
        return kept.get(key);
    }

    /** Keeps an answer if it may and can be kept; otherwise the one before it goes. */
    void keep(Key key, Message answer) throws IOException {
        String tag = tag(answer);
        byte[] body = tag == null ? null : body(answer);
        put(key, tag == null || body == null ? null : new Kept(tag, body, new LinkedHashMap<>(answer.getHeaders())));
    }

    private synchronized void put(Key key, @Nullable Kept now) {
        Kept before = kept.remove(key);
        size -= before == null ? 0 : size(key, before);
        if (now != null) {
            kept.put(key, now);
            size += size(key, now);
        }
        Iterator<Map.Entry<Key, Kept>> oldest = kept.entrySet().iterator();
        while (size > MOST && oldest.hasNext()) {
            Map.Entry<Key, Kept> goes = oldest.next();
            size -= size(goes.getKey(), goes.getValue());
            oldest.remove();
        }
    }

    /** The tag of an answer that may be kept; null without one. */
    private static @Nullable String tag(Message answer) {
        String tag = answer.getHeader("ETag", String.class);
        String control = answer.getHeader("Cache-Control", "", String.class).toLowerCase(Locale.ROOT);
        String vary = answer.getHeader("Vary", "", String.class);
        boolean good = tag != null
                && tag.length() <= LONGEST_TAG
                && tag.endsWith("\"")
                && tag.chars().allMatch(c -> c > ' ' && c < 0x7f);
        return good && !control.contains("no-store") && !vary.contains("*") ? tag : null;
    }

    /** The bytes of the body, which the route can read all the same; null if they are too many. */
    private static byte @Nullable [] body(Message answer) throws IOException {
        InputStream body = answer.getBody(InputStream.class);
        if (body == null) {
            return new byte[0];
        }
        byte[] start = body.readNBytes(LARGEST + 1);
        if (start.length > LARGEST) {
            answer.setBody(new SequenceInputStream(new ByteArrayInputStream(start), body));
            return null;
        }
        body.close();
        answer.setBody(new InputStreamCache(start));
        return start;
    }
}
