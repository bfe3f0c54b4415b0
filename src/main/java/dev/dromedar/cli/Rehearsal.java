package dev.dromedar;

import dev.dromedar.oauth.KeysCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Timer;
import java.util.TimerTask;
import java.util.stream.Stream;

/**
 * A run of the worker that {@code ./run} makes to learn what classes a worker loads, for the JVM's archive of them: one call
 * of two APIs of the sandbox, then the end. Knows nothing of the site's settings, so it calls nobody else. Where the sandbox
 * is not installed the calls fail at a port of this machine where nobody listens, and fewer classes are in the archive.
 */
final class Rehearsal {
    private static final long LONGEST_MILLIS = 60_000;

    private Rehearsal() {}

    /** Puts settings and routes into the current folder, which must be empty. Returns whether there is something to run. */
    static boolean prepare() {
        Path here = Path.of("").toAbsolutePath();
        try (Stream<Path> found = Files.list(here)) {
            if (found.findAny().isPresent()) {
                System.err.println("dromedar: rehearse needs an empty folder; " + here + " is not.");
                return false;
            }
        } catch (IOException e) {
            System.err.println("dromedar: " + here + " cannot be read: " + e.getMessage());
            return false;
        }
        boolean sandbox = Rehearsal.class.getResource("sandbox/Sandbox.class") != null;
        try {
            Files.createDirectory(here.resolve("routes"));
            copy("rehearsal.yaml", here.resolve("routes/rehearsal.yaml"));
            copy("rehearsal.xml", here.resolve("routes/rehearsal.xml"));
            String settings = text("common.properties")
                    + text(sandbox ? "with-sandbox.properties" : "without-sandbox.properties");
            Files.writeString(here.resolve("application.properties"), settings);
        } catch (IOException e) {
            System.err.println("dromedar: " + here + " cannot be written: " + e.getMessage());
            return false;
        }
        if (!sandbox) {
            KeysCommand.run(List.of("make", "key.jwk.json"), new PrintStream(OutputStream.nullOutputStream()));
        }
        endWhatever();
        return true;
    }

    private static void copy(String name, Path to) throws IOException {
        Files.writeString(to, text(name));
    }

    private static String text(String name) throws IOException {
        try (InputStream content = Objects.requireNonNull(Rehearsal.class.getResourceAsStream("rehearsal/" + name))) {
            return new String(content.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Somebody waits for this run to end. */
    private static void endWhatever() {
        new Timer("dromedar-rehearsal-end", true)
                .schedule(
                        new TimerTask() {
                            @Override
                            public void run() {
                                Runtime.getRuntime().halt(1);
                            }
                        },
                        LONGEST_MILLIS);
    }
}
