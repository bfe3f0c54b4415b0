package dev.dromedar.camel;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a message's text could be more than data in an address that a component reads in its own way, where no encoding keeps
 * it within its place. Pure functions.
 */
final class PlainText {
    private PlainText() {}

    /**
     * What a message's text could be read as; null if it is data.
     *
     * @param before the address up to that text
     */
    static @Nullable String otherMeaning(StringBuilder before, String value) {
        if (value.contains("{{") || value.contains("}}")) {
            return "a placeholder";
        }
        if (before.indexOf("?") < 0) {
            return value.indexOf('?') >= 0
                    ? "an option of the endpoint"
                    : isAbsolute(before.toString(), value) ? "a folder of its own choice" : null;
        }
        if (value.contains("${") || value.contains("$simple{")) {
            return "an expression";
        }
        return value.indexOf('&') >= 0
                ? "an option of the endpoint"
                : before.charAt(before.length() - 1) == '=' && refersTo(value)
                        ? "a reference to an object"
                        : isAbsolute(before.toString(), value) ? "a folder of its own choice" : null;
    }

    /** Whether the text of a message begins the path, and begins it again. */
    private static boolean isAbsolute(String before, String value) {
        String path = afterScheme(before).strip();
        String start = decoded(value.substring(0, Math.min(value.length(), 20)).strip());
        return !before.isEmpty()
                && before.indexOf(':') >= 0
                && (path.isEmpty() || path.equals("//"))
                && (start.startsWith("/") || start.startsWith("~") || start.indexOf(':') == 1);
    }

    /** How many segments of the path lead upwards, in whichever spelling a component reads. */
    static int climbs(String address) {
        int query = address.indexOf('?');
        int climbs = 0;
        for (String segment : decoded(afterScheme(query < 0 ? address : address.substring(0, query)))
                .split("/")) {
            if (segment.strip().equals("..")) {
                climbs++;
            }
        }
        return climbs;
    }

    private static String afterScheme(String address) {
        return address.substring(address.indexOf(':') + 1);
    }

    /** Camel decodes the path of an address once. */
    private static String decoded(String path) {
        return path.toLowerCase(Locale.ROOT)
                .replace("%2e", ".")
                .replace("%2f", "/")
                .replace("%3a", ":")
                .replace("%5c", "/")
                .replace("%7e", "~")
                .replace('\\', '/');
    }

    /** Whether an option's value names an object, or is taken as it stands, by Camel's rules. */
    static boolean refersTo(String value) {
        String stripped = value.strip();
        return stripped.startsWith("#")
                || stripped.startsWith("RAW(")
                || stripped.startsWith("RAW{")
                || stripped.startsWith("%23")
                || stripped.toUpperCase(Locale.ROOT).startsWith("RAW%");
    }
}
