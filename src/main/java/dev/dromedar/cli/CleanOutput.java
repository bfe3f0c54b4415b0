package dev.dromedar.cli;

import dev.dromedar.oauth.ForeignText;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where commands write: text in which nothing acts on a terminal. Control characters other than the line feed and the tab, and
 * those that change the direction of text, are shown as {@code \}{@code u001b}: arguments, letters and answers of strangers
 * are printed too.
 */
final class CleanOutput extends PrintStream {
    private final Charset charset;

    CleanOutput(OutputStream to, Charset charset) {
        super(to, true, charset);
        this.charset = charset;
    }

    /** For a library's own texts, which are not looked through. */
    PrintWriter writer() {
        return new PrintWriter(this, true, charset);
    }

    /**
     * The encoding of the terminal or file behind an output. Without a locale that is ASCII by name, and takes UTF-8.
     *
     * @param key the JDK's property for that output; JDK 17 has one for both
     */
    static Charset charset(String key) {
        String name = System.getProperty(key, System.getProperty("native.encoding", "UTF-8"));
        Charset charset = Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
        return charset.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : charset;
    }

    /** {@link #println(String)} comes through here too. */
    @Override
    public void print(@Nullable String text) {
        super.print(ForeignText.lines(String.valueOf(text)));
    }
}
