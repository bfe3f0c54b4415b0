package dev.dromedar.cli;

import dev.dromedar.ops.StatusTable;
import java.io.Console;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.camel.util.json.DeserializationException;
import org.apache.camel.util.json.Jsoner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code status}: the table of a running worker in the terminal, by its management port, refreshed until stopped. */
@Command(
        name = "status",
        description = {
            "Shows the APIs, tokens and routes of a running worker.",
            "Shows them as a table, every 2 s until it is stopped."
        },
        footer = {"  ./run status", "  ./run status --once --url http://127.0.0.1:9876"})
final class StatusCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final String CLEAR = "\u001b[H\u001b[2J";

    private final Shell shell;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Option(names = "--once", description = "Shows it once and ends; without a terminal it always does.")
    boolean once;

    @Option(
            names = "--url",
            paramLabel = "ADDRESS",
            description = "The worker's management address. Default: by application.properties of this folder, else"
                    + " http://127.0.0.1:9876.")
    @Nullable
    URI url;

    StatusCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        if (url != null && (url.getHost() == null || !List.of("http", "https").contains(url.getScheme()))) {
            throw new ParameterException(
                    spec.commandLine(), "--url: '" + url + "' is not an address such as http://127.0.0.1:9876.");
        }
        String address = (url == null ? configured() : url.toString()).replaceAll("/+$", "");
        boolean ends = once || System.getenv("TERM") == null || !isTerminal();
        var http = HttpClient.newBuilder().connectTimeout(LIMIT).build();
        try {
            while (true) {
                boolean seen = show(http, address, ends);
                if (ends) {
                    return seen ? ExitStatus.DONE : ExitStatus.FAILED;
                }
                Thread.sleep(2000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitStatus.DONE;
        }
    }

    /** From JDK 22 on a console may be there without a terminal, and says so itself. */
    @SuppressWarnings("SystemConsoleNull") // before JDK 22 that is how it is known
    private static boolean isTerminal() {
        Console console = System.console();
        try {
            return console != null
                    && (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    private boolean show(HttpClient http, String address, boolean ends) throws InterruptedException {
        String table;
        boolean seen = true;
        try {
            table = table(http, URI.create(address + StatusTable.PATH));
        } catch (IOException | DeserializationException | IllegalArgumentException e) {
            seen = false;
            table = "No worker answers at " + address + " (" + reason(e) + ")." + System.lineSeparator()
                    + "Check that it is running, and that camel.management.enabled = true and camel.management.port are as"
                    + " here." + System.lineSeparator();
        }
        if (ends) {
            shell.out().print(table);
        } else {
            shell.out().writeBytes(CLEAR.getBytes(StandardCharsets.US_ASCII));
            shell.out().print(table + System.lineSeparator() + "Every 2 s; Ctrl-C ends this.");
        }
        shell.out().flush();
        return seen;
    }

    /** The JDK's client says nothing of a refused connection. */
    private static String reason(Exception failure) {
        return failure instanceof ConnectException && failure.getMessage() == null
                ? "nothing listens there"
                : String.valueOf(failure.getMessage());
    }

    private static String table(HttpClient http, URI address)
            throws IOException, InterruptedException, DeserializationException {
        HttpResponse<String> answer =
                http.send(HttpRequest.newBuilder(address).timeout(LIMIT).build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200 || !(Jsoner.deserialize(answer.body()) instanceof Map<?, ?> status)) {
            throw new IOException("it answered HTTP " + answer.statusCode() + " and no status");
        }
        return StatusTable.of(status, Clock.systemUTC().instant());
    }

    /** Where the worker of this folder listens. */
    private String configured() {
        String host = shell.folder().written("camel.management.host", "127.0.0.1");
        return "http://" + (host.equals("0.0.0.0") ? "127.0.0.1" : host) + ":"
                + shell.folder().written("camel.management.port", "9876");
    }
}
