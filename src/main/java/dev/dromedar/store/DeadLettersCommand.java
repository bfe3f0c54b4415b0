package dev.dromedar.store;

import dev.dromedar.letters.DeadLetterOperations;
import dev.dromedar.letters.DeadLetterOperations.Selection;
import dev.dromedar.letters.DeadLetterStore;
import dev.dromedar.letters.StoreFailure;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code dead-letters list|show|replay|discard|seal}: works on the store itself, whether a worker runs or not. */
final class DeadLettersCommand {
    private static final String USAGE = """
            dead-letters list [ROUTE]          all dead letters, or those of a route, oldest first
            dead-letters show ID [--body]      one letter; with --body what came into the route too
            dead-letters replay ID...|--all|--route ROUTE
                                               requests that workers send letters into their routes again
            dead-letters discard ID...|--all|--route ROUTE
                                               removes letters for good
            dead-letters seal [ID...|--route ROUTE]
                                               seals letters that were kept before there was a key, or those named
            """;

    private DeadLettersCommand() {}

    /** Runs one command; the status is as of {@link StoreCommands#run}. */
    static int run(List<String> args, PrintStream out, Supplier<DeadLetterStore> store) {
        String verb = args.isEmpty() ? "" : args.get(0);
        List<String> rest = args.isEmpty() ? List.of() : args.subList(1, args.size());
        Selection which = selection(rest);
        boolean known =
                switch (verb) {
                    case "list" -> rest.size() <= 1;
                    case "show" ->
                        !rest.isEmpty()
                                && (rest.size() == 1
                                        || rest.subList(1, rest.size()).equals(List.of("--body")));
                    case "replay", "discard" -> which != null && !which.isEmpty();
                    case "seal" -> which != null;
                    default -> false;
                };
        if (!known) {
            out.print(USAGE);
            return 2;
        }
        try (DeadLetterStore letters = store.get()) {
            var operations = new DeadLetterOperations(letters, out::println);
            boolean done =
                    switch (verb) {
                        case "list" -> operations.list(rest.isEmpty() ? null : rest.get(0));
                        case "show" -> operations.show(rest.get(0), rest.size() > 1);
                        case "replay" -> operations.replay(needed(which));
                        case "discard" -> operations.discard(needed(which));
                        default -> operations.seal(needed(which));
                    };
            return done ? 0 : 1;
        } catch (StoreFailure e) {
            out.println(e.getMessage());
            return 1;
        }
    }

    private static Selection needed(@Nullable Selection which) {
        return which == null ? new Selection(List.of(), false, null) : which;
    }

    private static @Nullable Selection selection(List<String> words) {
        List<String> ids = new ArrayList<>();
        boolean all = false;
        String route = null;
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("--all")) {
                all = true;
            } else if (word.equals("--route") && route == null && i + 1 < words.size()) {
                i++;
                route = words.get(i);
            } else if (word.startsWith("--")) {
                return null;
            } else {
                ids.add(word);
            }
        }
        return new Selection(ids, all, route);
    }
}
