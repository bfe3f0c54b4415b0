package dev.dromedar.cluster;

import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Request;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the APIs of the soak receive, counted apart from the worker: each firing of a schedule, each call of a timer. One answer
 * of a hundred is 401, cut off in the middle, or none at all. Thread-safe.
 */
final class SoakReceiver {
    /** What a run's calls are named by. */
    record Run(String route, String node, String life, int edit, long number, String exchange) {
        static @Nullable Run parse(String text) {
            String[] parts = text.split("\\|", 7);
            return parts.length < 6
                    ? null
                    : new Run(
                            parts[0],
                            parts[1],
                            parts[2],
                            Integer.parseInt(parts[3]),
                            Long.parseLong(parts[4]),
                            parts[5]);
        }

        boolean isScheduled() {
            return route.startsWith("schedule-");
        }
    }

    /** Numbers of a timer's runs, which follow on each other, that the receiver has not seen. */
    record Gap(Run before, long from, long until) {}

    /** Runs of one firing that were answered well, and when each was. */
    record Firing(List<Run> runs, List<Long> times) {}

    private static final class Timer {
        private @Nullable Run last;
        private boolean answered;
    }

    private final int faultsOf400;
    private final Random random = new Random(19);
    private final Map<String, Timer> timers = new HashMap<>();
    private final Map<String, TreeMap<Long, Firing>> firings = new TreeMap<>();
    private final Map<String, List<String>> faults = new HashMap<>();
    private final Map<String, Integer> edits = new HashMap<>();
    private final Map<String, Long> answeredByNode = new HashMap<>();
    private final Map<Integer, Long> refused = new TreeMap<>();
    /** When an API has first taken a token: the last thousands. */
    private final Map<String, Long> taken = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > 5000;
        }
    };

    /** By API and node. */
    private final Map<String, Long> refusedAt = new HashMap<>();

    private final List<Gap> gaps = new ArrayList<>();
    private final List<String> doubled = new ArrayList<>();
    private long calls;
    private long answered;
    private long faulted;

    /** @param faultsOf400 how many of 400 answers are 401 or no whole answer: none, or 4 */
    SoakReceiver(int faultsOf400) {
        this.faultsOf400 = faultsOf400;
    }

    void watch(ProtectedApi api) {
        api.fault((request, server) -> received(api, request, server));
    }

    private Answer received(ProtectedApi api, Request request, Fault.Server server) {
        Run run = Run.parse(parameter(request, "run"));
        if (run == null) {
            return server.answer(request);
        }
        int chance = chance();
        if (chance == 0) {
            note(run, noteRefusal(api, request, run.node()) ? "401" : "401 to a new token");
            String scheme = String.valueOf(request.header("Authorization")).split(" ", 2)[0];
            return Answer.of(401, List.of(new Header("WWW-Authenticate", scheme + " error=\"invalid_token\"")), "");
        }
        if (chance == 1) {
            note(run, "no answer");
            return Fault.closeUnanswered().answer(request, server);
        }
        Answer answer = server.answer(request);
        if (answer.status() != 200) {
            note(run, "refused " + answer.status());
            return answer;
        }
        if (chance == 2) {
            note(run, "cut off");
            return Fault.resetMidBody().answer(request, same -> answer);
        }
        String repeats = parameter(request, "repeats");
        String header = request.header("soak-edit");
        answered(api, run, repeats, header == null ? -1 : Integer.parseInt(header));
        taken(api, request);
        return answer;
    }

    /** Half of them 401, half resets. */
    private synchronized int chance() {
        int chance = random.nextInt(400);
        return chance >= faultsOf400 ? 3 : chance < 2 ? 0 : chance < 4 ? chance - 1 : 3;
    }

    /**
     * Notes a refusal. Whether the API had taken this token for some seconds, and had refused none of this node's in the ten
     * seconds before, which is a token's life. A worker does not replace a newer token, and waits longer after refusals in a row:
     * the API would refuse the next one too.
     */
    private synchronized boolean noteRefusal(ProtectedApi api, Request request, String node) {
        long now = System.nanoTime();
        Long before = refusedAt.put(api.name() + "@" + node, now);
        return now - taken.getOrDefault(token(api, request), now) > 4e9 && (before == null || now - before > 10e9);
    }

    private synchronized void taken(ProtectedApi api, Request request) {
        taken.putIfAbsent(token(api, request), System.nanoTime());
    }

    private static String token(ProtectedApi api, Request request) {
        return api.name() + String.valueOf(request.header("Authorization")).hashCode();
    }

    private static String parameter(Request request, String name) {
        String query = request.query();
        for (String pair : query == null ? new String[0] : query.split("&")) {
            if (pair.startsWith(name + "=")) {
                return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
            }
        }
        return "";
    }

    private synchronized void note(Run run, String fault) {
        calls++;
        if (fault.startsWith("refused")) {
            refused.merge(Integer.parseInt(fault.substring("refused ".length())), 1L, Long::sum);
        } else {
            faulted++;
        }
        faults.computeIfAbsent(run.exchange(), none -> new ArrayList<>()).add(fault);
        if (!run.isScheduled()) {
            follow(run, false);
        }
    }

    private synchronized void answered(ProtectedApi api, Run run, String repeats, int headerEdit) {
        calls++;
        answered++;
        answeredByNode.merge(run.node(), 1L, Long::sum);
        edits.merge(run.route() + "@" + run.node(), run.edit(), Math::max);
        edits.merge(api.name() + "@" + run.node(), headerEdit, Math::max);
        if (run.isScheduled()) {
            long due = repeats.isEmpty() ? run.number() : Long.parseLong(repeats);
            Firing firing = firings.computeIfAbsent(run.route(), none -> new TreeMap<>())
                    .computeIfAbsent(due, none -> new Firing(new ArrayList<>(), new ArrayList<>()));
            firing.runs().add(run);
            firing.times().add(System.currentTimeMillis());
        } else {
            follow(run, true);
        }
    }

    /** A timer begins to count anew when its route or its node does. */
    private void follow(Run run, boolean well) {
        String key = run.route() + "|" + run.node() + "|" + run.life() + "|" + run.edit();
        Timer timer = timers.computeIfAbsent(key, none -> new Timer());
        Run last = timer.last;
        if (last != null && last.exchange().equals(run.exchange())) {
            if (timer.answered && well) {
                doubled.add(run + ": called again, though it was answered");
            }
        } else if (last == null || run.number() <= last.number()) {
            note(run, 1);
        } else {
            note(run, last.number() + 1);
        }
        timer.last = run;
        timer.answered = well;
    }

    private void note(Run run, long expected) {
        if (run.number() > expected) {
            gaps.add(new Gap(run, expected, run.number() - 1));
        }
    }

    synchronized long calls() {
        return calls;
    }

    synchronized long answered() {
        return answered;
    }

    synchronized long faulted() {
        return faulted;
    }

    synchronized long answeredOf(String node) {
        return answeredByNode.getOrDefault(node, 0L);
    }

    /** The newest edit that this node's calls have shown: of a route's file, or of an API's header. */
    synchronized int edit(String name, String node) {
        return edits.getOrDefault(name + "@" + node, -1);
    }

    /** Other answers than 200 that the APIs themselves gave, by status. */
    synchronized Map<Integer, Long> refused() {
        return new TreeMap<>(refused);
    }

    synchronized List<String> faultsOf(String exchange) {
        return List.copyOf(faults.getOrDefault(exchange, List.of()));
    }

    synchronized List<Gap> gaps() {
        return List.copyOf(gaps);
    }

    synchronized List<String> doubledTimers() {
        return List.copyOf(doubled);
    }

    /** By route, and in the order in which they were due. */
    synchronized Map<String, SortedMap<Long, Firing>> firings() {
        var copy = new TreeMap<String, SortedMap<Long, Firing>>();
        firings.forEach((route, all) -> copy.put(route, new TreeMap<>(all)));
        return copy;
    }
}
