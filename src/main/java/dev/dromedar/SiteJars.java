package dev.dromedar;

import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Puts the jars of the site's {@code lib/} behind the worker's own when it is started by {@code java -jar}, whose class path is
 * the manifest's alone. The launcher calls it before {@link Dromedar#main}, as the manifest's {@code Launcher-Agent-Class} says;
 * {@code ./run} and the image name these jars themselves, and an application that embeds the APIs never comes here.
 */
final class SiteJars {
    private SiteJars() {}

    /**
     * Called by the launcher.
     *
     * @throws IOException if a jar cannot be read, which ends the start
     */
    public static void agentmain(String arguments, Instrumentation instrumentation) throws IOException {
        Path lib = Path.of("lib");
        if (!Files.isDirectory(lib) || isOfTheWorker(lib)) {
            return;
        }
        try (Stream<Path> files = Files.list(lib)) {
            List<Path> jars = files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
            for (Path jar : jars) {
                instrumentation.appendToSystemClassLoaderSearch(new JarFile(jar.toFile()));
            }
        }
    }

    /** A worker that stands in its own folder has these jars already. */
    private static boolean isOfTheWorker(Path lib) throws IOException {
        Path worker = Path.of(System.getProperty("java.class.path")).toAbsolutePath();
        Path own = worker.resolveSibling("lib");
        return Files.isDirectory(own) && Files.isSameFile(own, lib);
    }
}
