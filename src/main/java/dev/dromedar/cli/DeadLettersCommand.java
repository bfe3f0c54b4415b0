package dev.dromedar.cli;

import dev.dromedar.cluster.OpenStore;
import dev.dromedar.letters.DeadLetterOperations;
import dev.dromedar.letters.DeadLetterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code dead-letters}: works on the store itself, whether a worker runs or not. */
@Command(
        name = "dead-letters",
        description = "Lists, shows, replays, discards or seals the messages that failed and were kept.",
        footer = {"  ./run dead-letters list", "  ./run dead-letters replay --route orders-nightly"})
final class DeadLettersCommand extends CommandGroup {
    private final Shell shell;

    DeadLettersCommand(Shell shell) {
        this.shell = shell;
    }

    /** Which letters: where several conditions are given, all must hold. */
    static final class Selection {
        @Parameters(arity = "0..*", paramLabel = "ID", description = "The ids of letters.")
        List<String> ids = new ArrayList<>();

        @Option(names = "--all", description = "All letters; with --route those of that route.")
        boolean all;

        @Option(names = "--route", paramLabel = "ROUTE", description = "The letters of this route.")
        @Nullable
        String route;

        private DeadLetterOperations.Selection selected() {
            return new DeadLetterOperations.Selection(ids, all, route);
        }

        /** For the audit. */
        private String words() {
            String which = route == null ? "" : "route " + route + " ";
            return (which + (ids.isEmpty() ? "all" : String.join(" ", ids))).strip();
        }
    }

    @Command(
            name = "list",
            description = "Lists all dead letters, or those of one route, oldest first.",
            footer = {"  ./run dead-letters list", "  ./run dead-letters list orders-nightly"})
    int list(
            @Parameters(arity = "0..1", paramLabel = "ROUTE", description = "The route; none for all.") @Nullable
                    String route) {
        return run(letters -> letters.list(route));
    }

    @Command(
            name = "show",
            description = "Shows one dead letter with the headers of its message.",
            footer = {"  ./run dead-letters show ID", "  ./run dead-letters show ID --body"})
    int show(
            @Parameters(paramLabel = "ID", description = "The letter's id, as the list shows it.") String id,
            @Option(
                            names = "--body",
                            description =
                                    "Shows the body of the message as it entered the failed route, too. It may hold"
                                            + " personal data.")
                    boolean body) {
        return body
                ? shell.folder().audited("dead-letters show body", id, () -> run(letters -> letters.show(id, true)))
                : run(letters -> letters.show(id, false));
    }

    @Command(
            name = "replay",
            description = "Requests that a worker sends letters into their routes again.",
            footer = {
                "  ./run dead-letters replay ID",
                "  ./run dead-letters replay --route orders-nightly",
                "  ./run dead-letters replay --all"
            })
    int replay(@Mixin Selection selection) {
        return runOn("replay", selection, letters -> letters.replay(selection.selected()));
    }

    @Command(
            name = "discard",
            description = "Removes letters for good.",
            footer = {
                "  ./run dead-letters discard ID",
                "  ./run dead-letters discard --route orders-nightly",
                "  ./run dead-letters discard --all"
            })
    int discard(@Mixin Selection selection) {
        return runOn("discard", selection, letters -> letters.discard(selection.selected()));
    }

    @Command(
            name = "seal",
            description = "Seals letters that were kept before there was a key: all of them, or those named.",
            footer = {"  ./run dead-letters seal", "  ./run dead-letters seal --route orders-nightly"})
    int seal(@Mixin Selection selection) {
        return shell.folder()
                .audited(
                        "dead-letters seal",
                        selection.words(),
                        () -> run(letters -> letters.seal(selection.selected())));
    }

    private int runOn(String verb, Selection selection, Predicate<DeadLetterOperations> operation) {
        if (selection.selected().isEmpty() || selection.all && !selection.ids.isEmpty()) {
            throw new ParameterException(
                    spec.subcommands().get(verb), "Name letters by their ids, or use --all or --route ROUTE.");
        }
        return shell.folder().audited("dead-letters " + verb, selection.words(), () -> run(operation));
    }

    private int run(Predicate<DeadLetterOperations> operation) {
        try (OpenStore store = OpenStore.with(shell.folder().storeSettings());
                DeadLetterStore letters = store.deadLetters()) {
            var operations = new DeadLetterOperations(letters, shell.out()::println);
            return operation.test(operations) ? ExitStatus.DONE : ExitStatus.FAILED;
        }
    }
}
