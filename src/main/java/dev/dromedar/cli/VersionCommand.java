package dev.dromedar.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.apache.camel.CamelContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** {@code version}: what support asks first. */
@Command(
        name = "version",
        description = "Shows the versions of Dromedar, Camel and Java.",
        footer = {"  ./run version"})
final class VersionCommand implements Callable<Integer>, IVersionProvider {
    private final Shell shell;

    VersionCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        for (String line : getVersion()) {
            shell.out().println(line);
        }
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
