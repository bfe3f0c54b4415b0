package dev.dromedar.cli;

import dev.dromedar.sandbox.Sandbox;
import dev.dromedar.sandbox.SettingsFile;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sandbox}: strict authorities and APIs on their own, for other workers to try. */
@Command(
        name = "sandbox",
        description = {
            "Runs strict authorities and APIs on this machine, to try workers against.",
            "Prints the properties that point a worker at them, then each request that was refused, until it is stopped."
        },
        footer = {"  ./run sandbox", "  ./run sandbox --https --dir /tmp/site --port 9443"})
final class SandboxCommand implements Callable<Integer> {
    private static final String WATCHING = """
            # For a worker in this folder, while ./run sandbox runs with it. Edits apply while the worker runs.
            dromedar.reload = true
            camel.management.enabled            = true
            camel.management.healthCheckEnabled = true
            camel.management.metricsEnabled     = true
            camel.metrics.enabled               = true

            """;

    private static final int LAST_PORT = 65_526; // each authority and API takes one of the next

    private final Shell shell;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Option(names = "--https", description = "Uses https, with a certificate authority of its own.")
    boolean https;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            defaultValue = "data/sandbox",
            description = "Where keys, secrets, certificates and an application.properties go. Started there again, the"
                    + " sandbox is the same. Default: data/sandbox.")
    Path directory = Path.of("data", "sandbox");

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "The first of the ports, up to 65526. Default: any that are free.")
    int port;

    SandboxCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        if (port < 0 || port > LAST_PORT) {
            throw new ParameterException(
                    spec.commandLine(), "--port: " + port + " is not from 0 to " + LAST_PORT + ".");
        }
        var stopped = new CountDownLatch(1);
        try (Running sandbox = Running.start(https, directory, port, shell.out())) {
            Runtime.getRuntime().addShutdownHook(new Thread(stopped::countDown));
            shell.out().println("# Running. What it has seen: " + sandbox.seen());
            stopped.await();
            return ExitStatus.DONE;
        } catch (UncheckedIOException | IllegalArgumentException e) {
            shell.out().println(String.valueOf(e.getMessage()));
            return ExitStatus.FAILED;
        } catch (NoClassDefFoundError e) {
            shell.out().println("The sandbox is not installed here: lib/dromedar-sandbox.jar is missing.");
            return ExitStatus.FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitStatus.FAILED;
        }
    }

    /** The sandbox's classes are named here and not above, since they may be missing, and picocli looks at what is above. */
    record Running(Sandbox sandbox) implements AutoCloseable {
        /** Starts a sandbox and prints its settings, then each request that it refuses. */
        static Running start(boolean https, Path directory, int port, PrintStream out) {
            var options = Sandbox.Options.plain()
                    .withDirectory(directory)
                    .withPort(port)
                    .withRefusals(line -> out.println("refused: " + line));
            Sandbox sandbox = Sandbox.start(https ? options.withHttps() : options);
            try {
                sandbox.addProfiles();
                sandbox.keep();
                out.print(SettingsFile.of(sandbox));
                site(sandbox, directory, out);
                return new Running(sandbox);
            } catch (RuntimeException e) {
                sandbox.close();
                throw e;
            }
        }

        /** Settings for a worker in the sandbox's folder, unless somebody's are there. */
        private static void site(Sandbox sandbox, Path directory, PrintStream out) {
            Path file = directory.resolve("application.properties");
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                out.println("# " + file + " is there already, and stays as it is.");
                return;
            }
            try {
                Files.writeString(file, WATCHING + SettingsFile.of(sandbox), StandardOpenOption.CREATE_NEW);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            out.println("# The same is in " + file + ": put routes/ beside it, and start ./run there.");
        }

        String seen() {
            return sandbox.apis().stream()
                    .map(api -> api.authority().origin().uri() + "/seen")
                    .distinct()
                    .collect(Collectors.joining(", "));
        }

        @Override
        public void close() {
            sandbox.close();
        }
    }
}
