package dev.dromedar.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code help [COMMAND...]}: the same as the command's {@code --help}. */
@Command(
        name = "help",
        description = "Describes a command, or lists all commands.",
        footer = {"  ./run help check", "  ./run help keys make"})
final class HelpCommand implements Callable<Integer> {
    private final Shell shell;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "The command; none for the list of all commands.")
    List<String> words = new ArrayList<>();

    HelpCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        CommandLine described = spec.root().commandLine();
        for (String word : words) {
            CommandLine next = described.getSubcommands().get(word);
            if (next == null) {
                throw new ParameterException(
                        described,
                        "Unknown command '" + word + "'."
                                + Misuse.didYouMean(
                                        word, described.getSubcommands().keySet()));
            }
            described = next;
        }
        shell.out().print(described.getUsageMessage());
        return ExitStatus.DONE;
    }
}
