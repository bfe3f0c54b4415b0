package dev.dromedar.cli;

import dev.dromedar.store.Letter;
import dev.dromedar.store.OpenStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code dead-letters}: works on the store itself, whether a worker runs or not. */
@Command(
        name = "dead-letters",
        description = "Lists, shows, replays or discards the messages that failed and were kept.",
        footer = {"  ./run dead-letters list", "  ./run dead-letters replay --route orders-nightly"})
final class DeadLettersCommand extends CommandGroup {
    private final Shell shell;

    DeadLettersCommand(Shell shell) {
        this.shell = shell;
    }

    /** Which letters: where several of them are said, all must hold. */
    static final class Selection {
        @Parameters(arity = "0..*", paramLabel = "ID", description = "The ids of letters.")
        List<String> ids = new ArrayList<>();

        @Option(names = "--all", description = "All letters that are kept; with --route those of that route.")
        boolean all;

        @Option(names = "--route", paramLabel = "ROUTE", description = "The letters of this route that are kept.")
        @Nullable
        String route;
    }

    @Command(
            name = "list",
            description = "Lists all dead letters, or those of one route, oldest first.",
            footer = {"  ./run dead-letters list", "  ./run dead-letters list orders-nightly"})
    int list(
            @Parameters(arity = "0..1", paramLabel = "ROUTE", description = "The route; none for all.") @Nullable
                    String route) {
        try (OpenStore store = open()) {
            List<Letter> all = store.letters();
            if (route != null && isUnknown(route, all)) {
                return ExitStatus.FAILED;
            }
            List<Letter> found = all.stream()
                    .filter(letter -> route == null || letter.route().equals(route))
                    .toList();
            found.forEach(letter -> shell.out().println(OpenStore.line(letter)));
            Map<Letter.State, Integer> states = new TreeMap<>();
            found.forEach(letter -> states.merge(letter.state(), 1, Integer::sum));
            String sums = states.entrySet().stream()
                    .map(state -> state.getValue() + " " + state.getKey().word())
                    .collect(Collectors.joining(", "));
            shell.out().println(found.size() + " dead letter(s)" + (sums.isEmpty() ? "" : ": " + sums));
            return ExitStatus.DONE;
        }
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
        try (OpenStore store = open()) {
            Letter letter = store.letter(id);
            if (letter == null) {
                shell.out()
                        .println("There is no dead letter '" + id + "': it was replayed, discarded, or never existed.");
                return ExitStatus.FAILED;
            }
            store.details(letter).forEach(shell.out()::println);
            if (body) {
                shell.out().println();
                shell.out().println(store.body(letter));
            }
            return ExitStatus.DONE;
        }
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
        try (OpenStore store = open()) {
            Tally tally = onEach(
                    "replay",
                    selection,
                    store,
                    store::requestReplay,
                    "no replay requested: it is gone, or its replay is requested or running already.");
            if (tally == null) {
                return ExitStatus.FAILED;
            }
            shell.out()
                    .println(tally.done() + " replay(s) requested."
                            + (tally.done() == 0
                                    ? ""
                                    : store.workerRuns()
                                            ? " A worker starts them within seconds, one after another; what fails again is"
                                                    + " kept again."
                                            : " No worker is running here now: they start when one does."));
            return tally.status();
        }
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
        try (OpenStore store = open()) {
            Tally tally = onEach(
                    "discard",
                    selection,
                    store,
                    store::discard,
                    "not discarded: it is gone, or its replay is running.");
            if (tally == null) {
                return ExitStatus.FAILED;
            }
            shell.out().println(tally.done() + " dead letter(s) discarded.");
            return tally.status();
        }
    }

    private OpenStore open() {
        return OpenStore.with(shell.folder().storeSettings());
    }

    private record Tally(int done, int missed) {
        int status() {
            return missed == 0 ? ExitStatus.DONE : ExitStatus.FAILED;
        }
    }

    /** Null if there was nothing to do, which has been said. */
    private @Nullable Tally onEach(
            String verb, Selection selection, OpenStore store, Predicate<String> action, String notDone) {
        boolean nothing = selection.ids.isEmpty() && !selection.all && selection.route == null;
        if (nothing || selection.all && !selection.ids.isEmpty()) {
            throw new ParameterException(
                    spec.subcommands().get(verb), "Name letters by their ids, or use --all or --route ROUTE.");
        }
        List<String> ids = selection.ids.isEmpty() ? kept(verb, selection.route, store) : selection.ids;
        if (ids.isEmpty()) {
            return null;
        }
        int done = 0;
        for (String id : ids) {
            String other = selection.ids.isEmpty() ? null : otherRoute(id, selection.route, store);
            if (other != null) {
                shell.out().println(id + ": it is a letter of route '" + other + "'.");
            } else if (action.test(id)) {
                done++;
            } else {
                shell.out().println(id + ": " + notDone);
            }
        }
        return new Tally(done, ids.size() - done);
    }

    private List<String> kept(String verb, @Nullable String route, OpenStore store) {
        List<Letter> all = store.letters();
        if (route != null && isUnknown(route, all)) {
            return List.of();
        }
        List<String> ids = all.stream()
                .filter(letter -> route == null || letter.route().equals(route))
                .filter(letter -> letter.state() == Letter.State.KEPT || letter.state() == Letter.State.INTERRUPTED)
                .map(Letter::id)
                .toList();
        if (ids.isEmpty()) {
            shell.out()
                    .println("There is no dead letter to " + verb
                            + (route == null ? "." : " of route '" + route + "'."));
        }
        return ids;
    }

    /** The route of a letter, if it is not the one that was said. */
    private static @Nullable String otherRoute(String id, @Nullable String route, OpenStore store) {
        Letter letter = route == null ? null : store.letter(id);
        return letter == null || letter.route().equals(route) ? null : letter.route();
    }

    private boolean isUnknown(String route, List<Letter> all) {
        var routes = new TreeSet<String>();
        all.forEach(letter -> routes.add(letter.route()));
        if (routes.contains(route)) {
            return false;
        }
        shell.out().println("There is no dead letter of route '" + route + "'." + Misuse.didYouMean(route, routes));
        return true;
    }
}
