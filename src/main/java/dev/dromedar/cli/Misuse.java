package dev.dromedar.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.settings.Nearest;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reports a command line that cannot be understood: what is wrong, what was probably meant, and how it is written. */
final class Misuse {
    private final PrintStream out;
    private final PrintStream err;

    Misuse(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    int report(ParameterException e, List<String> args) {
        CommandLine command = e.getCommandLine();
        // Also where something is missing: a misspelt option is why
        List<String> unmatched =
                e instanceof UnmatchedArgumentException all ? all.getUnmatched() : command.getUnmatchedArguments();
        String message = unmatched.isEmpty()
                ? sentence(String.valueOf(e.getMessage()))
                : unmatched(command.getCommandSpec(), unmatched.get(0));
        return report(command, message, args);
    }

    int report(CommandLine command, String message, List<String> args) {
        if (args.contains("--json")) {
            out.println(json(message)); // a caller that requested JSON gets JSON
        }
        err.println(message);
        CommandSpec spec = command.getCommandSpec();
        if (spec.parent() != null) {
            usages(command);
        }
        err.println("'" + spec.qualifiedName() + " --help' says more.");
        return ExitStatus.MISUSED;
    }

    private void usages(CommandLine command) {
        if (command.getSubcommands().isEmpty()) {
            err.print("Usage: " + command.getHelp().synopsis("Usage: ".length()));
        }
        command.getSubcommands().values().forEach(this::usages);
    }

    private static String unmatched(CommandSpec spec, String word) {
        if (word.startsWith("-")) {
            String option = word.replaceFirst("=.*", "");
            return "Unknown option '" + option + "'."
                    + didYouMean(option, options(spec, option.startsWith("--") ? "--" : "-"));
        }
        if (!spec.subcommands().isEmpty()) {
            return "Unknown command '" + word + "'."
                    + didYouMean(word, spec.subcommands().keySet());
        }
        return spec.positionalParameters().isEmpty()
                ? "'" + spec.qualifiedName() + "' takes no arguments, and there is '" + word + "'."
                : "Unexpected argument '" + word + "'.";
    }

    private static List<String> options(CommandSpec spec, String beginning) {
        return spec.optionsMap().keySet().stream()
                .filter(option -> option.startsWith(beginning))
                .toList();
    }

    /** A suggestion after a blank, or nothing. */
    static String didYouMean(String name, Iterable<String> known) {
        @Nullable String nearest = Nearest.to(name, known);
        return nearest == null ? "" : " Did you mean '" + nearest + "'?";
    }

    private static String sentence(String message) {
        String begun = message.substring(0, 1).toUpperCase(Locale.ROOT) + message.substring(1);
        return begun.endsWith(".") || begun.endsWith("?") ? begun : begun + ".";
    }

    private static String json(String message) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("well", false);
        answer.put("faults", List.of(message));
        try {
            return new ObjectMapper().writeValueAsString(answer);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Texts are JSON", e);
        }
    }
}
