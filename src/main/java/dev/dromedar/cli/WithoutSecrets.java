package dev.dromedar.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A site's property values for tests of its routes. */
final class WithoutSecrets {
    private static final Pattern INNERMOST = Pattern.compile("\\{\\{((?:(?!\\{\\{|}}).)*+)}}", Pattern.DOTALL);
    /** For braces of a placeholder that stays. */
    private static final String KEPT_OPEN = "\uE000";

    private static final String KEPT_CLOSE = "\uE001";

    private WithoutSecrets() {}

    /**
     * Files of secrets and the environment's are not there where tests run, and not read where they are: a placeholder of one
     * is its default value or "test", also where others make its name.
     */
    static String of(String value) {
        String text = value;
        for (Matcher inner = INNERMOST.matcher(text); inner.find(); inner = INNERMOST.matcher(text)) {
            String written = inner.group(1);
            String name = written.strip().replaceFirst("^\\?", "");
            String put;
            if (name.startsWith("secretfile:")) {
                put = "test";
            } else if (name.startsWith("env:")) {
                String[] parts = name.split(":", 3);
                put = parts.length == 3 ? parts[2] : "test";
            } else {
                put = KEPT_OPEN + written + KEPT_CLOSE;
            }
            text = text.substring(0, inner.start()) + put + text.substring(inner.end());
        }
        return text.replace(KEPT_OPEN, "{{").replace(KEPT_CLOSE, "}}");
    }
}
