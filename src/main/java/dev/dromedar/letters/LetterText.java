package dev.dromedar.letters;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A dead letter in lines of text, the same in the terminal and in JMX. */
final class LetterText {
    private LetterText() {}

    static String line(Letter letter) {
        return String.format(
                "%s  %-11s  %s  %s  %d attempt(s)  %s",
                letter.id(),
                letter.state().word(),
                letter.route(),
                letter.api() == null ? "-" : letter.api(),
                letter.attempts(),
                letter.cause().length() > 120 ? letter.cause().substring(0, 117) + "..." : letter.cause());
    }

    static List<String> details(Letter letter, KeptMessage message) {
        var lines = new ArrayList<String>();
        lines.add("id            " + letter.id());
        lines.add("state         " + letter.state().word());
        lines.add("route         " + letter.route());
        lines.add("api           " + (letter.api() == null ? "-" : letter.api()));
        lines.add("first failed  " + seconds(letter.firstFailed()));
        lines.add("last failed   " + seconds(letter.failed()));
        lines.add("attempts      " + letter.attempts());
        lines.add("cause         " + letter.cause());
        lines.add("body          " + message.kind().name().toLowerCase(Locale.ROOT) + ", " + message.body().length
                + " bytes");
        if (message.answer() != null) {
            lines.add("answer        " + message.answer().length() + " characters");
        }
        message.headers().forEach((name, value) -> lines.add("header        " + name + ": " + value));
        return lines;
    }

    private static Instant seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS);
    }
}
