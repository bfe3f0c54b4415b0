package dev.dromedar.ops;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.util.json.DeserializationException;
import org.apache.camel.util.json.Jsoner;

/** {@code dromedar status}: the table of a running worker in the terminal, by its management port, refreshed until stopped. */
public final class StatusCommand {
    private static final String USAGE = "Usage: dromedar status [--once] [--url http://127.0.0.1:9876]";
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final String CLEAR = "\u001b[H\u001b[2J";

    private StatusCommand() {}

    /** The process's exit code: 0 if the worker was seen, 1 if not, 2 for arguments that are not understood. */
    public static int run(List<String> args, PrintStream out) {
        boolean once = System.getenv("TERM") == null; // not a terminal
        String url = null;
        for (Iterator<String> rest = args.iterator(); rest.hasNext(); ) {
            String argument = rest.next();
            if (argument.equals("--once")) {
                once = true;
            } else if (argument.equals("--url") && rest.hasNext()) {
                url = rest.next();
            } else {
                out.println("status: '" + argument + "' is not understood. " + USAGE);
                return 2;
            }
        }
        String address = (url == null ? fromProperties(Path.of("application.properties")) : url).replaceAll("/+$", "");
        var http = HttpClient.newBuilder().connectTimeout(LIMIT).build();
        while (true) {
            String table;
            boolean seen = true;
            try {
                table = table(http, URI.create(address + StatusPage.PATH + ".json"));
            } catch (IOException | DeserializationException | IllegalArgumentException e) {
                seen = false;
                table = "No worker answers at " + address + " (" + reason(e) + ")." + System.lineSeparator()
                        + "Check that it runs, and that camel.management.enabled = true and camel.management.port are"
                        + " as here." + System.lineSeparator();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return 0;
            }
            out.print(once ? table : CLEAR + table + System.lineSeparator() + "Every 2 s; Ctrl-C ends this.");
            out.flush();
            if (once) {
                return seen ? 0 : 1;
            }
            try {
                Thread.sleep(2000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return 0;
            }
        }
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
    private static String fromProperties(Path file) {
        var properties = new Properties();
        if (Files.isReadable(file)) {
            try (InputStream content = Files.newInputStream(file)) {
                properties.load(content);
            } catch (IOException | IllegalArgumentException e) {
                properties.clear();
            }
        }
        String host =
                properties.getProperty("camel.management.host", "127.0.0.1").strip();
        return "http://" + (host.equals("0.0.0.0") ? "127.0.0.1" : host) + ":"
                + properties.getProperty("camel.management.port", "9876").strip();
    }
}
