package dev.dromedar.camel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.camel.spi.Resource;

/** The text of a route file. Pure functions, but for the reading; their work grows as the text does. */
public final class RouteFileText {
    private RouteFileText() {}

    /** All of a file. */
    public static String of(Resource file) throws IOException {
        try (InputStream content = file.getInputStream()) {
            return new String(content.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** A route file with spaces in place of comments: of XML, and of YAML where no quotes follow on the line. */
    public static String withoutComments(CharSequence text) {
        int length = text.length();
        var clean = new StringBuilder(length);
        boolean moreEnds = true;
        for (int i = 0; i < length; ) {
            int comment =
                    moreEnds && text.charAt(i) == '<' && stands(text, i, "<!--") ? indexOf(text, i + 4, "-->") : -1;
            if (comment >= 0) {
                for (; i < comment + 3; i++) {
                    clean.append(isLineEnd(text.charAt(i)) ? text.charAt(i) : ' ');
                }
                continue;
            }
            moreEnds &= text.charAt(i) != '<' || !stands(text, i, "<!--");
            clean.append(text.charAt(i));
            i++;
        }
        blankHashes(clean);
        return clean.toString();
    }

    private static boolean isLineEnd(char c) {
        return c == '\n' || c == '\r';
    }

    private static void blankHashes(StringBuilder text) {
        int lineEnd = text.length();
        int hash = -1; // the first that begins a comment, as seen from the line's end
        boolean quotes = false;
        for (int i = text.length() - 1; i >= -1; i--) {
            char c = i < 0 ? '\n' : text.charAt(i);
            if (isLineEnd(c)) {
                int first = i + 1;
                while (first < lineEnd && Character.isWhitespace(text.charAt(first))) {
                    first++;
                }
                int from = first < lineEnd && text.charAt(first) == '#' ? first : hash;
                for (int at = from; from >= 0 && at < lineEnd; at++) {
                    text.setCharAt(at, ' ');
                }
                lineEnd = i;
                hash = -1;
                quotes = false;
            } else if (c == '"' || c == '\'') {
                quotes = true;
            } else if (c == '#' && !quotes && i > 0 && Character.isWhitespace(text.charAt(i - 1))) {
                hash = i;
            }
        }
    }

    private static boolean stands(CharSequence text, int from, String written) {
        for (int i = 0; i < written.length(); i++) {
            if (from + i >= text.length() || text.charAt(from + i) != written.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static int indexOf(CharSequence text, int from, String written) {
        for (int i = from; i + written.length() <= text.length(); i++) {
            if (stands(text, i, written)) {
                return i;
            }
        }
        return -1;
    }
}
