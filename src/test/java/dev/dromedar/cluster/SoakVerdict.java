package dev.dromedar.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a soak has shown, judged by what the receiver counted and what the nodes' logs say: calls that failed though the API
 * worked, firings and calls that are doubled or lost and that no log speaks of, and what grows.
 */
final class SoakVerdict {
    /** Firings that a log names as doubled, interrupted or lost. */
    private static final Pattern NAMED = Pattern.compile(
            "Route (schedule-\\d+)(?:: its run of |, firing of )(\\S+?Z)(?: was interrupted| came as the route stopped|,| |$)");

    private static final Pattern MISSED = Pattern.compile(
            "^(\\S+ \\S+) WARN .* Route (schedule-\\d+), firing of (\\S+Z) and those due since were missed");

    /** Of what a failed run writes. */
    private static final String BEGINNING = "(?<![\\w-])(?:timer-api|schedule)-\\d+\\|(?:one|two|three)\\|";

    private static final Pattern WITHOUT_TOKEN = Pattern.compile("No token from |token refused by ");

    private static final int LINES_A_MINUTE = 10;

    private final SoakSite site;
    private final SoakNodes nodes;
    private final SoakReceiver receiver;
    private final double minutes;
    private final List<String> words = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private final Set<String> named = new HashSet<>();
    /** From when to when a log says that firings of a route were missed, in ms. */
    private final Map<String, TreeMap<Long, Long>> missed = new HashMap<>();

    private final Set<String> failedRuns = new HashSet<>();

    SoakVerdict(SoakSite site, SoakNodes nodes, SoakReceiver receiver, double minutes) throws IOException {
        this.site = site;
        this.nodes = nodes;
        this.receiver = receiver;
        this.minutes = minutes;
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

    /** What a start says, a line for each API and route, is counted apart. */
    private void logs() throws IOException {
        long all = 0;
        List<String> errors = new ArrayList<>();
        for (String node : SoakNodes.NODES) {
            long lines = 0;
            long ofStarts = 0;
            boolean starting = false;
            try (Stream<String> log = Files.lines(nodes.log(node))) {
                for (String line : log.toList()) {
                    starting |= line.contains(" (Main) ") && line.contains(" is starting");
                    lines += starting ? 0 : 1;
                    ofStarts += starting ? 1 : 0;
                    starting &= !line.contains(" started in ");
                    Matcher matcher = NAMED.matcher(line);
                    while (matcher.find()) {
                        named.add(matcher.group(1) + " " + millis(matcher.group(2)));
                    }
                    missed(line);
                    if (line.contains(" ERROR ")) {
                        errors.add(node + " says: " + line);
                    }
                }
            }
            all += lines;
            words.add(String.format(
                    "log of %s: %d lines, %.1f a minute; besides %d lines of its starts",
                    node, lines, lines / minutes, ofStarts));
            if (minutes > 10 && lines / minutes > LINES_A_MINUTE) { // a start says more
                faults.add("the log of " + node + " has more than " + LINES_A_MINUTE + " lines a minute");
            }
        }
        words.add(errors.size() + " lines of level ERROR");
        errors.stream().limit(5).forEach(line -> words.add("  for example " + line));
        words.add(String.format("all logs: %.1f lines a minute", all / minutes));
    }

    private void missed(String line) {
        Matcher matcher = MISSED.matcher(line);
        if (matcher.find()) {
            long said = millisOf(matcher.group(1));
            missed.computeIfAbsent(matcher.group(2), none -> new TreeMap<>())
                    .merge(millis(matcher.group(3)), said, Math::max);
        }
    }

    /** The one run in their place has the time at which it was decided on. */
    private boolean isMissed(String route, long due) {
        Map.Entry<Long, Long> range =
                missed.getOrDefault(route, new TreeMap<>()).floorEntry(due);
        return range != null && due <= range.getValue() + 1000;
    }

    private static long millis(String instant) {
        try {
            return Instant.parse(instant).toEpochMilli();
        } catch (DateTimeParseException e) {
            throw new IllegalStateException("A log names a firing at " + instant, e);
        }
    }

    /**
     * A run may fail if the API gave it no answer, half of one, or 401 twice; and for want of a token after its node was paused
     * for longer than tokens live.
     */
    private void failures() throws IOException {
        int failed = 0;
        List<String> withoutToken = new ArrayList<>();
        for (String node : SoakNodes.NODES) {
            if (!Files.exists(site.failed(node))) {
                continue;
            }
            for (String line : failures(node)) {
                SoakReceiver.Run run = SoakReceiver.Run.parse(line);
                if (run == null && line.startsWith("|")) {
                    faults.add(node + ": a run failed before it had a name: " + line);
                }
                if (run == null) {
                    continue; // otherwise the end of a line
                }
                failed++;
                failedRuns.add(key(run, run.number()));
                List<String> seen = receiver.faultsOf(run.exchange());
                if (WITHOUT_TOKEN.matcher(line).find() && nodes.hasJustResumed(node, timeOf(line))) {
                    withoutToken.add(line);
                } else if (seen.isEmpty() || seen.equals(List.of("401"))) {
                    faults.add("failed though token and API worked, the receiver's faults were " + seen + ": " + line);
                }
            }
        }
        words.add(failed + " runs failed, " + withoutToken.size()
                + " of them for want of a token in the minute after their node was continued or had begun");
        withoutToken.stream().limit(3).forEach(line -> words.add("  for example " + line));
    }

    /** Routes append to the file at once, so that a line may begin where another has not ended. */
    private List<String> failures(String node) throws IOException {
        String all = Files.readString(site.failed(node)).replaceAll(BEGINNING, "\n$0");
        return all.lines().filter(line -> !line.isBlank()).toList();
    }

    private static long timeOf(String failed) {
        return millisOf(failed.split("\\|", -1)[6]);
    }

    private static long millisOf(String local) {
        return LocalDateTime.parse(local.replace(' ', 'T'))
                .atZone(ZoneId.systemDefault())
                .toInstant()
                .toEpochMilli();
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
        for (Map.Entry<String, TreeMap<Long, SoakReceiver.Firing>> route :
                receiver.firings().entrySet()) {
            TreeMap<Long, SoakReceiver.Firing> all = route.getValue();
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
                    if (named.contains(key) || failedRuns.contains(key) || isMissed(route.getKey(), due)) {
                        lostNamed++;
                    } else {
                        faults.add("lost: " + route.getKey() + " of " + Instant.ofEpochMilli(due));
                    }
                } else if (firing.runs().size() > 1) {
                    doubled++;
                    if (named.contains(key)) {
                        doubledNamed++;
                    } else {
                        faults.add("doubled: " + Instant.ofEpochMilli(due) + " " + firing.runs());
                    }
                }
            }
            all.forEach((due, firing) -> {
                if (!isMissed(route.getKey(), due)) {
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

    /** The lowest of five minutes after the first ten of a life, and of its last five: for lives that were long enough. */
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
            if (end < 20) {
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
                                .allMatch(all -> all.get(all.size() - 1).minutes() < 20)
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
        long early = lowest(samples, 10, 15, value);
        long late = lowest(samples, end - 5, end, value);
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
