package dev.dromedar.routes;

import dev.dromedar.camel.WorkerMain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;

/** Finds route files, and describes what is in them; {@link RouteCheck} reads them. Holds no state; thread-safe. */
public final class RouteFiles {
    /** Name of the context that files are tried in, for those who see all contexts of a JVM. */
    public static final String CONTEXT_NAME = "dromedar-route-check";

    private RouteFiles() {}

    /**
     * A route as its file describes it.
     *
     * @param line where it begins, or 0 if the file's format does not say
     * @param apis names of the APIs that it calls, in the order of their first use
     * @param from address of its trigger, placeholders resolved and without options
     * @param schedule when it runs, as its trigger says; empty if it is not a timed one
     */
    public record Route(
            String id, String description, String file, int line, List<String> apis, String from, String schedule) {
        public Route {
            apis = List.copyOf(apis);
        }
    }

    /** What is wrong, and where. Line and column begin at 1; they are 0 where only the file is known. */
    public record Fault(String file, int line, int column, String what) {
        @Override
        public String toString() {
            return file + (line > 0 ? ":" + line : "") + ": " + what;
        }
    }

    /**
     * What the files hold. Their routes may be run if there is no fault.
     *
     * @param warnings what runs, and probably otherwise than meant
     */
    public record Report(List<Route> routes, List<Fault> faults, List<Fault> warnings) {
        public Report {
            routes = List.copyOf(routes);
            faults = List.copyOf(faults);
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * The files that patterns such as {@code file:routes/*.yaml,file:routes/*.xml} name, in the order of their names.
     *
     * @throws IllegalArgumentException if a pattern cannot be read
     */
    public static List<Resource> find(CamelContext context, String patterns) {
        Map<String, Resource> found = new TreeMap<>();
        for (String pattern : patterns.split(",")) {
            try {
                for (Resource file :
                        PluginHelper.getPackageScanResourceResolver(context).findResources(pattern.strip())) {
                    if (!isTest(file.getLocation())) {
                        found.put(file.getLocation(), file);
                    }
                }
            } catch (NoSuchFileException missing) {
                // a folder that is not there has no files
            } catch (Exception e) {
                throw new IllegalArgumentException(
                        "the pattern '" + pattern.strip() + "' names no files that can be read: " + e.getMessage(), e);
            }
        }
        return List.copyOf(found.values());
    }

    /** Whether a name is that of a test of routes, which stands beside the route files and is none. */
    public static boolean isTest(String name) {
        return WorkerMain.isTest(name);
    }

    /** The route files in a folder, and in the folders below, that are not read: each a warning. */
    public static List<Fault> passedOver(Path folder, Collection<Resource> read) {
        Set<Path> known = new HashSet<>();
        read.forEach(file -> known.add(Path.of(file.getLocation().replaceFirst("^[a-z]+:(//)?", ""))
                .toAbsolutePath()
                .normalize()));
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder, 8)) {
            return files.filter(file -> file.toString().matches(".*\\.(ya?ml|xml)") && !isTest(file.toString()))
                    .filter(file -> Files.isRegularFile(file)
                            && !known.contains(file.toAbsolutePath().normalize()))
                    .sorted()
                    .map(file -> new Fault(
                            file.toString(),
                            0,
                            0,
                            "is not read. The worker reads routes/*.yaml and routes/*.xml, or what"
                                    + " camel.main.routesIncludePattern names, such as file:routes/**/*.yaml."))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of(); // what cannot be read here is reported where it is read
        }
    }
}
