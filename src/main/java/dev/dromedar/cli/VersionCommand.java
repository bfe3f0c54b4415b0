package dev.dromedar.cli;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.apache.camel.CamelContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

/** {@code version}: what support asks first. */
@Command(
        name = "version",
        description = "Shows the versions of Dromedar, Camel and Java, or the bill of materials.",
        footer = {"  ./run version", "  ./run version --sbom > bom.json"})
final class VersionCommand implements Callable<Integer>, IVersionProvider {
    private final Shell shell;

    VersionCommand(Shell shell) {
        this.shell = shell;
    }

    @Option(
            names = "--sbom",
            description =
                    "Prints the bill of materials of this distribution (CycloneDX JSON): all libraries, their licences"
                            + " and checksums.")
    boolean sbom;

    @Override
    public Integer call() throws IOException {
        if (sbom) {
            return printBillOfMaterials();
        }
        for (String line : getVersion()) {
            shell.out().println(line);
        }
        return ExitStatus.DONE;
    }

    /** It is packed beside the worker's jar. */
    private int printBillOfMaterials() throws IOException {
        Path jar;
        try {
            jar = Path.of(VersionCommand.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
        Path bom = jar.resolveSibling("bom.json");
        if (!Files.exists(bom)) {
            shell.out().println("There is no " + bom + ". 'mvn package' makes it, and it is in the distribution.");
            return ExitStatus.FAILED;
        }
        shell.out().print(Files.readString(bom));
        return ExitStatus.DONE;
    }

    @Override
    public String[] getVersion() {
        return new String[] {
            "Dromedar " + of(VersionCommand.class),
            "Camel    " + of(CamelContext.class),
            "Java     " + Runtime.version() + " (" + System.getProperty("java.vendor") + ")"
        };
    }

    private static String of(Class<?> type) {
        return Objects.requireNonNullElse(type.getPackage().getImplementationVersion(), "(not packaged)");
    }
}
