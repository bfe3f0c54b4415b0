package dev.dromedar.cli;

import dev.dromedar.camel.SingleCall;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.Masking;
import dev.dromedar.oauth.PrivateNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Prints the answer of {@code call}: status, headers without credentials, and the body, if it is text. */
final class AnswerPrint {
    private final PrintStream out;
    private final Path folder;
    private final @Nullable Path file;

    /** @param file a new one in the folder, for the body's bytes; null for none */
    AnswerPrint(PrintStream out, Path folder, @Nullable Path file) {
        this.out = out;
        this.folder = folder;
        this.file = file;
    }

    void print(SingleCall.Answer answer) throws IOException {
        try (InputStream body = answer.body()) {
            head(answer);
            print(answer, body);
        }
    }

    private void head(SingleCall.Answer answer) {
        out.println("HTTP " + answer.status());
        answer.headers()
                .forEach((field, values) -> values.forEach(value -> out.println(field + ": "
                        + (PrivateNames.isPrivate(field) && !field.equalsIgnoreCase("WWW-Authenticate")
                                ? "***"
                                : ForeignText.line(Masking.withoutCredentials(value))))));
        out.println();
    }

    private void print(SingleCall.Answer answer, InputStream body) throws IOException {
        if (file != null) {
            out.println(Files.copy(body, folder.resolve(file)) + " bytes in " + file);
            return;
        }
        String type = ForeignText.line(
                        String.join("", answer.headers().getOrDefault("Content-Type", List.of("text/plain"))), 200)
                .toLowerCase(Locale.ROOT);
        if (!type.matches("(?s).*(text/|json|xml|csv|html|x-www-form-urlencoded|javascript|yaml).*")) {
            out.println("(" + body.transferTo(OutputStream.nullOutputStream())
                    + " bytes that are no text; -o FILE keeps them)");
            return;
        }
        Reader text = new InputStreamReader(body, charset(type));
        char[] some = new char[8192];
        boolean lineEnd = true;
        for (int count = text.read(some); count >= 0; count = text.read(some)) {
            out.print(new String(some, 0, count));
            lineEnd = count > 0 && some[count - 1] == '\n';
        }
        if (!lineEnd) {
            out.println();
        }
    }

    private static Charset charset(String type) {
        Matcher named = Pattern.compile("charset=\"?([a-z0-9_:.-]+)").matcher(type);
        return named.find() && Charset.isSupported(named.group(1))
                ? Charset.forName(named.group(1))
                : StandardCharsets.UTF_8;
    }
}
