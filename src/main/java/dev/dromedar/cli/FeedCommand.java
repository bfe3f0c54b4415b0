package dev.dromedar.cli;

import dev.dromedar.cluster.OpenStore;
import dev.dromedar.letters.FeedPositions;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
            return store.feeds(positions -> show(positions.all(), name));
        }
    }

    private int show(Map<String, Long> all, @Nullable String name) {
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
            description = "Sets a feed to a number; the next event requested is the one after it.",
            footer = {"  ./run feed rewind register-events 12345"})
    int rewind(
            @Parameters(paramLabel = "NAME", description = "The feed.") String name,
            @Parameters(paramLabel = "NUMBER", description = "The event's number.") long number) {
        if (number > FeedPositions.HIGHEST) {
            throw new ParameterException(
                    spec.subcommands().get("rewind"),
                    "NUMBER: " + number + " is more than " + FeedPositions.HIGHEST + ".");
        }
        return shell.folder().audited("feed rewind", name + " to " + number, () -> set(name, number));
    }

    private int set(String name, long number) {
        try (OpenStore store = OpenStore.with(shell.folder().storeSettings())) {
            return store.feeds(positions -> {
                Map<String, Long> all = positions.all();
                if (!all.containsKey(name)) {
                    return unknown(name, all);
                }
                positions.set(name, number);
                shell.out()
                        .println(name + " is at " + number + " now. A page that is being worked on does not move it.");
                return ExitStatus.DONE;
            });
        }
    }

    private int unknown(String name, Map<String, Long> all) {
        String nearest = Misuse.didYouMean(name, all.keySet());
        shell.out()
                .println("There is no feed '" + name + "' yet."
                        + (nearest.isEmpty() ? " 'feed show' lists the feeds." : nearest));
        return ExitStatus.FAILED;
    }
}
