package dev.dromedar.cli;

import dev.dromedar.camel.ApiCheck;
import dev.dromedar.camel.Apis;
import dev.dromedar.keys.ClientFile;
import dev.dromedar.keys.CredentialText;
import dev.dromedar.keys.KeySource;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.KeyFile;
import dev.dromedar.oauth.Profile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code add api}: a block of properties for one more API, and its key from the file of HelseID Selvbetjening. */
@Command(
        name = "api",
        description = {
            "Adds an API's properties to application.properties, and says what is missing.",
            "Keeps what is there. A key from a client file goes into secrets/, readable by its owner alone."
        },
        footer = {
            "  ./run add api orders --profile=duende --base-address=https://api.example.no"
                    + " --authority=https://login.example.no --client-id=worker --scope=orders.read",
            "  ./run add api patients --from=client.json --base-address=https://api.example.no/patients"
        })
final class AddApiCommand implements Callable<Integer> {
    private static final int LONGEST_VALUE = 4_000;

    private final Shell shell;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Parameters(
            paramLabel = "NAME",
            description = "The API's name in routes, logs and metrics, such as patient-records.")
    String name = "";

    @Option(
            names = "--profile",
            paramLabel = "PROFILE",
            description =
                    "The kind of authority: helseid, duende, maskinporten, entra, keycloak, smart-backend, or oauth2"
                            + " for any other. Default: helseid with --from, otherwise oauth2.")
    @Nullable
    String profile;

    @Option(names = "--base-address", paramLabel = "ADDRESS", description = "Where the API is.")
    @Nullable
    String baseAddress;

    @Option(names = "--authority", paramLabel = "ISSUER", description = "The authority's issuer identifier.")
    @Nullable
    String authority;

    @Option(names = "--client-id", paramLabel = "ID", description = "The client as registered with the authority.")
    @Nullable
    String clientId;

    @Option(names = "--scope", paramLabel = "SCOPE", description = "What to request; may be repeated.")
    List<String> scopes = List.of();

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description =
                    "The client's file from HelseID Selvbetjening, with authority, client, scopes and private key.")
    @Nullable
    Path from;

    AddApiCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        if (!ForeignText.isName(name, 100)) {
            throw misuse("NAME: '" + name + "' must be lower-case letters, digits and single hyphens.");
        }
        if (profile != null && Profile.named(profile) == null) {
            throw misuse("--profile: '" + profile + "' is not known." + Misuse.didYouMean(profile, Profile.names())
                    + " There are: " + String.join(", ", Profile.names()) + ".");
        }
        Path properties = shell.folder().properties();
        if (!Files.isRegularFile(properties)) {
            throw misuse("There is no application.properties here. './run init' makes a site.");
        }
        try (var context = shell.folder().context()) {
            if (Apis.namesIn(context).contains(name)) {
                throw misuse("There is an API '" + name + "' already. Name another, or edit application.properties.");
            }
        }
        ClientFile client = from == null ? null : client(from);
        Map<String, String> block = block(client);
        return shell.folder().audited("add api", name, () -> {
            try {
                return add(properties, block, client);
            } catch (IOException e) {
                shell.out()
                        .println("The files of this site cannot be read or written ("
                                + e.getClass().getSimpleName() + "). Check that you may.");
                return ExitStatus.FAILED;
            }
        });
    }

    private int add(Path properties, Map<String, String> block, @Nullable ClientFile client) throws IOException {
        Path key = null;
        if (client != null) {
            key = shell.folder().path().resolve(secret(client));
            if (!write(client, key)) {
                return ExitStatus.FAILED;
            }
        }
        List<String> faults = faults(block, key);
        List<String> ofArguments = faults.stream().filter(this::isOfAnArgument).toList();
        if (!ofArguments.isEmpty()) {
            if (key != null) {
                Files.deleteIfExists(key);
            }
            ofArguments.forEach(shell.out()::println);
            shell.out().println("Nothing was added.");
            return ExitStatus.FAILED;
        }
        Map<String, String> lines = new LinkedHashMap<>();
        block.forEach((part, value) -> lines.put(property(part), value));
        PropertiesFile.append(properties, lines);
        report(client, key, faults);
        return ExitStatus.DONE;
    }

    private ClientFile client(Path file) {
        String text;
        try {
            text = CredentialText.of(Files.readAllBytes(shell.folder().path().resolve(file)));
        } catch (IOException e) {
            throw misuse("--from: the file '" + file + "' cannot be read.");
        }
        ClientFile client = text == null ? null : ClientFile.of(KeySource.plain(text));
        if (client == null) {
            throw misuse(
                    "--from: '" + file + "' is no client file. It must be the JSON object from HelseID Selvbetjening,"
                            + " with clientId, authority, scopes and one private key (privateJwk).");
        }
        return client;
    }

    private Map<String, String> block(@Nullable ClientFile client) {
        Map<String, String> block = new LinkedHashMap<>();
        block.put("profile", profile != null ? profile : client != null ? "helseid" : "oauth2");
        put(block, "base-address", baseAddress, null);
        put(block, "authority", authority, client == null ? null : client.authority());
        put(block, "client-id", clientId, client == null ? null : client.clientId());
        put(
                block,
                "scope",
                scopes.isEmpty() ? null : String.join(" ", scopes),
                client == null || client.scopes().isEmpty() ? null : String.join(" ", client.scopes()));
        if (client != null) {
            block.put("private-key", "{{secretfile:" + secret(client) + "}}");
        }
        return block;
    }

    /** The argument, otherwise what the client file says. */
    private void put(Map<String, String> block, String key, @Nullable String argument, @Nullable String ofFile) {
        String value = argument != null ? argument : ofFile;
        if (value == null) {
            return;
        }
        if (value.length() > LONGEST_VALUE
                || !ForeignText.line(value, LONGEST_VALUE).equals(value)) {
            throw misuse((argument != null ? "--" + key : "--from: " + key)
                    + ": the value holds a line end or another control character, or is far too long.");
        }
        if (argument == null && value.contains("{{")) {
            throw misuse("--from: " + key + ": the file's value holds a placeholder. Set it by --" + key + ".");
        }
        block.put(key, value);
    }

    private String secret(ClientFile client) {
        return "secrets/" + name + (client.key().reveal().startsWith("{") ? ".jwk.json" : ".pem");
    }

    private boolean write(ClientFile client, Path key) {
        String shown = secret(client);
        try {
            if (!Files.exists(key, LinkOption.NOFOLLOW_LINKS)) {
                KeyFile.writeForOwnerOnly(key, client.key().reveal());
                return true;
            }
        } catch (FileAlreadyExistsException e) {
            // made meanwhile
        } catch (IOException e) {
            shell.out().println(shown + " cannot be written. Check that you may write there. Nothing was added.");
            return false;
        }
        shell.out().println(shown + " already exists and may be in use. Move it away. Nothing was added.");
        return false;
    }

    /** What the worker would say of the block, with the key where it is now. */
    private List<String> faults(Map<String, String> block, @Nullable Path key) throws IOException {
        try (var context = shell.folder().context()) {
            var added = new Properties();
            block.forEach((part, value) -> added.setProperty(
                    property(part),
                    part.equals("private-key") && key != null
                            ? "{{secretfile:" + key.toAbsolutePath().toString().replace('\\', '/') + "}}"
                            : value));
            context.getPropertiesComponent().setOverrideProperties(added);
            return ApiCheck.faults(context, name);
        }
    }

    private boolean isOfAnArgument(String fault) {
        return Map.of(
                        "profile", profile != null,
                        "base-address", baseAddress != null,
                        "authority", authority != null,
                        "client-id", clientId != null,
                        "scope", !scopes.isEmpty(),
                        "private-key", from != null)
                .entrySet()
                .stream()
                .anyMatch(each -> each.getValue() && fault.startsWith(property(each.getKey()) + ":"));
    }

    private String property(String key) {
        return "dromedar.api." + name + "." + key;
    }

    private void report(@Nullable ClientFile client, @Nullable Path key, List<String> faults) {
        shell.out().println("Added " + property("*") + " to application.properties.");
        if (client != null && key != null) {
            shell.out()
                    .println("The private key is in " + secret(client) + ", readable by you alone. '" + from
                            + "' still holds it: delete that file.");
        }
        if (!faults.isEmpty()) {
            shell.out().println("Before the worker can start:");
            faults.stream().distinct().forEach(fault -> shell.out().println("  " + fault));
        }
        shell.out().println("Then './run check " + name + "' tries it.");
    }

    private ParameterException misuse(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
