package dev.dromedar.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;

/**
 * What a soak has shown, judged by what the receiver counted and what the nodes' logs say: calls that failed though the API
 * worked, firings and calls that are doubled or lost and that no log speaks of, and what grows.
 */
final class SoakVerdict {
    private static final Pattern WITHOUT_TOKEN =
            Pattern.compile("No token from |token refused by |Timed out after .* waiting for a token|No metadata of ");

    private static final int LINES_A_MINUTE = 10;
    /** In minutes. */
    private static final int LONG_LIFE = 30;

    private final SoakSite site;
    private final SoakNodes nodes;
    private final SoakReceiver receiver;
    private final double minutes;
    private final List<String> words = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private final SoakLogs logs;
    private final Set<String> failedRuns = new HashSet<>();

    SoakVerdict(SoakSite site, SoakNodes nodes, SoakReceiver receiver, double minutes) throws IOException {
        this.site = site;
        this.nodes = nodes;
        this.receiver = receiver;
        this.minutes = minutes;
        this.logs = new SoakLogs(nodes);
        words.add(String.format(
                "%.1f minutes: %d calls (%.0f a second), %d of them with a fault of the API (401, cut off, no answer); other answers"
                        + " than 200 of the APIs: %s",
                minutes, receiver.calls(), receiver.calls() / minutes / 60, receiver.faulted(), receiver.refused()));
        logs();
        failures();
        timers();
        firings();
        growth();
    }

    SoakVerdict with(List<String> troubles, int edits, int rejected, List<String> editFaults, long longestPause) {
        words.add(
                1,
                troubles.size() + " troubles of the nodes; " + edits + " edits, " + rejected
                        + " faulty ones, taken back");
        words.add(String.format("the machine let a thread wait for %.1f s at most", longestPause / 1e9));
        faults.addAll(editFaults);
        return this;
    }

    List<String> words() {
        return words;
    }

    List<String> faults() {
        return faults;
    }

    private void logs() {
        for (SoakLogs.Count count : logs.counts()) {
            double rate = count.lines() / minutes;
            words.add(String.format(
                    "log of %s: %d lines, %.1f a minute; besides %d lines of its starts",
                    count.node(), count.lines(), rate, count.ofStarts()));
            if (minutes > 10 && rate > LINES_A_MINUTE) {
                faults.add("the log of " + count.node() + " has more than " + LINES_A_MINUTE + " lines a minute");
            }
        }
        words.add(logs.errors().size() + " lines of level ERROR");
        logs.errors().stream().limit(5).forEach(line -> words.add("  for example " + line));
    }

    /**
     * A run may fail if the API gave it no answer, half of one, or 401 twice; and for want of a token after its node was paused
     * for longer than tokens live.
     */
    private void failures() throws IOException {
        int failed = 0;
        List<SoakLogs.Failure> afterPause = new ArrayList<>();
        List<SoakLogs.Failure> withoutToken = new ArrayList<>();
        List<SoakLogs.Failure> withToken = new ArrayList<>();
        for (String node : SoakNodes.NODES) {
            List<String> unnamed = new ArrayList<>();
            for (SoakLogs.Failure failure : SoakLogs.failures(site.failed(node), unnamed)) {
                SoakReceiver.Run run = failure.run();
                failed++;
                failedRuns.add(key(run, run.number()));
                List<String> seen = receiver.faultsOf(run.exchange());
                if (WITHOUT_TOKEN.matcher(failure.line()).find()) {
                    (nodes.hasJustResumed(node, failure.millis()) ? afterPause : withoutToken).add(failure);
                } else if (seen.isEmpty() || seen.equals(List.of("401"))) {
                    withToken.add(failure);
                }
            }
            unnamed.forEach(line -> faults.add(node + ": a run failed before it had a name: " + line));
        }
        words.add(failed + " runs failed, " + afterPause.size()
                + " of them for want of a token in the minute after their node was continued or had begun");
        tell("runs failed for want of a token though their node was not paused", withoutToken);
        tell("runs failed though they had a token and the API worked", withToken);
    }

    /** As one fault, with how many there were in which minute: a machine that has no time for anyone makes many at once. */
    private void tell(String what, List<SoakLogs.Failure> failures) {
        if (failures.isEmpty()) {
            return;
        }
        Map<LocalTime, Integer> minutes = new TreeMap<>();
        failures.forEach(failure -> minutes.merge(
                LocalTime.ofInstant(Instant.ofEpochMilli(failure.millis()), ZoneId.systemDefault())
                        .truncatedTo(ChronoUnit.MINUTES),
                1,
                Integer::sum));
        faults.add(failures.size() + " " + what + ", by minute " + minutes + ", for example "
                + failures.get(0).line());
    }

    private static String key(SoakReceiver.Run run, long number) {
        return run.isScheduled()
                ? run.route() + " " + number
                : run.route() + " " + run.node() + " " + run.life() + " " + run.edit() + " " + number;
    }

    private void timers() {
        faults.addAll(receiver.doubledTimers());
        int failedBefore = 0;
        for (SoakReceiver.Gap gap : receiver.gaps()) {
            for (long number = gap.from(); number <= gap.until(); number++) {
                if (failedRuns.contains(key(gap.before(), number))) {
                    failedBefore++;
                } else {
                    faults.add("lost: run " + number + " before " + gap.before());
                }
            }
        }
        words.add("calls of timers: " + receiver.doubledTimers().size() + " doubled, "
                + receiver.gaps().size() + " gaps, in them " + failedBefore + " runs that failed before they called");
    }

    private void firings() throws IOException {
        int done = 0;
        int doubled = 0;
        int lost = 0;
        int doubledNamed = 0;
        int lostNamed = 0;
        long latest = 0;
        var kept = new StringBuilder();
        for (Map.Entry<String, SortedMap<Long, SoakReceiver.Firing>> route :
                receiver.firings().entrySet()) {
            SortedMap<Long, SoakReceiver.Firing> all = route.getValue();
            long last = all.lastKey();
            for (long due = all.firstKey(); due <= last; due += 1000) {
                String key = route.getKey() + " " + due;
                SoakReceiver.Firing firing = all.remove(due);
                done++;
                kept.append(key).append(' ').append(Instant.ofEpochMilli(due));
                if (firing != null) {
                    latest = Math.max(latest, firing.times().get(0) - due);
                    kept.append(' ').append(firing.times().get(0) - due).append(firing.runs());
                }
                kept.append('\n');
                if (firing == null) {
                    lost++;
                    if (logs.names(route.getKey(), due)
                            || failedRuns.contains(key)
                            || logs.isMissed(route.getKey(), due)) {
                        lostNamed++;
                    } else {
                        faults.add("lost: " + route.getKey() + " of " + Instant.ofEpochMilli(due));
                    }
                } else if (firing.runs().size() > 1) {
                    doubled++;
                    if (logs.names(route.getKey(), due)) {
                        doubledNamed++;
                    } else {
                        faults.add("doubled: " + Instant.ofEpochMilli(due) + " " + firing.runs());
                    }
                }
            }
            all.forEach((due, firing) -> {
                if (!logs.isMissed(route.getKey(), due)) {
                    faults.add("a firing between two seconds: " + Instant.ofEpochMilli(due) + " " + firing.runs());
                }
            });
        }
        Files.writeString(site.folder("one").resolveSibling("firings"), kept);
        words.add(String.format("the latest firing was answered %.1f s after it was due", latest / 1000.0));
        words.add(done + " firings of " + site.schedules().size() + " schedules: " + doubled
                + " doubled, of them named by a log " + doubledNamed + "; " + lost
                + " without a good answer, of them named by a log or failed " + lostNamed);
        if (receiver.firings().size() < site.schedules().size()) {
            faults.add("only these have fired: " + receiver.firings().keySet());
        }
    }

    /**
     * Compares the lowest of the second ten minutes of a life with the lowest of its last ten, for lives that were long enough.
     * Threads of a pool that a pause has filled live for another minute, and in five minutes each minute may have a pause.
     */
    private void growth() {
        Map<String, List<SoakNodes.Sample>> lives = new TreeMap<>();
        for (SoakNodes.Sample sample : nodes.samples()) {
            lives.computeIfAbsent(sample.node() + ", life " + sample.life(), none -> new ArrayList<>())
                    .add(sample);
        }
        Map<String, Double> longest = new HashMap<>();
        lives.forEach((life, samples) -> {
            double end = samples.get(samples.size() - 1).minutes();
            longest.merge(samples.get(0).node(), end, Math::max);
            if (end < LONG_LIFE) {
                return;
            }
            growth(
                    life + " (" + Math.round(end) + " min)",
                    samples,
                    end,
                    "heap in KiB",
                    SoakNodes.Sample::heapKib,
                    1024);
            growth(life, samples, end, "threads", SoakNodes.Sample::threads, 3);
            growth(life, samples, end, "descriptors", SoakNodes.Sample::descriptors, 5);
        });
        words.add("longest life of each node, in minutes: " + longest
                + (lives.values().stream()
                                .allMatch(all -> all.get(all.size() - 1).minutes() < LONG_LIFE)
                        ? ", too short to say whether something grows"
                        : ""));
    }

    private void growth(
            String life,
            List<SoakNodes.Sample> samples,
            double end,
            String what,
            ToLongFunction<SoakNodes.Sample> value,
            long allowed) {
        long early = lowest(samples, 10, 20, value);
        long late = lowest(samples, end - 10, end, value);
        boolean flat = late <= early + early / 20 + allowed;
        words.add(life + ": " + what + " " + early + " after ten minutes, " + late + " at the end: "
                + (flat ? "flat" : "GROWS"));
        if (!flat) {
            faults.add(life + ": " + what + " grows");
        }
    }

    private static long lowest(
            List<SoakNodes.Sample> samples, double from, double until, ToLongFunction<SoakNodes.Sample> value) {
        return samples.stream()
                .filter(sample -> sample.minutes() >= from && sample.minutes() <= until)
                .mapToLong(value)
                .min()
                .orElseGet(() -> samples.stream()
                        .min(Comparator.comparingDouble(sample -> Math.abs(sample.minutes() - from)))
                        .map(sample -> value.applyAsLong(sample))
                        .orElse(0L));
    }
}
