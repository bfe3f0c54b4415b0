package dev.dromedar;


import dev.dromedar.camel.Apis;
import dev.dromedar.camel.CaughtErrors;
import dev.dromedar.camel.CheckCommand;
import dev.dromedar.camel.RoutesCommand;
import dev.dromedar.camel.StartFaults;
import dev.dromedar.camel.StoreCommand;
import dev.dromedar.camel.WorkerMain;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.KeysCommand;
import dev.dromedar.oauth.PublicApi;
import dev.dromedar.ops.FailureLog;
import dev.dromedar.ops.Operations;
import dev.dromedar.ops.Reload;
import dev.dromedar.ops.StatusCommand;
import dev.dromedar.sandbox.Sandbox;
import dev.dromedar.sandbox.SandboxCommand;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.function.Supplier;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.model.ModelCamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The worker. {@link #install} puts the APIs into somebody's Camel context; {@link #main} runs one of its own. */
@PublicApi
public final class Dromedar {
    private static final String SETTINGS = WorkerMain.SETTINGS;
    private static final String HELP = """
            dromedar            runs the worker: application.properties and routes/ of the current folder
            dromedar check      says why an API does not work: [api...] [--probe[=/path]] [--json]
            dromedar routes     lists all routes, or every fault of every route file; starts nothing
            dromedar keys       makes a key, or shows what a file holds: make FILE | show FILE
            dromedar status     shows a running worker's APIs as a table, refreshed: [--once] [--url ADDRESS]
            dromedar dead-letters list|show|replay|discard
            dromedar feed       shows and rewinds feed pointers
            dromedar cluster    lists the nodes, or prints the SQL of the cluster's tables: nodes | sql [VERSION]
            dromedar sandbox    runs strict authorities and APIs on this machine, to try the worker against
            dromedar help       this

            README.md has the table of all properties.""";

    private Dromedar() {}

    /**
     * Installs the APIs that the context's {@code dromedar.*} properties name. Call once, before routes are added; what is
     * installed stops with the context.
     *
     * @throws InvalidSettings with every fault of the properties; then nothing is installed
     */
    public static void install(CamelContext context) {
        Apis apis = Apis.install(context);
        Operations.install(context, apis.clients(), api -> CheckCommand.lines(apis.clients(), api));
    }

    /** Runs the worker until it is stopped, or a command. */
    public static void main(String[] args) {
        setUpLog();
        Terminal.cleanOutput();
        String command = args.length == 0 ? "" : args[0];
        String[] rest = Arrays.copyOfRange(args, Math.min(1, args.length), args.length);
        switch (command) {
            case "" -> System.exit(work());
            case "check", "routes", "keys", "dead-letters", "feed", "cluster" ->
                System.exit(command(command, List.of(rest)));
            case "sandbox" -> sandbox(rest);
            case "status" -> System.exit(StatusCommand.run(List.of(rest), System.out));
            case "rehearse" -> System.exit(Rehearsal.prepare() ? work() : 1);
            case "help", "-h", "--help" -> System.out.println(HELP);
            default -> {
                System.err.println("dromedar: there is no command '" + command + "'." + System.lineSeparator() + HELP);
                System.exit(2);
            }
        }
    }

    /**
     * Tells dromedar-logback.xml what it has to know before the first line is logged: whether lines are JSON
     * ({@code dromedar.log.json}) and whether calls are audited ({@code dromedar.audit}). Both are read as they are written.
     */
    private static void setUpLog() {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "dromedar-logback.xml");
        }
        var settings = new Properties();
        if (Files.isReadable(Path.of(SETTINGS))) {
            try (var content = Files.newInputStream(Path.of(SETTINGS))) {
                settings.load(content);
            } catch (IOException | IllegalArgumentException e) {
                settings.clear(); // the start says what is wrong with the file
            }
        }
        if (isTrue("dromedar.log.json", settings)) {
            System.setProperty("log.appender", "JSON");
            System.setProperty("log.brief", "JSON");
            System.setProperty("log.audit.appender", "AUDIT_JSON");
        }
        if (isTrue("dromedar.audit", settings)) {
            System.setProperty("log.audit", "INFO");
        }
    }

    private static boolean isTrue(String key, Properties settings) {
        String inEnvironment =
                System.getenv(key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_'));
        return System.getProperty(key, inEnvironment != null ? inEnvironment : settings.getProperty(key, "false"))
                .strip()
                .equalsIgnoreCase("true");
    }

    /** A command that answers on the output, with nothing of the log there. */
    private static int command(String name, List<String> args) {
        System.setProperty("log.target", "System.err");
        System.setProperty(
                "log.level", name.equals("check") ? "ERROR" : "WARN"); // check tells in its steps what is amiss
        var configuration = new Configuration(() -> "");
        try {
            return switch (name) {
                case "check" -> CheckCommand.run(args, System.out, configuration::startSandboxIfWanted);
                case "routes" -> RoutesCommand.run(args, System.out, configuration::startSandboxIfWanted);
                case "keys" -> KeysCommand.run(args, System.out);
                default -> StoreCommand.run(name, args, System.out);
            };
        } catch (InvalidSettings e) {
            e.faults().forEach(System.out::println);
            return 1;
        } finally {
            configuration.stopSandbox();
        }
    }

    private static int work() {
        var main = new WorkerMain();
        main.configure().setRoutesIncludePattern("file:routes/*.yaml,file:routes/*.xml");
        main.configure().setSourceLocationEnabled(true);
        main.configure().setRoutesReloadRemoveAllRoutes(false);
        main.configure().setName("dromedar");
        main.configure().setLogName("${routeId}");
        // Camel's own are 10 threads for the branches of a multicast or split, and the 11th call waits. Calls wait for
        // APIs, not for this machine: as many at once as one API has connections, then the caller makes the call
        // itself.
        main.configure().threadPool().setMaxPoolSize(128);
        main.configure().threadPool().setMaxQueueSize(0);
        var configuration = new Configuration(main.configure()::getRoutesIncludePattern);
        main.configure().addConfiguration(configuration);
        main.addMainListener(new RoutesAreThere());
        try {
            checkFolder();
            Signals.listen();
            LostErrors.listen();
            main.run();
            return main.getExitCode();
        } catch (Exception e) {
            CamelContext context = main.getCamelContext();
            Exception fault = configuration.faultOr(e, context);
            System.err.println(
                    StartFaults.explain(fault, context, main.configure().getRoutesIncludePattern()));
            return 1;
        } finally {
            configuration.stopSandbox();
        }
    }

    /** What Camel would pass over in silence: a folder without settings or without routes. */
    private static void checkFolder() {
        Path here = Path.of("").toAbsolutePath();
        if (!Files.isReadable(Path.of(SETTINGS)) && Dromedar.class.getResource("/" + SETTINGS) == null) {
            throw new InvalidSettings("There is no " + SETTINGS + " in " + here
                    + ". Start the worker in the folder that has it and routes/.");
        }
    }

    private static void sandbox(String[] args) {
        try {
            SandboxCommand.main(args);
        } catch (NoClassDefFoundError e) {
            System.err.println("The sandbox is not installed here: lib/dromedar-sandbox.jar is missing.");
            System.exit(1);
        }
    }

    /** A worker without a route would run for ever and do nothing. */
    private static final class RoutesAreThere extends MainListenerSupport {
        /** Here, since routes take the error handling that is there when their files are read. */
        @Override
        public void beforeConfigure(BaseMainSupport main) {
            FailureLog.install(main.getCamelContext());
        }

        @Override
        public void afterConfigure(BaseMainSupport main) {
            if (main.getCamelContext() instanceof ModelCamelContext context
                    && context.getRouteDefinitions().isEmpty()) {
                throw new InvalidSettings("There is no route in routes/ of "
                        + Path.of("").toAbsolutePath() + ". Put at least one .yaml or .xml file with a route there.");
            }
        }
    }

    /** Runs when the properties are there and the routes are not: its exceptions end the start. */
    private static final class Configuration implements CamelConfiguration {
        /** Here and not above: the logging is told of its configuration first. */
        private static final Logger LOG = LoggerFactory.getLogger(Dromedar.class);

        private final Supplier<String> patterns;
        private @Nullable Runnable sandbox;

        Configuration(Supplier<String> patterns) {
            this.patterns = patterns;
        }

        private boolean begun;

        /** Camel reads route files before it comes here: if it stopped at one, the settings are looked at after all. */
        Exception faultOr(Exception failure, @Nullable CamelContext context) {
            if (context != null && !begun && !(failure instanceof InvalidSettings)) {
                try {
                    configure(context);
                } catch (InvalidSettings faults) {
                    return faults;
                }
            }
            return failure;
        }

        @Override
        public void configure(CamelContext context) {
            begun = true;
            startSandboxIfWanted(context);
            checkPorts(context);
            install(context);
            CaughtErrors.whenMemoryIsExhausted(context, LostErrors::endProcess);
            Apis apis = context.hasService(Apis.class);
            if (isTrue(context, "dromedar.reload")) {
                Reload.install(context, apis, context.hasService(Operations.class), patterns.get());
            }
        }

        private static boolean isTrue(CamelContext context, String key) {
            return context.resolvePropertyPlaceholders("{{" + key + ":false}}")
                    .strip()
                    .equalsIgnoreCase("true");
        }

        /** A taken port would cost the worker its views, and leave a stack trace for a reason. */
        private static void checkPorts(CamelContext context) {
            List<String> faults = new ArrayList<>();
            for (String server : List.of("camel.management", "camel.server")) {
                String host = value(context, server + ".host", "127.0.0.1");
                String port = value(context, server + ".port", "");
                boolean wanted = value(context, server + ".enabled", "false").equalsIgnoreCase("true");
                if (wanted && port.matches("[1-9]\\d{0,4}") && isTaken(host, Integer.parseInt(port))) {
                    faults.add(server + ".port: " + port + " is taken on " + host + ", perhaps by another worker."
                            + " Stop what has it, or set another port.");
                }
            }
            if (value(context, "camel.server.enabled", "false").equalsIgnoreCase("true")
                    && value(context, "camel.management.enabled", "false").equalsIgnoreCase("true")
                    && value(context, "camel.server.port", "8080")
                            .equals(value(context, "camel.management.port", "9876"))) {
                faults.add(
                        "camel.management.port: is the port of camel.server too, which others may reach. Give it its own.");
            }
            if (System.getProperty("com.sun.management.jmxremote.port") != null
                    && System.getProperty("com.sun.management.jmxremote.authenticate", "true")
                            .equalsIgnoreCase("false")) {
                faults.add(
                        "com.sun.management.jmxremote.authenticate: false lets everyone who reaches the JMX port run code"
                                + " in the worker. Leave com.sun.management.jmxremote.port out, since jconsole and jcmd find the"
                                + " worker by its process on this machine; or set up authentication.");
            }
            if (!faults.isEmpty()) {
                try {
                    Apis.plan(context);
                } catch (InvalidSettings more) {
                    faults.addAll(more.faults());
                }
                throw new InvalidSettings(faults);
            }
        }

        private static boolean isTaken(String host, int port) {
            try (var socket = new ServerSocket()) {
                socket.setReuseAddress(true); // a worker that has just ended keeps nobody out
                socket.bind(new InetSocketAddress(host, port));
                return false;
            } catch (BindException e) {
                return true;
            } catch (IOException | IllegalArgumentException e) {
                return false; // Camel tells what is wrong with it
            }
        }

        /** As Camel takes it: {@code -D}, then the environment, then the file. */
        private static String value(CamelContext context, String key, String otherwise) {
            String inEnvironment = System.getenv(key.toUpperCase(Locale.ROOT).replace('.', '_'));
            return System.getProperty(
                            key,
                            inEnvironment != null
                                    ? inEnvironment
                                    : context.resolvePropertyPlaceholders("{{" + key + ":" + otherwise + "}}"))
                    .strip();
        }

        void startSandboxIfWanted(CamelContext context) {
            if (isTrue(context, "dromedar.sandbox.enabled")) {
                try {
                    sandbox = startSandbox(context);
                } catch (NoClassDefFoundError e) {
                    throw new InvalidSettings("dromedar.sandbox.enabled: lib/dromedar-sandbox.jar is missing."
                            + " Put it back, or set the key to false.");
                }
            }
        }

        private static Runnable startSandbox(CamelContext context) {
            Sandbox sandbox = Sandbox.start(Sandbox.Options.plain().withRefusals(refusal -> {
                if (!refusal.contains(": use_dpop_nonce: ")) { // a step of the protocol, no failure
                    LOG.info("The sandbox refused {}", refusal);
                }
            }));
            LOG.info(
                    "Sandbox: HelseID's rules at {}, Duende's at {}; what they have seen is at {}/seen and {}/seen",
                    sandbox.helseid().issuer(),
                    sandbox.duende().issuer(),
                    sandbox.helseid().issuer(),
                    sandbox.duende().issuer());
            var properties = new Properties();
            properties.putAll(sandbox.properties());
            context.getPropertiesComponent().setInitialProperties(properties);
            return sandbox::close;
        }

        void stopSandbox() {
            if (sandbox != null) {
                sandbox.run();
            }
        }
    }
}
