package dev.dromedar.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code init}: a site to begin with. */
@Command(
        name = "init",
        description = {
            "Makes a site to begin with: settings with comments, a route, and a .gitignore.",
            "It runs at once, against the sandbox. Overwrites nothing."
        },
        footer = {"  ./run init", "  ./run init my-site"})
final class InitCommand implements Callable<Integer> {
    /** The files of a site, and what they are made from. */
    private static final Map<String, String> FILES = new LinkedHashMap<>();

    static {
        FILES.put("application.properties", "application.properties");
        FILES.put("routes/orders.yaml", "orders.yaml");
        FILES.put(".gitignore", "gitignore");
    }

    private final Shell shell;

    @Parameters(arity = "0..1", paramLabel = "DIR", defaultValue = "", description = "The folder; none for this one.")
    Path directory = Path.of("");

    InitCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        Path site = shell.folder().path().resolve(directory);
        List<String> there = FILES.keySet().stream()
                .filter(file -> Files.exists(site.resolve(file), LinkOption.NOFOLLOW_LINKS))
                .toList();
        if (!there.isEmpty()) {
            shell.out()
                    .println("There " + (there.size() == 1 ? "is " : "are ") + String.join(", ", there) + " in "
                            + site.toAbsolutePath().normalize()
                            + " already. Nothing was written. Name another folder: ./run init DIR");
            return ExitStatus.FAILED;
        }
        for (var file : FILES.entrySet()) {
            Path target = site.resolve(file.getKey());
            try (InputStream content = InitCommand.class.getResourceAsStream(file.getValue())) {
                if (content == null) {
                    throw new IllegalStateException("dromedar.jar lacks " + file.getValue());
                }
                Files.createDirectories(target.toAbsolutePath().getParent());
                Files.copy(content, target); // refuses to overwrite
            } catch (IOException e) {
                shell.out().println(target + " cannot be written. Check that you may write there.");
                return ExitStatus.FAILED;
            }
            shell.out().println(target.toString());
        }
        shell.out()
                .println((directory.toString().isEmpty() ? "" : "In " + directory + ": ")
                        + "'./run routes' lists its route, './run' starts it, './run add api NAME' adds an API.");
        return ExitStatus.DONE;
    }
}
