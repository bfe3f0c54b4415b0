package dev.dromedar.ops;

import dev.dromedar.oauth.ForeignText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@link Status} as text, for the console and the terminal. Pure functions on its values, as read from JSON too. */
public final class StatusTable {
    /** Where a worker's management port has the status as JSON. */
    public static final String PATH = StatusPage.PATH + ".json";

    private static final int BAR = 10;
    private static final int RUNS = 5;

    private StatusTable() {}

    public static String of(Map<?, ?> status, Instant now) {
        return ofClean(map(clean(status)), now);
    }

    /** Names and words come from elsewhere: each on one line, with nothing that a terminal obeys. */
    private static @Nullable Object clean(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> clean = new LinkedHashMap<>();
            map.forEach((name, one) -> clean.put(ForeignText.line(String.valueOf(name)), clean(one)));
            return clean;
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> clean = new ArrayList<>();
            list.forEach(one -> clean.add(clean(one)));
            return clean;
        }
        return value instanceof String text ? ForeignText.line(text) : value;
    }

    private static String ofClean(Map<?, ?> status, Instant now) {
        var text = new StringBuilder();
        Map<?, ?> worker = map(status.get("worker"));
        text.append(worker.get("name"))
                .append(": up ")
                .append(time(number(worker.get("upSeconds"))))
                .append(", ")
                .append(worker.get("routesRunning"))
                .append(" of ")
                .append(worker.get("routesExpected"))
                .append(" routes run")
                .append(worker.get("node") == null ? "" : ", node " + worker.get("node"))
                .append('\n');
        for (Object fault : list(worker.get("faults"))) {
            text.append("! ").append(fault).append('\n');
        }
        for (Object notice : list(worker.get("notices"))) {
            text.append("! ")
                    .append(map(notice).get("title"))
                    .append(": ")
                    .append(map(notice).get("words"))
                    .append('\n');
        }
        text.append('\n');
        apis(text, list(status.get("apis")), now);
        ends(text, list(status.get("apis")));
        routes(text, list(status.get("routes")), now);
        return text.toString();
    }

    private static void apis(StringBuilder text, List<?> apis, Instant now) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "API",
                "STATE",
                "TOKEN",
                "LEFT",
                "KEY",
                "CALLS",
                "STATE OF CALLS",
                "FAILED",
                "401",
                "TOKEN MS",
                "CLIENT"));
        var errors = new StringBuilder();
        for (Object one :
                apis.stream().sorted(Comparator.comparing(StatusTable::rank)).toList()) {
            Map<?, ?> api = map(one);
            Long left = number(api.get("tokenLeftSeconds"));
            Long days = number(api.get("keyDaysLeft"));
            rows.add(List.of(
                    String.valueOf(api.get("name")),
                    String.valueOf(api.get("state")),
                    bar(left, number(api.get("tokenLifetimeSeconds"))),
                    left == null ? "-" : time(left),
                    days == null ? "-" : days < 0 ? "EXPIRED" : days + " d" + (days < 14 ? " !" : ""),
                    String.valueOf(api.get("calls")),
                    api.get("callState") + ("open".equals(api.get("breaker")) ? ", breaker open" : ""),
                    String.valueOf(api.get("failedCalls")),
                    String.valueOf(api.get("recoveries")),
                    api.get("tokenMillis") == null ? "-" : String.valueOf(api.get("tokenMillis")),
                    api.get("clientAuthentication") + ", " + api.get("tokenType")));
            if (api.get("lastError") != null) {
                errors.append(api.get("name"))
                        .append(Boolean.TRUE.equals(api.get("lastErrorOver")) ? ": was, " : ": ")
                        .append(ago(api.get("lastErrorSince"), now))
                        .append(": ")
                        .append(api.get("lastError"))
                        .append('\n');
            }
        }
        append(text, rows);
        if (errors.length() > 0) {
            text.append("\nLAST ERRORS\n").append(errors);
        }
    }

    /** The calendar of all APIs, the first end first. */
    private static void ends(StringBuilder text, List<?> apis) {
        List<List<String>> rows = new ArrayList<>();
        for (Object one : apis) {
            for (Object each : list(map(one).get("keyEnds"))) {
                Map<?, ?> end = map(each);
                Long days = number(end.get("daysLeft"));
                rows.add(List.of(
                        String.valueOf(end.get("ends")),
                        days == null ? "-" : days < 0 ? "EXPIRED" : days + " d" + (days < 14 ? " !" : ""),
                        String.valueOf(map(one).get("name")),
                        String.valueOf(end.get("what")),
                        String.valueOf(end.get("source"))));
            }
        }
        if (!rows.isEmpty()) {
            rows.sort(Comparator.comparing(row -> row.get(0)));
            rows.add(0, List.of("EXPIRES", "LEFT", "API", "KEY, SECRET OR CERTIFICATE", "KNOWN FROM"));
            text.append('\n');
            append(text, rows);
        }
    }

    /** What fails comes first. */
    private static int rank(Object one) {
        Map<?, ?> api = map(one);
        String credentials = String.valueOf(api.get("state"));
        String calls = String.valueOf(api.get("callState"));
        return credentials.equals("failing") || calls.equals("failing")
                ? 0
                : credentials.startsWith("failing") || calls.equals("some failing") ? 1 : 2;
    }

    private static void routes(StringBuilder text, List<?> routes, Instant now) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("ROUTE", "STATE", "LAST RUNS, NEWEST FIRST"));
        for (Object one : routes) {
            Map<?, ?> route = map(one);
            List<String> runs = new ArrayList<>();
            for (Object last : list(route.get("runs")).stream().limit(RUNS).toList()) {
                Map<?, ?> run = map(last);
                runs.add((Boolean.TRUE.equals(run.get("failed")) ? "FAILED " : "ok ") + run.get("millis") + " ms"
                        + (runs.isEmpty() ? " (" + ago(run.get("at"), now) + ")" : ""));
            }
            rows.add(List.of(
                    String.valueOf(route.get("id")),
                    String.valueOf(route.get("state")),
                    runs.isEmpty() ? "-" : String.join(", ", runs)));
        }
        text.append('\n');
        append(text, rows);
    }

    private static void append(StringBuilder text, List<List<String>> rows) {
        var widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int column = 0; column < widths.length; column++) {
                line.append(row.get(column))
                        .append(" ".repeat(widths[column] - row.get(column).length() + 2));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
    }

    private static String bar(@Nullable Long left, @Nullable Long life) {
        if (left == null || life == null || life <= 0) {
            return "-".repeat(BAR);
        }
        int filled = (int) Math.max(0, Math.min(BAR, Math.round((double) left * BAR / life)));
        return "#".repeat(filled) + ".".repeat(BAR - filled);
    }

    private static String ago(@Nullable Object moment, Instant now) {
        return moment == null
                ? "-"
                : time(Math.max(
                                0,
                                Duration.between(Instant.parse(moment.toString()), now)
                                        .toSeconds()))
                        + " ago";
    }

    private static String time(@Nullable Long seconds) {
        if (seconds == null) {
            return "-";
        }
        long size = Math.abs(seconds);
        return size < 120
                ? seconds + " s"
                : size < 7200
                        ? seconds / 60 + " min"
                        : size < 172_800 ? seconds / 3600 + " h" : seconds / 86_400 + " d";
    }

    private static @Nullable Long number(@Nullable Object value) {
        return value instanceof Number number ? Long.valueOf(number.longValue()) : null;
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private static List<?> list(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }
}
