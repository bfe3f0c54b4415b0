package dev.dromedar.cli;

import dev.dromedar.letters.StoreFailure;
import dev.dromedar.oauth.InvalidSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The commands, and what is common to all of them: {@code --help}, the exit statuses, and how an error is reported. A command
 * is one class with picocli's {@link Command} and a constructor that takes a {@link Shell}, listed in {@link #ALL}.
 */
public final class Commands {
    /** As the help lists them. */
    private static final List<Class<?>> ALL = List.of(
            InitCommand.class,
            AddCommand.class,
            CheckCommand.class,
            CallCommand.class,
            RoutesCommand.class,
            ValidateCommand.class,
            KeysCommand.class,
            StatusCommand.class,
            DeadLettersCommand.class,
            FeedCommand.class,
            ClusterCommand.class,
            AuditCommand.class,
            SandboxCommand.class,
            CompletionCommand.class,
            VersionCommand.class,
            HelpCommand.class);

    /** They look at all the others. Each other command is built alone, since building all takes time. */
    private static final Set<Class<?>> NEED_ALL = Set.of(HelpCommand.class, CompletionCommand.class);

    private static final int WIDTH = 100;

    private final Shell shell;
    private final CleanOutput out;
    private final CleanOutput err;

    Commands(Folder folder, CleanOutput out, CleanOutput err) {
        this.shell = new Shell(folder, out);
        this.out = out;
        this.err = err;
    }

    /**
     * Runs one command in the current folder.
     *
     * @param args at least one
     * @return the process's status: 0 if it was done, 1 if it failed, 2 if the command line is wrong
     */
    public static int run(String[] args) {
        LogSetUp.forCommand(args[0]);
        var out = new CleanOutput(System.out, CleanOutput.charset("stdout.encoding"));
        var err = new CleanOutput(System.err, CleanOutput.charset("stderr.encoding"));
        return new Commands(Folder.current(), out, err).run(List.of(args));
    }

    int run(List<String> args) {
        var misuse = new Misuse(out, err);
        if (args.contains("")) {
            return misuse.report(grammar(args), "An argument is empty.", args);
        }
        try {
            return grammar(args)
                    .setParameterExceptionHandler((e, all) -> misuse.report(e, args))
                    .setExecutionExceptionHandler((e, command, parsed) -> failure(e))
                    .execute(args.toArray(String[]::new));
        } catch (LinkageError | OutOfMemoryError | StackOverflowError e) {
            return failure(e);
        }
    }

    /** The grammar of the command that the arguments name, or of all commands. */
    private CommandLine grammar(List<String> args) {
        IFactory factory = new Factory(shell);
        var root = new CommandLine(new Root(), factory);
        Class<?> named = ALL.stream()
                .filter(type -> name(type).equals(args.get(0)) && !NEED_ALL.contains(type))
                .findFirst()
                .orElse(null);
        for (Class<?> type : named == null ? ALL : List.<Class<?>>of(named)) {
            root.addSubcommand(new CommandLine(type, factory));
        }
        complete(root.getCommandSpec());
        return root.setOut(out.writer())
                .setErr(err.writer())
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .setExpandAtFiles(false)
                .setInterpolateVariables(false)
                .setUsageHelpWidth(WIDTH)
                .setUsageHelpLongOptionsMaxWidth(40);
    }

    private static String name(Class<?> type) {
        return type.getAnnotation(Command.class).name();
    }

    /** What every command has. */
    private static void complete(CommandSpec spec) {
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Shows this help.")
                .build());
        Map<String, String> statuses = new LinkedHashMap<>();
        statuses.put("0", "It was done.");
        statuses.put("1", "It failed, there are faults, or nothing of that name was found.");
        statuses.put("2", "The command line is wrong, or there is nothing here to work on.");
        spec.usageMessage()
                .exitCodeListHeading("%nExit status:%n")
                .exitCodeList(
                        spec.usageMessage().exitCodeList().isEmpty()
                                ? statuses
                                : spec.usageMessage().exitCodeList())
                .synopsisHeading("Usage: ")
                .descriptionHeading("%n")
                .parameterListHeading("%n")
                .optionListHeading(spec.positionalParameters().isEmpty() ? "%n" : "")
                .commandListHeading("%nCommands:%n");
        if (spec.usageMessage().footer().length > 0) {
            spec.usageMessage().footerHeading("%nExamples:%n");
        }
        spec.subcommands().values().forEach(command -> complete(command.getCommandSpec()));
    }

    private int failure(Throwable failure) {
        if (failure instanceof InvalidSettings invalid) {
            invalid.faults().forEach(fault -> out.println(sentence(fault)));
        } else if (failure instanceof StoreFailure) {
            out.println(failure.getMessage());
        } else {
            LoggerFactory.getLogger(Commands.class).debug("The command failed", failure);
            err.println("The command failed: " + failure.getClass().getSimpleName()
                    + (failure.getMessage() == null ? "" : ": " + failure.getMessage())
                    + ". JAVA_OPTS=-Dlog.level=DEBUG shows where.");
        }
        return ExitStatus.FAILED;
    }

    private static String sentence(String fault) {
        return fault.endsWith(".") || fault.endsWith("?") ? fault : fault + ".";
    }

    @Command(
            name = "./run",
            versionProvider = VersionCommand.class,
            description = {
                "Runs the worker of the current folder, with its application.properties and routes/; with a command, does"
                        + " what the command says."
            },
            footer = {
                "  ./run                        runs the worker",
                "  ./run check --probe          says why an API does not work",
                "  ./run help dead-letters      describes a command"
            })
    static final class Root implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        CommandSpec spec;

        @Option(
                names = {"-V", "--version"},
                versionHelp = true,
                description = "Shows the versions of Dromedar, Camel and Java.")
        boolean version;

        @Override
        public Integer call() {
            throw new ParameterException(spec.commandLine(), "Name a command.");
        }
    }

    private record Factory(Shell shell) implements IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            try {
                return type.getDeclaredConstructor(Shell.class).newInstance(shell);
            } catch (NoSuchMethodException e) {
                return CommandLine.defaultFactory().create(type);
            }
        }
    }
}
