package dev.dromedar.cli;

import dev.dromedar.camel.Apis;
import dev.dromedar.camel.CamelCli;
import dev.dromedar.camel.WorkerMain;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.routes.RouteCheck;
import dev.dromedar.routes.RouteFiles;
import dev.dromedar.routes.SiteFiles;
import dev.dromedar.routes.StartFaults;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Resource;

/**
 * All that a start of the worker in a folder would find wrong, in its settings and its route files, without starting anything
 * and without a request to an authority or an API.
 *
 * @param files how many route files there are
 */
record SiteCheck(
        int files, List<RouteFiles.Route> routes, List<RouteFiles.Fault> faults, List<RouteFiles.Fault> warnings) {
    static SiteCheck of(Folder folder) {
        WorkerMain main = Worker.configured(folder).withoutRoutes();
        List<String> faults = new ArrayList<>();
        try (var sandbox = new OwnSandbox()) {
            main.configure().addConfiguration(new CamelConfiguration() {
                @Override
                public void configure(CamelContext context) {
                    CamelCli.off(context);
                    sandbox.startIfEnabled(context);
                }
            });
            try {
                if (!folder.hasProperties()) {
                    faults.add("There is no application.properties in "
                            + folder.path().toAbsolutePath() + ". Run this in the folder that has it and routes/.");
                }
                main.init(); // configures beans and components as the worker has them, and starts nothing
            } catch (RuntimeException | LinkageError e) {
                faults.addAll(StartFaults.reasons(e));
                if (main.getCamelContext() == null) {
                    return new SiteCheck(0, List.of(), unplaced(faults), List.of());
                }
                if (!sandbox.runs()) {
                    sandbox.startIfEnabled(main.getCamelContext());
                }
            }
            return of(folder, main.getCamelContext(), main.configure().getRoutesIncludePattern(), faults);
        } catch (InvalidSettings e) { // of the sandbox
            faults.addAll(e.faults());
            return new SiteCheck(0, List.of(), unplaced(faults), List.of());
        } finally {
            main.shutdown();
        }
    }

    private static SiteCheck of(Folder folder, CamelContext context, String patterns, List<String> found) {
        Set<String> ofSettings = new LinkedHashSet<>(found);
        try {
            Apis.plan(context);
        } catch (InvalidSettings e) {
            ofSettings.addAll(e.faults());
        }
        SiteFiles site = SiteFiles.read(context, patterns);
        Set<RouteFiles.Fault> faults = new LinkedHashSet<>();
        if (site.fault() != null) {
            faults.add(new RouteFiles.Fault("", 0, 0, site.fault()));
        }
        ofSettings.forEach(fault -> faults.add(site.fault(fault)));
        Collection<Resource> files;
        try {
            files = RouteFiles.find(context, patterns);
        } catch (IllegalArgumentException e) {
            files = List.of(); // a fault of the site
        }
        var report = RouteCheck.check(context, Apis.namesIn(context), files);
        faults.addAll(report.faults());
        if (!files.isEmpty() && report.faults().isEmpty() && report.routes().isEmpty()) {
            faults.add(new RouteFiles.Fault(
                    "", 0, 0, "There is no route in the route files, so the worker does not start. Add one."));
        }
        List<RouteFiles.Fault> warnings = new ArrayList<>(report.warnings());
        warnings.addAll(RouteFiles.passedOver(folder.routes(), files));
        return new SiteCheck(files.size(), report.routes(), List.copyOf(faults), warnings);
    }

    private static List<RouteFiles.Fault> unplaced(List<String> faults) {
        return faults.stream()
                .map(fault -> new RouteFiles.Fault("", 0, 0, fault))
                .toList();
    }
}
