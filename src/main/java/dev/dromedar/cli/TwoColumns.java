package dev.dromedar.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A difference between two texts as a table for a terminal: what was expected on the left, what was seen on the right. */
final class TwoColumns {
    private static final int WIDTH = 52;
    private static final int MOST_LINES = 60;

    private TwoColumns() {}

    static String of(String what, String expected, String seen) {
        List<String> left = wrapped(expected);
        List<String> right = wrapped(seen);
        var text = new StringBuilder(what).append('\n');
        row(text, "expected", "seen", ' ');
        int rows = Math.max(left.size(), right.size());
        for (int i = 0; i < Math.min(MOST_LINES, rows); i++) {
            String one = i < left.size() ? left.get(i) : "";
            String other = i < right.size() ? right.get(i) : "";
            row(text, one, other, one.equals(other) ? ' ' : '|');
        }
        if (rows > MOST_LINES) {
            text.append("  ...\n");
        }
        return text.toString().stripTrailing();
    }

    private static void row(StringBuilder text, String left, String right, char mark) {
        text.append(String.format(Locale.ROOT, "  %-" + WIDTH + "s %c %s", left, mark, right)
                        .stripTrailing())
                .append('\n');
    }

    private static List<String> wrapped(String text) {
        List<String> lines = new ArrayList<>();
        for (String line : text.split("\n", MOST_LINES + 2)) {
            String rest = line.length() > 4000 ? line.substring(0, 4000) + "..." : line;
            do {
                int end = Math.min(WIDTH, rest.length());
                lines.add(rest.substring(0, end));
                rest = rest.substring(end);
            } while (!rest.isEmpty());
        }
        return lines;
    }
}
