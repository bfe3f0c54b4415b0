package dev.dromedar.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the soak's nodes have said: which firings their logs name as doubled, interrupted, lost or missed, and how much they say. */
final class SoakLogs {
    private static final Pattern NAMED = Pattern.compile(
            "Route (schedule-\\d+)(?:: its run of |, firing of )(\\S+?Z)(?: was interrupted| came as the route stopped|,| |$)");
    private static final Pattern MISSED = Pattern.compile(
            "^(\\S+ \\S+) WARN .* Route (schedule-\\d+), firing of (\\S+Z) and those due since were missed");
    /** Of what a failed run writes: routes append at once, so that one may begin where another has not ended. */
    private static final String BEGINNING = "(?<![\\w-])(?:timer-api|schedule)-\\d+\\|(?:one|two|three)\\|";

    private static final Pattern FAILED = Pattern.compile(
            "\\S+\\|\\w+\\|\\d+\\|\\d+\\|\\d+\\|[\\w-]+\\|(\\d{4}-\\S{5}T\\d\\d:\\d\\d:\\d\\d\\.\\d{3})\\|.*");

    /** Lines of a node; what a start says, a line for each API and route, is counted apart. */
    record Count(String node, long lines, long ofStarts) {}

    /** A failed run, and when that was written. */
    record Failure(SoakReceiver.Run run, long millis, String line) {}

    private final List<Count> counts = new ArrayList<>();
    private final List<String> errors = new ArrayList<>();
    private final Set<String> named = new HashSet<>();
    /** From when to when firings of a route were missed, in ms. */
    private final Map<String, TreeMap<Long, Long>> missed = new HashMap<>();

    SoakLogs(SoakNodes nodes) throws IOException {
        for (String node : SoakNodes.NODES) {
            read(node, nodes.log(node));
        }
    }

    private void read(String node, Path log) throws IOException {
        long lines = 0;
        long ofStarts = 0;
        boolean starting = false;
        for (String line : lines(log)) {
            starting |= line.contains(" (Main) ") && line.contains(" is starting");
            lines += starting ? 0 : 1;
            ofStarts += starting ? 1 : 0;
            starting &= !line.contains(" started in ");
            Matcher matcher = NAMED.matcher(line);
            while (matcher.find()) {
                named.add(
                        matcher.group(1) + " " + Instant.parse(matcher.group(2)).toEpochMilli());
            }
            Matcher late = MISSED.matcher(line);
            if (late.find()) {
                missed.computeIfAbsent(late.group(2), none -> new TreeMap<>())
                        .merge(Instant.parse(late.group(3)).toEpochMilli(), millis(late.group(1)), Math::max);
            }
            if (line.contains(" ERROR ")) {
                errors.add(node + ": " + line);
            }
        }
        counts.add(new Count(node, lines, ofStarts));
    }

    /** A node that is killed may leave half a character. */
    private static List<String> lines(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1).lines().toList();
    }

    private static long millis(String local) {
        return LocalDateTime.parse(local.replace(' ', 'T'))
                .atZone(ZoneId.systemDefault())
                .toInstant()
                .toEpochMilli();
    }

    List<Count> counts() {
        return counts;
    }

    List<String> errors() {
        return errors;
    }

    boolean names(String route, long due) {
        return named.contains(route + " " + due);
    }

    /** The one run in their place has the time at which it was decided on. */
    boolean isMissed(String route, long due) {
        Map.Entry<Long, Long> range =
                missed.getOrDefault(route, new TreeMap<>()).floorEntry(due);
        return range != null && due <= range.getValue() + 1000;
    }

    /** @param unnamed gets the lines of runs that failed before they had a name */
    static List<Failure> failures(Path file, List<String> unnamed) throws IOException {
        List<Failure> all = new ArrayList<>();
        if (!Files.exists(file)) {
            return all;
        }
        String text = Files.readString(file, StandardCharsets.ISO_8859_1).replaceAll(BEGINNING, "\n$0");
        for (String line : text.lines().toList()) {
            Matcher matcher = FAILED.matcher(line);
            SoakReceiver.Run run = matcher.matches() ? SoakReceiver.Run.parse(line) : null;
            if (run != null) {
                all.add(new Failure(run, millis(matcher.group(1)), line));
            } else if (line.startsWith("|")) {
                unnamed.add(line);
            }
        }
        return all;
    }
}
