package dev.dromedar.cli;

import dev.dromedar.camel.Apis;
import dev.dromedar.camel.CamelCli;
import dev.dromedar.camel.WorkerMain;
import dev.dromedar.routes.RouteFiles;
import dev.dromedar.routes.StartFaults;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Resource;
import picocli.CommandLine.Command;

/** {@code routes}: loads every route file without starting anything, and lists the routes or every fault there is. */
@Command(
        name = "routes",
        description = {
            "Lists all routes with their APIs and schedules, or every fault of every route file.",
            "Reads routes/ of the current folder, and starts nothing."
        },
        footer = {"  ./run routes"})
final class RoutesCommand implements Callable<Integer> {
    private final Shell shell;

    RoutesCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        var main = new WorkerMain();
        main.setDefaultPropertyPlaceholderLocation(shell.folder().propertiesLocation());
        try (var sandbox = new OwnSandbox()) {
            main.configure().addConfiguration(new CamelConfiguration() {
                @Override
                public void configure(CamelContext context) {
                    CamelCli.off(context);
                    sandbox.startIfEnabled(context);
                }
            });
            try {
                main.init(); // configures beans and components as the worker has them, and starts nothing
                return run(main.getCamelContext());
            } catch (RuntimeException e) {
                shell.out()
                        .println(StartFaults.explain(
                                        e,
                                        main.getCamelContext(),
                                        shell.folder().routePatterns())
                                .strip());
                return ExitStatus.FAILED;
            } finally {
                main.shutdown();
            }
        }
    }

    int run(CamelContext context) {
        PrintStream out = shell.out();
        // Camel's scan has no answer for a folder that is not there
        List<Resource> files = Files.isDirectory(shell.folder().routes())
                ? RouteFiles.find(context, shell.folder().routePatterns())
                : List.of();
        if (files.isEmpty()) {
            out.println(
                    "There is no route file: routes/*.yaml or routes/*.xml. Run this in the folder that has routes/.");
            return ExitStatus.MISUSED;
        }
        var report = RouteFiles.check(context, Apis.namesIn(context), files);
        if (!report.faults().isEmpty()) {
            report.faults().forEach(fault -> out.println(fault.toString()));
            out.println(
                    report.faults().size() == 1 ? "One fault." : report.faults().size() + " faults.");
            return ExitStatus.FAILED;
        }
        if (report.routes().isEmpty()) {
            out.println("There is no route in the files of routes/, so the worker does not start. Add one.");
            return ExitStatus.FAILED;
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
        return ExitStatus.DONE;
    }

    private static String line(String id, String apis, String runs, String from, String file) {
        return String.format(Locale.ROOT, "%-28s %-32s %-22s %-28s %s", id, apis, runs, from, file);
    }
}
