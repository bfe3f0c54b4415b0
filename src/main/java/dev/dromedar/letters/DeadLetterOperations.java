package dev.dromedar.letters;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an operator does with dead letters, in words: below the command line and whatever else may want the same. Each method
 * returns whether all was done that was wanted; what was not, and why, is written. Reads letters in pages, however many there
 * are.
 */
public final class DeadLetterOperations {
    private static final int PAGE = 500;

    private final DeadLetterStore store;
    private final Consumer<String> out;

    /**
     * Which letters. Where several conditions are given all of them hold.
     *
     * @param ids of letters; empty with {@code all}, or where a route is given
     * @param all every letter; of the route, if one is given
     * @param route of the letters, or null
     */
    public record Selection(
            List<String> ids, boolean all, @Nullable String route) {
        public Selection {
            ids = List.copyOf(ids);
        }

        /** Whether nothing is selected. */
        public boolean isEmpty() {
            return ids.isEmpty() && !all && route == null;
        }
    }

    /** @param out takes a line each */
    public DeadLetterOperations(DeadLetterStore store, Consumer<String> out) {
        this.store = store;
        this.out = out;
    }

    /** Lists letters, oldest first, and how many there are in each state. False if the route has none. */
    public boolean list(@Nullable String route) {
        Map<Letter.State, Integer> states = new TreeMap<>();
        int[] found = new int[1];
        pages(after -> store.list(route, after, PAGE), letter -> {
            found[0]++;
            states.merge(letter.state(), 1, Integer::sum);
            out.accept(LetterText.line(letter));
        });
        if (found[0] == 0 && route != null) {
            return noneOf(route);
        }
        String sums = states.entrySet().stream()
                .map(state -> state.getValue() + " " + state.getKey().word())
                .collect(Collectors.joining(", "));
        out.accept(found[0] + " dead letter(s)" + (sums.isEmpty() ? "" : ": " + sums));
        return true;
    }

    private interface Page {
        List<Letter> after(String id);
    }

    private static void pages(Page pages, Consumer<Letter> each) {
        String after = "";
        List<Letter> page;
        do {
            page = pages.after(after);
            for (Letter letter : page) {
                each.accept(letter);
                after = letter.id();
            }
        } while (page.size() == PAGE);
    }

    private boolean noneOf(String route) {
        SortedMap<String, Long> routes = store.routes();
        out.accept("There is no dead letter of a route '" + route + "'. "
                + (routes.isEmpty()
                        ? "There are no dead letters at all."
                        : "There are of: "
                                + routes.entrySet().stream()
                                        .limit(50)
                                        .map(one -> one.getKey() + " (" + one.getValue() + ")")
                                        .collect(Collectors.joining(", "))
                                + "."));
        return false;
    }

    /** Shows one letter, with its body if wanted: it may hold personal data. */
    public boolean show(String id, boolean body) {
        Letter letter = store.find(id);
        if (letter == null) {
            out.accept("There is no dead letter " + id + ". It was replayed, discarded, or never was.");
            return false;
        }
        KeptMessage message = store.message(letter);
        LetterText.details(letter, message).forEach(out);
        if (body) {
            out.accept("");
            out.accept(message.bodyText());
            if (message.answer() != null) {
                out.accept("");
                out.accept("The API's answer:");
                out.accept(message.answer());
            }
        }
        return true;
    }

    /** Requests replays. */
    public boolean replay(Selection which) {
        int requested = act(which, store::ask, store::askAll, "not replayed");
        if (requested < 0) {
            return false;
        }
        boolean all = requested > 0 && complete(which, requested);
        if (requested > 0) {
            out.accept(requested + " replay(s) requested."
                    + (store.workerRuns()
                            ? " A worker starts them within seconds, one after another; what fails again is kept again."
                            : " No worker is running here now: they start when one does."));
        }
        return all;
    }

    /** Removes letters for good. */
    public boolean discard(Selection which) {
        int discarded = act(which, store::discard, store::discardAll, "not discarded");
        if (discarded < 0) {
            return false;
        }
        if (discarded > 0) {
            out.accept(discarded + " dead letter(s) discarded.");
        }
        return discarded > 0 && complete(which, discarded);
    }

    /** Seals letters that are not sealed; with an empty selection all of them. */
    public boolean seal(Selection which) {
        int sealed = act(
                which.isEmpty() ? new Selection(List.of(), true, null) : which,
                store.unsealed()::seal,
                this::sealAll,
                "not sealed");
        if (sealed < 0) {
            return false;
        }
        out.accept(sealed + " dead letter(s) sealed.");
        return complete(which, sealed);
    }

    private int sealAll(@Nullable String route) {
        List<String> ids = new ArrayList<>();
        pages(after -> store.unsealed().list(route, after, PAGE), letter -> ids.add(letter.id()));
        int sealed = 0;
        for (String id : ids) {
            if (store.unsealed().seal(id)) {
                sealed++;
            } else {
                out.accept(id + ": not sealed: it is gone, or its replay is running.");
            }
        }
        return sealed;
    }

    private static boolean complete(Selection which, int done) {
        return which.ids().isEmpty() || done == which.ids().stream().distinct().count();
    }

    private interface One {
        boolean act(String id);
    }

    /** @return how many, or -1 if the selection names nothing that is there, which is written */
    private int act(Selection which, One one, ToIntFunction<@Nullable String> all, String not) {
        String route = which.route();
        if (route != null && !store.routes().containsKey(route)) {
            noneOf(route);
            return -1;
        }
        if (which.ids().isEmpty()) {
            int done = all.applyAsInt(route);
            if (done == 0) {
                out.accept(nothing(route, not));
            }
            return done;
        }
        int done = 0;
        for (String id : which.ids().stream().distinct().toList()) {
            Letter letter = store.find(id);
            if (letter != null && route != null && !letter.route().equals(route)) {
                out.accept(id + ": " + not + ": it is of route " + letter.route() + ".");
            } else if (letter != null && one.act(id)) {
                done++;
            } else {
                out.accept(id + ": " + not + ": " + (letter == null ? "it is gone, or never was." : why(letter)));
            }
        }
        return done;
    }

    private String nothing(@Nullable String route, String not) {
        boolean none = store.list(route, "", 1).isEmpty();
        String of = route == null ? "" : " of route " + route;
        return none
                ? "There is no dead letter" + of + "."
                : "No dead letter" + of + " was changed (" + not + "): list shows their states.";
    }

    private static String why(Letter letter) {
        return switch (letter.state()) {
            case ASKED -> "its replay is requested already.";
            case RUNNING -> "its replay is running.";
            default -> letter.cause();
        };
    }
}
