package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TerminalTest {
    private static final String FORGED = "a\u001b[2Jb\u009bc\u202ed\u2028e\rf";
    private static final String CLEAN = "a\\u001b[2Jb\\u009bc\\u202ed\\u2028e\\rf";

    private final PrintStream out = System.out;
    private final PrintStream err = System.err;

    @AfterEach
    void restore() {
        System.setOut(out);
        System.setErr(err);
    }

    @Test
    void printsNothingThatATerminalObeysInWhicheverWayItIsPrinted() {
        var written = new ByteArrayOutputStream();
        System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
        Terminal.cleanOutput();

        System.out.println(FORGED);
        System.out.println((Object) FORGED);
        System.out.print(FORGED + "\n");
        System.out.printf("%s%n", FORGED);
        System.out.append(FORGED).append("\n");
        System.out.println(FORGED.toCharArray());
        System.out.flush();

        String line = CLEAN + "\n";
        assertThat(written.toString(StandardCharsets.UTF_8).replace("\r\n", "\n"))
                .isEqualTo(line.repeat(6));
    }

    @Test
    void clearsTheScreenForTheStatusTable() {
        var written = new ByteArrayOutputStream();
        System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
        Terminal.cleanOutput();

        System.out.print("\u001b[H\u001b[2Jtable\u001b[2J");
        System.out.flush();

        assertThat(written.toString(StandardCharsets.UTF_8)).isEqualTo("\u001b[H\u001b[2Jtable\\u001b[2J");
    }
}
