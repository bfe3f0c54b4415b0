package dev.dromedar.settings;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers of bytes as people write them: bare, or with KB, MB or GB (of 1024). */
final class Sizes {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12}) ?(KB|MB|GB|)");

    private Sizes() {}

    /** The number of bytes, or -1 if it is none. */
    static long parse(String text) {
        Matcher size = SIZE.matcher(text.toUpperCase(Locale.ROOT));
        return size.matches()
                ? Long.parseLong(size.group(1))
                        << switch (size.group(2)) {
                            case "KB" -> 10;
                            case "MB" -> 20;
                            case "GB" -> 30;
                            default -> 0;
                        }
                : -1;
    }

    static String shown(long bytes) {
        return bytes >= 1 << 30 ? (bytes >> 30) + "GB" : bytes >= 1 << 20 ? (bytes >> 20) + "MB" : (bytes >> 10) + "KB";
    }
}
