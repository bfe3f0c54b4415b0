package dev.dromedar.cli;

import dev.dromedar.camel.WorkerMain;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.ops.FailureLog;
import dev.dromedar.routes.Draining;
import dev.dromedar.routes.RouteFiles;
import dev.dromedar.routes.RouteIds;
import dev.dromedar.routes.RouteText;
import dev.dromedar.routes.StartFaults;
import dev.dromedar.routes.TimeZones;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.model.ModelCamelContext;
import org.slf4j.LoggerFactory;

/** The worker of the current folder: Camel's Main, configured as a worker that no one watches needs it. */
public final class Worker {
    private Worker() {}

    /**
     * Runs until the process is asked to stop.
     *
     * @param install puts the APIs into the worker's context
     * @return the process's status: 1 if the worker could not start, and then the faults stand on the error output
     */
    public static int run(Consumer<CamelContext> install) {
        Folder folder = Folder.current();
        LogSetUp.forWorker(folder);
        if (Runtime.version().feature() >= 24 && System.getProperty("io.netty.noUnsafe") == null) {
            System.setProperty("io.netty.noUnsafe", "true"); // or the JDK warns of Netty's use of it (JEP 498)
        }
        Main main = configured(folder);
        try (var sandbox = new OwnSandbox()) {
            var configuration = new WorkerConfiguration(install, sandbox, main.configure()::getRoutesIncludePattern);
            main.configure().addConfiguration(configuration);
            main.addMainListener(new RoutesAreThere());
            main.addMainListener(new Proof());
            try {
                checkFolder(folder);
                Signals.listen();
                LostErrors.listen();
                main.run();
                return main.getExitCode();
            } catch (Exception | LinkageError e) { // a jar in lib/ may lack another
                CamelContext context = main.getCamelContext();
                Exception fault = configuration.faultOr(
                        e instanceof Exception exception ? exception : new IllegalStateException(e), context);
                System.err.println(ForeignText.lines(
                        StartFaults.explain(fault, context, main.configure().getRoutesIncludePattern())));
                return 1;
            }
        }
    }

    /** Camel's Main as a worker and the checks of its files use it. */
    static WorkerMain configured(Folder folder) {
        var main = new WorkerMain(folder.path());
        main.configure().setRoutesIncludePattern(folder.routePatterns());
        main.configure().setSourceLocationEnabled(true);
        main.configure().setRoutesReloadRemoveAllRoutes(false);
        main.configure().setName("dromedar");
        main.configure().setLogName("${routeId}");
        // Camel's own are 10 threads for the branches of a multicast or split, and the 11th call waits. Calls wait for
        // APIs, not for this machine: as many at once as one API has connections, then the caller makes the call
        // itself.
        main.configure().threadPool().setMaxPoolSize(128);
        main.configure().threadPool().setMaxQueueSize(0);
        return main;
    }

    /** What Camel would pass over in silence: a folder without settings. */
    private static void checkFolder(Folder folder) {
        if (!folder.hasProperties()) {
            throw new InvalidSettings("There is no application.properties in " + absolute(folder)
                    + ". Start the worker in the folder that has it and routes/.");
        }
    }

    private static Path absolute(Folder folder) {
        return folder.path().toAbsolutePath();
    }

    /** A worker without a route would run for ever and do nothing. */
    private static final class RoutesAreThere extends MainListenerSupport {
        /** Here, since routes take the error handling that is there when their files are read. */
        @Override
        public void beforeConfigure(BaseMainSupport main) {
            Draining.install(main.getCamelContext());
            FailureLog.install(main.getCamelContext());
            RouteIds.install(main.getCamelContext());
            RouteText.install(main.getCamelContext());
            TimeZones.install(main.getCamelContext());
        }

        @Override
        public void afterConfigure(BaseMainSupport main) {
            if (main.getCamelContext() instanceof ModelCamelContext context
                    && context.getRouteDefinitions().isEmpty()) {
                throw new InvalidSettings("There is no route in routes/ of "
                        + Path.of("").toAbsolutePath() + ". Put at least one .yaml or .xml file with a route there.");
            }
            String patterns = main.configure().getRoutesIncludePattern();
            for (var file : RouteFiles.passedOver(
                    Folder.current().routes(), RouteFiles.find(main.getCamelContext(), patterns))) {
                LoggerFactory.getLogger(Worker.class).warn("{}", file);
            }
        }
    }

    /** Signals to {@code run} that the archive of classes which the JVM makes at the end will be one of a worker that started. */
    private static final class Proof extends MainListenerSupport {
        @Override
        public void afterStart(BaseMainSupport main) {
            String unproved = System.getProperty("run.unproved-archive");
            if (unproved != null) {
                try {
                    Files.deleteIfExists(Path.of(unproved));
                } catch (IOException e) {
                    // then the next start makes it again
                }
            }
        }
    }
}
