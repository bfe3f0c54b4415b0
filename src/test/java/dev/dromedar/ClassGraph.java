package dev.dromedar;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * Which class knows which, from the compiled classes by the JDK's own {@code jdeps}. Nested classes count as the class that
 * they are in. That a sealed type names its subtypes does not count: the language demands it.
 */
final class ClassGraph {
    private static final String OURS = "dev.dromedar.";
    private static final Pattern ARROW = Pattern.compile("\\s+(dev\\.dromedar\\.\\S+)\\s+-> (\\S+) .*");

    private final Map<String, Set<String>> known = new TreeMap<>();

    /** @param folder of compiled classes */
    static ClassGraph of(String folder) {
        var out = new StringWriter();
        var jdeps = ToolProvider.findFirst("jdeps").orElseThrow();
        int status = jdeps.run(
                new PrintWriter(out),
                new PrintWriter(out),
                "--multi-release",
                "17",
                "-verbose:class",
                "-filter:none",
                folder);
        if (status != 0) {
            throw new AssertionError(out.toString());
        }
        var graph = new ClassGraph();
        out.toString().lines().forEach(graph::read);
        if (graph.known.isEmpty()) {
            throw new AssertionError("jdeps says of no class what it knows: " + out);
        }
        return graph;
    }

    /** A graph of names alone. */
    static ClassGraph of(Map<String, Set<String>> arrows) {
        var graph = new ClassGraph();
        graph.known.putAll(arrows);
        return graph;
    }

    private void read(String line) {
        var arrow = ARROW.matcher(line);
        if (arrow.matches()) {
            String from = outer(arrow.group(1));
            String to = outer(arrow.group(2));
            if (!from.equals(to) && !permits(arrow.group(1), arrow.group(2))) {
                known.computeIfAbsent(from, none -> new TreeSet<>()).add(to);
            }
        }
    }

    private static String outer(String name) {
        return name.replaceFirst("\\$.*", "");
    }

    /** Whether the arrow is one from a sealed type to a subtype of its own. */
    private static boolean permits(String from, String to) {
        if (!to.startsWith(OURS)) {
            return false;
        }
        try {
            Class<?>[] permitted = Class.forName(from, false, ClassGraph.class.getClassLoader())
                    .getPermittedSubclasses();
            return permitted != null
                    && List.of(permitted).stream().anyMatch(one -> one.getName().equals(to));
        } catch (ClassNotFoundException | LinkageError e) {
            return false; // of a library that is not here, which has no sealed types of ours
        }
    }

    /** Our classes by their names. */
    Set<String> classes() {
        return known.keySet();
    }

    /** What a class knows, libraries too. */
    Set<String> knownBy(String name) {
        return known.getOrDefault(name, Set.of());
    }

    Set<String> rooms() {
        Set<String> rooms = new TreeSet<>();
        classes().forEach(name -> rooms.add(room(name)));
        return rooms;
    }

    /** The package below ours; empty for the one that holds them all. */
    static String room(String name) {
        String rest = name.substring(OURS.length());
        return rest.contains(".") ? rest.substring(0, rest.indexOf('.')) : "";
    }

    /** All circles, each as large as it is: names that can all reach each other (Tarjan). */
    List<Set<String>> circles() {
        return new Search().run(known.keySet());
    }

    private final class Search {
        private final Map<String, Integer> index = new HashMap<>();
        private final Map<String, Integer> lowest = new HashMap<>();
        private final Deque<String> path = new ArrayDeque<>();
        private final List<Set<String>> circles = new ArrayList<>();

        List<Set<String>> run(Collection<String> names) {
            names.forEach(name -> {
                if (!index.containsKey(name)) {
                    visit(name);
                }
            });
            return circles;
        }

        private void visit(String name) {
            index.put(name, index.size());
            lowest.put(name, at(index.get(name)));
            path.push(name);
            for (String next : knownBy(name)) {
                if (!known.containsKey(next)) {
                    continue;
                }
                if (!index.containsKey(next)) {
                    visit(next);
                    lowest.merge(name, at(lowest.get(next)), Math::min);
                } else if (path.contains(next)) {
                    lowest.merge(name, at(index.get(next)), Math::min);
                }
            }
            if (at(lowest.get(name)) == at(index.get(name))) {
                Set<String> circle = new TreeSet<>();
                String last;
                do {
                    last = path.pop();
                    circle.add(last);
                } while (!last.equals(name));
                if (circle.size() > 1) {
                    circles.add(circle);
                }
            }
        }

        private static int at(@Nullable Integer place) {
            return Objects.requireNonNull(place);
        }
    }
}
