package dev.dromedar.cli;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Runs commands in this process as a terminal would, in a folder of the test's. */
final class Terminal {
    private final Path folder;

    Terminal(Path folder) {
        this.folder = folder;
    }

    record Said(int status, String out, String err) {}

    Said run(String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int status = new Commands(
                        new Folder(folder),
                        new CleanOutput(out, StandardCharsets.UTF_8),
                        new CleanOutput(err, StandardCharsets.UTF_8))
                .run(List.of(args));
        return new Said(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
