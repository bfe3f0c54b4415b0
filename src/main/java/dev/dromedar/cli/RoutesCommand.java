package dev.dromedar.camel;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.main.Main;
import org.apache.camel.spi.Resource;

/** {@code routes}: loads every route file without starting anything, and lists the routes or every fault there is. */
public final class RoutesCommand {
    private RoutesCommand() {}

    /**
     * Runs the command on {@code application.properties} and {@code routes/} of the current folder.
     *
     * @param prepare what must be there before placeholders can be resolved, such as the sandbox
     * @return the process's status: 0 if all routes may run, 1 if there is a fault, 2 if there is no route file
     */
    public static int run(List<String> args, PrintStream out, Consumer<CamelContext> prepare) {
        if (!args.isEmpty()) {
            out.println("routes takes nothing behind it. Usage: routes");
            return CheckCommand.MISUSED;
        }
        var main = new Main();
        main.setDefaultPropertyPlaceholderLocation(
                "file:application.properties;optional=true,classpath:application.properties;optional=true");
        main.configure().setAutoConfigurationLogSummary(false);
        main.configure().addConfiguration(new CamelConfiguration() {
            @Override
            public void configure(CamelContext context) {
                CamelCli.off(context);
                prepare.accept(context);
            }
        });
        try {
            main.init(); // configures beans and components as the worker has them, and starts nothing
            return run(out, main.getCamelContext(), Path.of("routes"));
        } finally {
            main.shutdown();
        }
    }

    static int run(PrintStream out, CamelContext context, Path folder) {
        // Camel's scan has no answer for a folder that is not there
        List<Resource> files = Files.isDirectory(folder)
                ? RouteFiles.find(context, "file:" + folder + "/*.yaml,file:" + folder + "/*.xml")
                : List.of();
        if (files.isEmpty()) {
            out.println(
                    "There is no route file: routes/*.yaml or routes/*.xml. Run this in the folder that has routes/.");
            return CheckCommand.MISUSED;
        }
        var report = RouteFiles.check(context, Apis.namesIn(context), files);
        if (!report.faults().isEmpty()) {
            report.faults().forEach(out::println);
            out.println(
                    report.faults().size() == 1 ? "One fault." : report.faults().size() + " faults.");
            return CheckCommand.FAILED;
        }
        if (report.routes().isEmpty()) {
            out.println("There is no route in the files of routes/, so that the worker does not start. Add one.");
            return CheckCommand.FAILED;
        }
        out.println(line("ROUTE", "APIS", "RUNS", "FROM", "FILE"));
        for (var route : report.routes()) {
            out.println(line(
                    route.id(),
                    route.apis().isEmpty() ? "-" : String.join(",", route.apis()),
                    route.schedule().isEmpty() ? "-" : route.schedule(),
                    route.from(),
                    route.file() + (route.line() > 0 ? ":" + route.line() : "")));
        }
        out.println(report.routes().size()
                + (report.routes().size() == 1 ? " route in " : " routes in ")
                + files.size()
                + (files.size() == 1 ? " file." : " files."));
        return CheckCommand.WELL;
    }

    private static String line(String id, String apis, String runs, String from, String file) {
        return String.format(Locale.ROOT, "%-28s %-32s %-22s %-28s %s", id, apis, runs, from, file);
    }
}
