package dev.dromedar.store;

import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code dead-letters list|show|replay|discard}: works on the store itself, whether a worker runs or not. */
final class DeadLettersCommand {
    private static final String USAGE = """
            dead-letters list [ROUTE]          all dead letters, or those of a route, oldest first
            dead-letters show ID [--body]      one letter; with --body what came into the route too
            dead-letters replay ID...|--all|--route ROUTE
                                               asks the workers to send letters into their routes again
            dead-letters discard ID...|--all|--route ROUTE
                                               removes letters for good
            """;

    private final Letters letters;
    private final PrintStream out;

    private DeadLettersCommand(Letters letters, PrintStream out) {
        this.letters = letters;
        this.out = out;
    }

    /** Runs one command; the status is as of {@link StoreCommands#run}. */
    static int run(List<String> args, PrintStream out, java.util.function.Supplier<Letters> store) {
        String verb = args.isEmpty() ? "" : args.get(0);
        List<String> rest = args.isEmpty() ? List.of() : args.subList(1, args.size());
        boolean named = !rest.isEmpty();
        if (!switch (verb) {
            case "list" -> true;
            case "show", "replay", "discard" -> named;
            default -> false;
        }) {
            out.print(USAGE);
            return 2;
        }
        try (Letters letters = store.get()) {
            var command = new DeadLettersCommand(letters, out);
            return switch (verb) {
                case "list" -> command.list(rest);
                case "show" -> command.show(rest);
                case "replay" -> command.replay(rest);
                default -> command.discard(rest);
            };
        } catch (StoreFailure e) {
            out.println(e.getMessage());
            return 1;
        }
    }

    private int list(List<String> routes) {
        List<Letter> found = letters.list().stream()
                .filter(letter -> routes.isEmpty() || routes.contains(letter.route()))
                .toList();
        found.forEach(letter -> out.println(line(letter)));
        Map<Letter.State, Integer> states = new TreeMap<>();
        found.forEach(letter -> states.merge(letter.state(), 1, Integer::sum));
        var sums = new ArrayList<String>();
        states.forEach((state, count) -> sums.add(count + " " + state.word()));
        out.println(found.size() + " dead letter(s)" + (sums.isEmpty() ? "" : ": " + String.join(", ", sums)));
        return 0;
    }

    private int show(List<String> args) {
        Letter letter = letters.find(args.get(0));
        if (letter == null) {
            out.println("There is no dead letter " + args.get(0) + ". It was replayed, discarded, or never was.");
            return 1;
        }
        Input input = letters.input(letter);
        details(letter, input).forEach(out::println);
        if (args.contains("--body")) {
            out.println();
            out.println(input.bodyText());
        }
        return 0;
    }

    private int replay(List<String> args) {
        int missed = 0;
        int asked = 0;
        for (String id : ids(args)) {
            if (letters.ask(id)) {
                asked++;
            } else {
                missed++;
                out.println(id + ": not asked for: it is gone, asked for already, or running.");
            }
        }
        out.println(asked + " replay(s) asked for. "
                + (asked == 0
                        ? ""
                        : letters.workerRuns()
                                ? "A worker starts them within seconds, one after another; what fails again is kept again."
                                : "No worker runs here now: they start when one does."));
        return missed == 0 ? 0 : 1;
    }

    private int discard(List<String> args) {
        int missed = 0;
        int discarded = 0;
        for (String id : ids(args)) {
            if (letters.discard(id)) {
                discarded++;
            } else {
                missed++;
                out.println(id + ": not discarded: it is gone, or running.");
            }
        }
        out.println(discarded + " dead letter(s) discarded.");
        return missed == 0 ? 0 : 1;
    }

    private List<String> ids(List<String> args) {
        if (args.get(0).equals("--all") || args.get(0).equals("--route")) {
            return letters.list().stream()
                    .filter(letter -> args.get(0).equals("--all") || args.contains(letter.route()))
                    .filter(letter -> letter.state() == Letter.State.KEPT || letter.state() == Letter.State.INTERRUPTED)
                    .map(Letter::id)
                    .toList();
        }
        return args;
    }

    static String line(Letter letter) {
        return String.format(
                "%s  %-11s  %s  %s  %d attempt(s)  %s",
                letter.id(),
                letter.state().word(),
                letter.route(),
                letter.api() == null ? "-" : letter.api(),
                letter.attempts(),
                letter.cause().length() > 120 ? letter.cause().substring(0, 117) + "..." : letter.cause());
    }

    static List<String> details(Letter letter, Input input) {
        var lines = new ArrayList<String>();
        lines.add("id            " + letter.id());
        lines.add("state         " + letter.state().word());
        lines.add("route         " + letter.route());
        lines.add("api           " + (letter.api() == null ? "-" : letter.api()));
        lines.add("first failed  " + seconds(letter.firstFailed()));
        lines.add("last failed   " + seconds(letter.failed()));
        lines.add("attempts      " + letter.attempts());
        lines.add("cause         " + letter.cause());
        lines.add("body          " + input.kind().name().toLowerCase(java.util.Locale.ROOT) + ", " + input.body().length
                + " bytes");
        input.headers().forEach((name, value) -> lines.add("header        " + name + ": " + value));
        return lines;
    }

    private static Instant seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS);
    }
}
