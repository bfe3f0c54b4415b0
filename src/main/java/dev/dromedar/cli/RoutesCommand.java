package dev.dromedar.cli;

import dev.dromedar.routes.RouteFiles;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code routes}: lists the routes of a site, or every fault that its start would find. */
@Command(
        name = "routes",
        description = {
            "Lists routes with APIs and schedules, or every fault of settings and route files.",
            "Reads the files that the worker reads, and starts nothing."
        },
        footer = {"  ./run routes"})
final class RoutesCommand implements Callable<Integer> {
    private final Shell shell;

    RoutesCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        SiteCheck site = SiteCheck.of(shell.folder());
        PrintStream out = shell.out();
        if (site.files() == 0) {
            out.println(
                    "There is no route file: routes/*.yaml or routes/*.xml, or as camel.main.routesIncludePattern says."
                            + " Run this in the folder that has routes/.");
        }
        site.faults().forEach(fault -> out.println(text(fault)));
        site.warnings().forEach(warning -> out.println("Warning: " + text(warning)));
        if (site.files() == 0) {
            return ExitStatus.MISUSED;
        }
        if (!site.faults().isEmpty()) {
            out.println(count(site.faults(), "fault"));
            return ExitStatus.FAILED;
        }
        out.println(line("ROUTE", "APIS", "RUNS", "FROM", "FILE"));
        for (RouteFiles.Route route : site.routes()) {
            out.println(line(
                    route.id(),
                    route.apis().isEmpty() ? "-" : String.join(",", route.apis()),
                    route.schedule().isEmpty() ? "-" : route.schedule(),
                    route.from(),
                    route.file() + (route.line() > 0 ? ":" + route.line() : "")));
        }
        out.println(site.routes().size()
                + (site.routes().size() == 1 ? " route in " : " routes in ")
                + site.files()
                + (site.files() == 1 ? " file." : " files."));
        return ExitStatus.DONE;
    }

    /** A fault with its place; one without says all itself. */
    static String text(RouteFiles.Fault fault) {
        return fault.file().isEmpty() ? fault.what() : fault.toString();
    }

    static String count(List<?> some, String noun) {
        return some.size() == 1 ? "One " + noun + "." : some.size() + " " + noun + "s.";
    }

    private static String line(String id, String apis, String runs, String from, String file) {
        return String.format(Locale.ROOT, "%-28s %-32s %-22s %-28s %s", id, apis, runs, from, file);
    }
}
