package dev.dromedar.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code completion}: a script after which bash and zsh complete commands, options and files behind {@code ./run}. */
@Command(
        name = "completion",
        description = "Prints a script for bash and zsh that completes commands and options.",
        footer = {
            "  source <(./run completion)             in this shell",
            "  ./run completion > ~/.dromedar.bash    for a line 'source ~/.dromedar.bash' in ~/.bashrc"
        })
final class CompletionCommand implements Callable<Integer> {
    private final Shell shell;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    CompletionCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        shell.out().print(AutoComplete.bash("run", spec.root().commandLine()));
        return ExitStatus.DONE;
    }
}
