package dev.dromedar.cli;

import dev.dromedar.cluster.OpenStore;
import dev.dromedar.letters.FeedPositions;
import dev.dromedar.oauth.ForeignText;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code feed}: how far feeds are read. Works on the store itself, whether a worker runs or not. */
@Command(
        name = "feed",
        description = "Shows how far feeds are read, or sets one of them to another event.",
        footer = {"  ./run feed show", "  ./run feed rewind register-events 12345"})
final class FeedCommand extends CommandGroup {
    private final Shell shell;

    FeedCommand(Shell shell) {
        this.shell = shell;
    }

    @Command(
            name = "show",
            description = "Shows where each feed is: the last event whose work is done.",
            footer = {"  ./run feed show", "  ./run feed show register-events"})
    int show(
            @Parameters(arity = "0..1", paramLabel = "NAME", description = "The feed; none for all.") @Nullable
                    String name) {
        try (OpenStore store = OpenStore.with(shell.folder().storeSettings())) {
            return store.feeds(positions -> show(words(positions), name));
        }
    }

    /** Every position, clean: a text has come from an API. */
    private static Map<String, String> words(FeedPositions positions) {
        Map<String, String> words = new TreeMap<>();
        positions.all().forEach((feed, number) -> words.put(feed, String.valueOf(number)));
        positions.texts().forEach((feed, text) -> words.put(feed, ForeignText.line(text)));
        return words;
    }

    private int show(Map<String, String> all, @Nullable String name) {
        if (name != null && !all.containsKey(name)) {
            return unknown(name, all);
        }
        if (all.isEmpty()) {
            shell.out()
                    .println(
                            "No feed has been read yet. Its position is stored when a route advances it for the first time.");
        }
        all.forEach((feed, position) -> {
            if (name == null || name.equals(feed)) {
                shell.out().println(feed + "  " + position);
            }
        });
        return ExitStatus.DONE;
    }

    @Command(
            name = "rewind",
            description = "Sets a feed to a position; the next event requested is the one after it.",
            footer = {"  ./run feed rewind register-events 12345", "  ./run feed rewind altinn-events 0 --position=text"
            })
    int rewind(
            @Parameters(paramLabel = "NAME", description = "The feed.") String name,
            @Parameters(paramLabel = "POSITION", description = "The event's number, or its text.") String position,
            @Option(
                            names = "--position",
                            paramLabel = "KIND",
                            description = "number or text, as in the route. Default: as the position that is there.")
                    @Nullable
                    String kind) {
        if (kind != null && !kind.equals("number") && !kind.equals("text")) {
            throw misuse("--position: '" + kind + "' is neither number nor text.");
        }
        if ("number".equals(kind)) {
            number(position); // before anything is opened
        }
        return shell.folder().audited("feed rewind", name + " to " + position, () -> set(name, position, kind));
    }

    private int set(String name, String position, @Nullable String kind) {
        try (OpenStore store = OpenStore.with(shell.folder().storeSettings())) {
            return store.feeds(positions -> {
                if (!words(positions).containsKey(name)) {
                    return unknown(name, words(positions));
                }
                if (kind == null ? positions.texts().containsKey(name) : kind.equals("text")) {
                    set(positions, name, position);
                } else {
                    positions.set(name, number(position));
                }
                shell.out()
                        .println(name + " is at " + ForeignText.line(position)
                                + " now. A page that is being worked on does not move it.");
                return ExitStatus.DONE;
            });
        }
    }

    private void set(FeedPositions positions, String name, String position) {
        try {
            positions.set(name, position);
        } catch (IllegalArgumentException e) {
            throw misuse("POSITION: must be a text of 1 to 1000 characters without control characters.");
        }
    }

    private long number(String position) {
        try {
            long number = Long.parseLong(position);
            if (number <= FeedPositions.HIGHEST) {
                return number;
            }
        } catch (NumberFormatException e) {
            // as one out of bounds
        }
        throw misuse("POSITION: '" + ForeignText.line(position, 50) + "' is not a whole number of at most "
                + FeedPositions.HIGHEST + ". For a text, add --position=text.");
    }

    private ParameterException misuse(String message) {
        return new ParameterException(spec.subcommands().get("rewind"), message);
    }

    private int unknown(String name, Map<String, String> all) {
        String nearest = Misuse.didYouMean(name, all.keySet());
        shell.out()
                .println("There is no feed '" + name + "' yet."
                        + (nearest.isEmpty() ? " 'feed show' lists the feeds." : nearest));
        return ExitStatus.FAILED;
    }
}
