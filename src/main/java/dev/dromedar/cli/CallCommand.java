package dev.dromedar.cli;

import dev.dromedar.camel.Apis;
import dev.dromedar.camel.FailedCall;
import dev.dromedar.camel.SingleCall;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.OAuthException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code call NAME PATH}: curl with an API's credentials. Prints neither those of the request nor those of an answer. */
@Command(
        name = "call",
        description = {
            "Calls an API once, and prints status, headers and body of the answer.",
            "The call has the API's credentials and starts no route. Tokens, cookies and other credentials are printed as ***."
        },
        exitCodeList = {
            "0:The API answered with a status below 400.",
            "1:There was no answer, or its status is 400 or above.",
            "2:The command line is wrong, or there is no API of that name."
        },
        footer = {
            "  ./run call orders /orders",
            "  ./run call orders '/orders?changed=today' -H 'Accept: text/csv' -o orders.csv",
            "  ./run call orders /orders -X POST -d @order.json",
            "  ./run call register /persons --as=313745392"
        })
final class CallCommand implements Callable<Integer> {
    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");
    private static final Pattern HEADER = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \\t]*([\\x20-\\x7e\\t]*)");
    /** Made from the API's settings or the request itself. */
    private static final Set<String> OURS = Set.of(
            "authorization",
            "dpop",
            "host",
            "content-length",
            "transfer-encoding",
            "connection",
            "te",
            "trailer",
            "upgrade",
            "expect",
            "proxy-authorization");

    private final Shell shell;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Parameters(index = "0", paramLabel = "NAME", description = "The API, as application.properties names it.")
    String name = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            defaultValue = "",
            paramLabel = "PATH",
            description = "Path and query below the API's base address; none for the base address itself.")
    String path = "";

    @Option(
            names = {"-X", "--request"},
            paramLabel = "METHOD",
            description = "The method. Default: GET, or POST with -d.")
    @Nullable
    String method;

    @Option(
            names = {"-d", "--data"},
            paramLabel = "DATA",
            description =
                    "The body: a text, @FILE for a file's bytes, or @- for the standard input. Its Content-Type is"
                            + " application/json unless -H says otherwise.")
    @Nullable
    String data;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "HEADER",
            description = "A further header, as 'Name: value'. May be repeated.")
    List<String> headers = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Writes the body's bytes to a new file in place of printing it.")
    @Nullable
    Path output;

    @Mixin
    CustomerOptions forWhom = new CustomerOptions();

    @Option(
            names = "--scope",
            paramLabel = "SCOPES",
            description = "Requests a token with these scopes in the place of the API's.")
    @Nullable
    String scope;

    @Option(
            names = "--resource",
            paramLabel = "RESOURCES",
            description = "Requests a token for these resource indicators (RFC 8707) in the place of the API's.")
    @Nullable
    String resource;

    CallCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        SingleCall.Request request = request();
        if (output != null && Files.exists(shell.folder().path().resolve(output))) {
            throw misuse("-o: the file '" + output + "' exists. Name a new one.");
        }
        try (var context = shell.folder().context();
                var sandbox = new OwnSandbox()) {
            sandbox.startIfEnabled(context);
            Set<String> known = Apis.namesIn(context);
            if (!known.contains(name)) {
                throw misuse("There is no API '" + name + "'." + hint(known));
            }
            if (sandbox.runs()) {
                shell.out()
                        .println(
                                "(dromedar.sandbox.enabled: this command has started a sandbox for itself, which answers.)");
            }
            int query = request.path().indexOf('?');
            String where = query < 0 ? request.path() : request.path().substring(0, query);
            return shell.folder().audited("call", name + " " + request.method() + " " + where, () -> {
                try {
                    return send(context, request);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private String hint(Set<String> known) {
        String nearest = Misuse.didYouMean(name, known);
        return !nearest.isEmpty()
                ? nearest
                : known.isEmpty()
                        ? " Run this in the folder that has application.properties."
                        : " There are: " + String.join(", ", known) + ".";
    }

    private int send(CamelContext context, SingleCall.Request request) throws IOException {
        try (var call = new SingleCall(context, name)) {
            SingleCall.Answer answer = call.send(request);
            new AnswerPrint(shell.out(), shell.folder().path(), output).print(answer);
            return answer.status() < 400 ? ExitStatus.DONE : ExitStatus.FAILED;
        } catch (InvalidSettings e) {
            throw e;
        } catch (OAuthException | FailedCall e) {
            shell.out().println(String.valueOf(e.getMessage()));
            return ExitStatus.FAILED;
        }
    }

    private SingleCall.Request request() {
        Map<String, String> all = new LinkedHashMap<>();
        for (String header : headers) {
            Matcher parts = HEADER.matcher(header);
            if (!parts.matches()) {
                throw misuse("-H: '" + header + "' is not a header such as 'Accept: text/csv'.");
            }
            String field = parts.group(1);
            if (OURS.contains(field.toLowerCase(Locale.ROOT)) || field.regionMatches(true, 0, "Camel", 0, 5)) {
                throw misuse("-H: '" + field + "' is set from the API's properties and the request itself. Remove it.");
            }
            all.put(field, parts.group(2));
        }
        byte[] body = data == null ? null : body(data);
        if (body != null && all.keySet().stream().noneMatch("Content-Type"::equalsIgnoreCase)) {
            all.put("Content-Type", "application/json");
        }
        String verb = method != null ? method : body == null ? "GET" : "POST";
        if (!METHODS.contains(verb)) {
            throw misuse(
                    "-X: '" + verb + "' is no method that can be sent. Use one of " + String.join(", ", METHODS) + ".");
        }
        String fault = forWhom.fault();
        if (fault != null) {
            throw misuse(fault);
        }
        return new SingleCall.Request(verb, path, all, body, new SingleCall.Token(forWhom.customer(), scope, resource));
    }

    private byte[] body(String written) {
        if (!written.startsWith("@")) {
            return written.getBytes(StandardCharsets.UTF_8);
        }
        String file = written.substring(1);
        try {
            return file.equals("-")
                    ? System.in.readAllBytes()
                    : Files.readAllBytes(shell.folder().path().resolve(file));
        } catch (IOException | java.nio.file.InvalidPathException e) {
            throw misuse("-d: the file '" + file + "' cannot be read.");
        }
    }

    private ParameterException misuse(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
