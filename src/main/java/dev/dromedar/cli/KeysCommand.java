package dev.dromedar.cli;

import dev.dromedar.camel.KeyRotations;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.KeyFile;
import dev.dromedar.oauth.OAuthException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code keys make} and {@code keys show}: a new key with its public half ready to register, and what a file holds. */
@Command(
        name = "keys",
        description = "Makes or rotates a private key, or shows what a file of keys holds.",
        footer = {
            "  ./run keys make secrets/orders.jwk.json",
            "  ./run keys show secrets/orders.p12 --password-env=ORDERS_PASSWORD"
        })
final class KeysCommand extends CommandGroup {
    private static final int BITS = 4096; // as NHN's own rotation makes them

    private final Shell shell;

    KeysCommand(Shell shell) {
        this.shell = shell;
    }

    @Command(
            name = "make",
            description = {
                "Makes a private key as a JWK in a new file that you alone may read, and prints the public key to register"
                        + " with the authority. Overwrites nothing."
            },
            footer = {
                "  ./run keys make secrets/orders.jwk.json",
                "  ./run keys make secrets/orders.jwk.json --algorithm=ES256"
            })
    int make(
            @Parameters(paramLabel = "FILE", description = "The new file.") Path file,
            @Option(
                            names = "--algorithm",
                            paramLabel = "NAME",
                            defaultValue = "PS256",
                            description = "RS, PS or ES with 256, 384 or 512. Default: PS256.")
                    String algorithm,
            @Option(
                            names = "--bits",
                            paramLabel = "BITS",
                            description = "The size of an RSA key, from 2048 to 8192. Default: 4096.")
                    @Nullable
                    Integer bits) {
        SignatureAlgorithm chosen = SignatureAlgorithm.ofName(algorithm);
        if (chosen == null) {
            throw misuse("--algorithm: '" + algorithm + "' is not known. Use RS, PS or ES with 256, 384 or 512.");
        }
        if (bits != null && chosen.keyType().equals("EC")) {
            throw misuse("--bits is for RSA keys: " + chosen + " has the size of its curve.");
        }
        if (bits != null && (bits < 2048 || bits > 8192)) {
            throw misuse("--bits: " + bits + " is not from 2048 to 8192.");
        }
        return shell.folder()
                .audited("keys make", file.toString(), () -> made(file, chosen, bits == null ? BITS : bits));
    }

    private int made(Path file, SignatureAlgorithm algorithm, int bits) {
        String registered;
        try {
            registered = KeyFile.make(file, algorithm, bits);
        } catch (IOException e) {
            shell.out()
                    .println(file + " cannot be written (" + e.getClass().getSimpleName()
                            + "). Check that its folder exists and that you may write there.");
            return ExitStatus.FAILED;
        }
        shell.out()
                .println("The private key is in " + file
                        + ", readable by you alone. Name it in application.properties:");
        shell.out()
                .println("  dromedar.api.NAME.private-key = {{secretfile:"
                        + file.toString().replace('\\', '/') + "}}");
        shell.out().println("Register this public key with the authority:");
        shell.out().println(registered);
        return ExitStatus.DONE;
    }

    @Command(
            name = "show",
            description = "Shows what a file with keys or certificates holds, without the private part.",
            footer = {
                "  ./run keys show secrets/orders.jwk.json",
                "  ./run keys show secrets/orders.p12 --alias=orders --password-env=ORDERS_PASSWORD"
            })
    int show(
            @Parameters(paramLabel = "FILE", description = "A JWK, a set of them, PEM, or a key store.") Path file,
            @Option(names = "--alias", paramLabel = "NAME", description = "Which key, where there are several.")
                    @Nullable
                    String alias,
            @Option(
                            names = "--password-env",
                            paramLabel = "VARIABLE",
                            description = "The environment variable that holds the file's password.")
                    @Nullable
                    String passwordVariable) {
        KeyFile.describe(file, alias, passwordVariable, shell.out()::println);
        return ExitStatus.DONE;
    }

    @Command(
            name = "rotate",
            description = {
                "Replaces the key of an API's client at HelseID (dromedar.api.NAME.key-registry): makes a new one, registers it,"
                        + " tries it, and puts it into the key's file, which a running worker reads again by itself. If it was"
                        + " interrupted, run it again: it goes on where it was."
            },
            footer = {"  ./run keys rotate health-records --dry-run", "  ./run keys rotate health-records"})
    int rotate(
            @Parameters(paramLabel = "API", description = "The API's name.") String api,
            @Option(names = "--dry-run", description = "Shows the registered keys and what would be done.")
                    boolean dryRun) {
        return dryRun ? rotated(api, true) : shell.folder().audited("keys rotate", api, () -> rotated(api, false));
    }

    private int rotated(String api, boolean dryRun) {
        try (var context = shell.folder().context();
                var sandbox = new OwnSandbox()) {
            sandbox.startIfEnabled(context);
            KeyRotations.run(context, api, dryRun, shell.out()::println);
            return ExitStatus.DONE;
        } catch (InvalidSettings e) {
            e.faults().forEach(shell.out()::println);
        } catch (OAuthException e) {
            shell.out().println(e.getMessage());
        } catch (IOException e) {
            shell.out()
                    .println("The disk refused (" + e.getClass().getSimpleName()
                            + "). Run it again when that is mended.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return ExitStatus.FAILED;
    }

    private ParameterException misuse(String message) {
        return new ParameterException(spec.subcommands().get("make"), message);
    }
}
