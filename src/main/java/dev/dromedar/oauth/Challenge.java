package dev.dromedar.oauth;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One challenge of a {@code WWW-Authenticate} header (RFC 9110 section 11.6.1).
 *
 * @param scheme as sent, such as {@code DPoP} or {@code Bearer}
 * @param parameters by lower-case name; of a repeated name the first counts
 */
public record Challenge(String scheme, Map<String, String> parameters) {
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

    public Challenge {
        parameters = Map.copyOf(parameters);
    }

    /** The OAuth error (RFC 6750 section 3.1, RFC 9449 section 7.1), or null if the challenge names none. */
    public @Nullable String error() {
        return parameters.get("error");
    }

    /**
     * Reads all challenges of all {@code WWW-Authenticate} values of an answer. Several may stand in one value, with quoted
     * or bare parameter values; what cannot be read is passed over, never an error.
     */
    public static List<Challenge> parse(Iterable<String> values) {
        List<Challenge> challenges = new ArrayList<>();
        for (String value : values) {
            new Reader(value).readInto(challenges);
        }
        return challenges;
    }

    /** The OAuth error that an answer's challenges name, for people and with a space before it; its description stays unsaid. */
    public static String shown(Iterable<String> values) {
        return parse(values).stream()
                .map(Challenge::error)
                .filter(error -> error != null && ForeignText.isWord(error, 60))
                .findFirst()
                .map(error -> " " + error)
                .orElse("");
    }

    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        void readInto(List<Challenge> challenges) {
            while (skipToToken()) {
                String scheme = token();
                Map<String, String> parameters = new LinkedHashMap<>();
                readParameters(parameters);
                challenges.add(new Challenge(scheme, parameters));
            }
        }

        /** Reads {@code name=value} pairs until a token comes that has no {@code =} behind it: the next scheme. */
        private void readParameters(Map<String, String> parameters) {
            while (skipToToken()) {
                int start = at;
                String name = token();
                skipSpace();
                if (at >= text.length() || text.charAt(at) != '=') {
                    at = start;
                    return;
                }
                at++;
                skipSpace();
                parameters.putIfAbsent(name.toLowerCase(Locale.ROOT), value());
            }
        }

        private String value() {
            if (at < text.length() && text.charAt(at) == '"') {
                return quoted();
            }
            int start = at;
            while (at < text.length() && text.charAt(at) != ',' && !Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return text.substring(start, at);
        }

        private String quoted() {
            var value = new StringBuilder();
            for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                value.append(text.charAt(at));
            }
            at++;
            return value.toString();
        }

        private String token() {
            int start = at;
            while (at < text.length() && isTokenChar(text.charAt(at))) {
                at++;
            }
            return text.substring(start, at);
        }

        private void skipSpace() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        private boolean skipToToken() {
            while (at < text.length() && !isTokenChar(text.charAt(at))) {
                at++;
            }
            return at < text.length();
        }

        private static boolean isTokenChar(char c) {
            return c < 128 && (Character.isLetterOrDigit(c) || TOKEN_MARKS.indexOf(c) >= 0);
        }
    }

    /** The errors of a scheme's challenges; of all, if there are only others. */
    static List<String> errors(Iterable<String> headers, String scheme) {
        List<Challenge> all = parse(headers);
        List<Challenge> own =
                all.stream().filter(one -> one.scheme.equalsIgnoreCase(scheme)).toList();
        return (own.isEmpty() ? all : own)
                .stream().map(Challenge::error).filter(Objects::nonNull).toList();
    }
}
