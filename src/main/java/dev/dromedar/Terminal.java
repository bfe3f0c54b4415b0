package dev.dromedar;

import dev.dromedar.oauth.ForeignText;
import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The output of a command. Text that is printed may come from elsewhere, such as a letter's headers or a worker's answer:
 * what a terminal would obey is escaped, but for line ends, tabulators and our own {@link #CLEAR}.
 */
@SuppressWarnings("AnnotateFormatMethod") // as in the class that it is
final class Terminal extends PrintStream {
    private static final String CLEAR = "\u001b[H\u001b[2J";

    private Terminal(PrintStream out) {
        super(out, true);
    }

    /** From now on, for both outputs of this process. */
    static void cleanOutput() {
        System.setOut(new Terminal(System.out));
        System.setErr(new Terminal(System.err));
    }

    @Override
    public void print(@Nullable String text) {
        boolean clears = text != null && text.startsWith(CLEAR);
        super.print(
                text == null
                        ? "null"
                        : clears ? CLEAR + ForeignText.lines(text.substring(CLEAR.length())) : ForeignText.lines(text));
    }

    @Override
    public void print(@Nullable Object value) {
        print(String.valueOf(value));
    }

    @Override
    public void print(char one) {
        print(String.valueOf(one));
    }

    @Override
    public void print(char[] text) {
        print(new String(text));
    }

    @Override
    public void println(@Nullable String text) {
        print(text + System.lineSeparator());
    }

    @Override
    public void println(@Nullable Object value) {
        println(String.valueOf(value));
    }

    @Override
    public PrintStream append(@Nullable CharSequence text) {
        print(String.valueOf(text));
        return this;
    }

    @Override
    public PrintStream format(String format, @Nullable Object... values) {
        print(String.format(format, values));
        return this;
    }

    @Override
    public PrintStream format(@Nullable Locale locale, String format, @Nullable Object... values) {
        print(String.format(locale, format, values));
        return this;
    }
}
