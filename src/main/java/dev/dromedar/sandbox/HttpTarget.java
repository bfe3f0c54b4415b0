package dev.dromedar.sandbox;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Normal form of an address for comparing {@code htu} (RFC 3986 sections 6.2.2 and 6.2.3, RFC 9449 section 4.3). */
final class HttpTarget {
    private static final String UNRESERVED = "-._~";

    private HttpTarget() {}

    /**
     * Scheme and host in lower case, default port gone, path with dot segments resolved, percent-encodings in upper case
     * and those of unreserved characters decoded. Query and fragment are dropped. Null if it is no absolute http address.
     */
    static @Nullable String normalise(String address) {
        URI uri;
        try {
            uri = new URI(address);
        } catch (URISyntaxException e) {
            return null;
        }
        if (uri.getScheme() == null || uri.getHost() == null || uri.getRawUserInfo() != null) {
            return null;
        }
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        int usual = scheme.equals("https") ? 443 : scheme.equals("http") ? 80 : -1;
        String port = uri.getPort() < 0 || uri.getPort() == usual ? "" : ":" + uri.getPort();
        String path = uri.getRawPath().isEmpty() ? "/" : path(uri.getRawPath());
        return usual < 0 ? null : scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port + path;
    }

    static String path(String raw) {
        return withoutDotSegments(percentEncoding(raw));
    }

    private static String percentEncoding(String raw) {
        if (raw.indexOf('%') < 0) {
            return raw;
        }
        var text = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) != '%' || i + 2 >= raw.length()) {
                text.append(raw.charAt(i));
                continue;
            }
            String hex = raw.substring(i + 1, i + 3).toUpperCase(Locale.ROOT);
            int value = hex.matches("[0-9A-F]{2}") ? Integer.parseInt(hex, 16) : -1;
            if (value >= 0 && value < 128 && unreserved((char) value)) {
                text.append((char) value);
            } else {
                text.append('%').append(hex);
            }
            i += 2;
        }
        return text.toString();
    }

    private static boolean unreserved(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || UNRESERVED.indexOf(c) >= 0;
    }

    private static String withoutDotSegments(String path) {
        if (!path.contains("/.")) {
            return path;
        }
        var kept = new ArrayDeque<String>();
        String[] segments = path.substring(1).split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            boolean last = i == segments.length - 1;
            if (segments[i].equals("..")) {
                kept.pollLast();
            } else if (!segments[i].equals(".")) {
                kept.addLast(segments[i]);
                continue;
            }
            if (last) {
                kept.addLast("");
            }
        }
        return "/" + String.join("/", kept);
    }

    /** Whether the text is plain ASCII, as an address must be. */
    static boolean ascii(String text) {
        return StandardCharsets.US_ASCII.newEncoder().canEncode(text);
    }
}
