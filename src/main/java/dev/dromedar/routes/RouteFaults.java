package dev.dromedar.routes;

import dev.dromedar.camel.Places;
import dev.dromedar.camel.RouteFileText;
import dev.dromedar.settings.SecretRefused;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.LineNumberAware;
import org.apache.camel.spi.Resource;

/** The faults and warnings that a {@link RouteCheck} has found, each once, at its file, line and column. */
final class RouteFaults {
    private final Set<RouteFiles.Fault> faults = new LinkedHashSet<>();
    private final Set<RouteFiles.Fault> warnings = new LinkedHashSet<>();
    private final Map<Resource, List<String>> lines = new HashMap<>();

    void add(Resource file, LineNumberAware step, String what) {
        int line = Places.line(file, step);
        add(file, line, column(file, line), what);
    }

    /** @param position in the file's text */
    void add(Resource file, String text, int position, String what) {
        String before = text.substring(0, position);
        int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        add(file, line, position - before.lastIndexOf('\n'), what);
    }

    void add(Resource file, int line, int column, String what) {
        faults.add(new RouteFiles.Fault(Places.name(file), Math.max(0, line), Math.max(0, column), what));
    }

    void warn(Resource file, LineNumberAware step, String what) {
        int line = Places.line(file, step);
        warnings.add(new RouteFiles.Fault(Places.name(file), Math.max(0, line), column(file, line), what));
    }

    int count() {
        return faults.size();
    }

    /** Whether that a secret was refused is reported for this file. */
    boolean hasRefusal(Resource file, Throwable failure) {
        SecretRefused refused = SecretRefused.in(failure);
        return refused != null
                && faults.stream()
                        .anyMatch(fault -> fault.file().equals(Places.name(file))
                                && fault.what().contains(String.valueOf(refused.getMessage())));
    }

    /** Where a line's text begins. */
    int column(Resource file, int line) {
        List<String> all = lines(file);
        if (line < 1 || line > all.size()) {
            return 0;
        }
        String text = all.get(line - 1);
        int column = 0;
        while (column < text.length() && " -".indexOf(text.charAt(column)) >= 0) {
            column++;
        }
        return column + 1;
    }

    List<String> lines(Resource file) {
        return lines.computeIfAbsent(file, read -> {
            try {
                return RouteFileText.of(file).lines().toList();
            } catch (IOException e) {
                return List.of();
            }
        });
    }

    RouteFiles.Report report(List<RouteFiles.Route> routes) {
        return new RouteFiles.Report(routes, sorted(faults), sorted(warnings));
    }

    private static List<RouteFiles.Fault> sorted(Collection<RouteFiles.Fault> found) {
        return found.stream()
                .sorted(Comparator.comparing(RouteFiles.Fault::file).thenComparing(RouteFiles.Fault::line))
                .toList();
    }
}
