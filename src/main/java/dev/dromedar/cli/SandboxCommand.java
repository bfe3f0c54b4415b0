package dev.dromedar.sandbox;

import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

/** The sandbox on its own: {@code sandbox [--https] [--dir DIR] [--port N]}. DIR is {@code data/sandbox} by default. */
public final class SandboxCommand {
    private static final String USAGE = "Usage: sandbox [--https] [--dir DIR] [--port N]";

    private SandboxCommand() {}

    /** Starts a sandbox, prints the settings for a worker, then each refusal, until the process is stopped. */
    public static void main(String... args) {
        Sandbox sandbox;
        try {
            sandbox = start(List.of(args), System.out);
        } catch (IllegalArgumentException | UncheckedIOException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        try (sandbox) {
            var stopped = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(stopped::countDown));
            System.out.println("# Running. What it has seen: "
                    + sandbox.apis().stream()
                            .map(api -> api.authority().origin().uri() + "/seen")
                            .distinct()
                            .collect(Collectors.joining(", ")));
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Starts a sandbox and prints its settings.
     *
     * @throws IllegalArgumentException if an argument is not understood
     */
    public static Sandbox start(List<String> args, PrintStream out) {
        var options = Sandbox.Options.plain()
                .withDirectory(Path.of("data", "sandbox"))
                .withRefusals(line -> out.println("refused: " + line));
        Iterator<String> rest = args.iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            options = switch (argument) {
                case "--https" -> options.withHttps();
                case "--dir" -> options.withDirectory(Path.of(value(argument, rest)));
                case "--port" -> options.withPort(port(value(argument, rest)));
                default -> throw new IllegalArgumentException("unknown argument '" + argument + "'. " + USAGE);
            };
        }
        Sandbox sandbox = Sandbox.start(options);
        sandbox.addProfiles();
        out.print(settings(sandbox));
        return sandbox;
    }

    private static String value(String argument, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new IllegalArgumentException(argument + " needs a value. " + USAGE);
        }
        return rest.next();
    }

    private static int port(String text) {
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65_526) {
            throw new IllegalArgumentException("--port is '" + text + "', must be at most 65526. " + USAGE);
        }
        return Integer.parseInt(text);
    }

    /** The settings in the form of a properties file; keys and secrets go into files of their own. */
    private static String settings(Sandbox sandbox) {
        var text = new StringBuilder("# The sandbox's APIs, for application.properties\n");
        if (sandbox.https()) {
            text.append("dromedar.tls.ca-file = ")
                    .append(slashes(sandbox.caFile()))
                    .append("\n");
        }
        for (ProtectedApi api : sandbox.apis()) {
            text.append('\n');
            Map<String, String> settings = sandbox.settings(api);
            boolean helseid = "helseid".equals(settings.get("profile"));
            settings.forEach((key, value) -> {
                boolean usual = key.equals("dpop") && Boolean.parseBoolean(value) == helseid;
                if (!usual) {
                    text.append("dromedar.api.")
                            .append(api.name())
                            .append('.')
                            .append(key)
                            .append(" = ");
                    text.append(shown(sandbox, api, key, value)).append('\n');
                }
            });
        }
        return text.append('\n').toString();
    }

    private static String shown(Sandbox sandbox, ProtectedApi api, String key, String value) {
        return switch (key) {
            case "private-key" -> secretFile(sandbox.write(api.name() + ".jwk.json", value));
            case "tls-private-key" -> secretFile(sandbox.write(api.name() + ".key.pem", value));
            case "certificate", "tls-certificate" -> secretFile(sandbox.write(api.name() + ".crt.pem", value));
            case "client-secret" -> secretFile(sandbox.write(api.name() + ".secret", value));
            default -> value;
        };
    }

    private static String secretFile(Path file) {
        return "{{secretfile:" + slashes(file) + "}}";
    }

    /** A backslash would be an escape in a properties file. */
    private static String slashes(Path file) {
        return file.toString().replace('\\', '/');
    }
}
