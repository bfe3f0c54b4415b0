package dev.dromedar.camel;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The header {@code Link} (RFC 8288 section 3). Linear in its length; pure functions. */
final class LinkHeader {
    private LinkHeader() {}

    /** The target of the first link with the relation {@code next}, or null. */
    static @Nullable String next(@Nullable String header) {
        int at = header == null ? -1 : header.indexOf('<');
        while (header != null && at >= 0) {
            int close = header.indexOf('>', at);
            if (close < 0) {
                return null;
            }
            int end = end(header, close + 1);
            if (isNext(header.substring(close + 1, end))) {
                return header.substring(at + 1, close);
            }
            at = header.indexOf('<', end);
        }
        return null;
    }

    /** Where a link's parameters end: at a comma outside of quotes. */
    private static int end(String header, int from) {
        boolean quoted = false;
        for (int i = from; i < header.length(); i++) {
            char c = header.charAt(i);
            if (c == '\\' && quoted) {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                return i;
            }
        }
        return header.length();
    }

    /** The first {@code rel} counts (section 3.3); it may name several relations. */
    private static boolean isNext(String parameters) {
        int from = 0;
        while (from < parameters.length()) {
            int to = from;
            boolean quoted = false;
            while (to < parameters.length() && (quoted || parameters.charAt(to) != ';')) {
                quoted ^= parameters.charAt(to) == '"';
                to++;
            }
            String parameter = parameters.substring(from, to).strip();
            int equals = parameter.indexOf('=');
            if (equals > 0 && parameter.substring(0, equals).strip().equalsIgnoreCase("rel")) {
                String value = parameter.substring(equals + 1).strip().replace("\"", "");
                return Arrays.stream(value.split("\\s+")).anyMatch("next"::equalsIgnoreCase);
            }
            from = to + 1;
        }
        return false;
    }
}
