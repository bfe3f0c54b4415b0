package dev.dromedar.routes;

import dev.dromedar.camel.ApiComponent;
import dev.dromedar.camel.CallEndpoint;
import dev.dromedar.camel.CamelCli;
import dev.dromedar.camel.DynamicSteps;
import dev.dromedar.camel.GuardedProperties;
import dev.dromedar.camel.GuardedSimple;
import dev.dromedar.camel.Places;
import dev.dromedar.camel.RunSummary;
import dev.dromedar.letters.StoreComponent;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.settings.Durations;
import dev.dromedar.settings.Nearest;
import dev.dromedar.settings.SecretRefused;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.LineNumberAware;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.StartupSummaryLevel;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.FilterDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteDefinitionHelper;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.ValidateDefinition;
import org.apache.camel.model.language.ExpressionDefinition;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.DefaultRegistry;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/**
 * Reads route files and tells every fault of all of them, each with its file and line, before anything runs them: at start,
 * before a reload, and for the command {@code routes}. The files are loaded into a context of their own that is never
 * started: no endpoint is opened and no trigger is scheduled. Holds no state; thread-safe.
 */
public final class RouteFiles {
    /** Name of the context that files are tried in, for whoever sees all contexts of a JVM. */
    public static final String CONTEXT_NAME = "dromedar-route-check";

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^{}]+)}}");
    private static final Pattern XML_POSITION = Pattern.compile("line (\\d+), column \\d+");
    private static final Pattern XML_DETAIL =
            Pattern.compile(" \\(position: .*| in \\w+:\\S+, line \\d+, column .*", Pattern.DOTALL);

    private RouteFiles() {}

    /**
     * A route as its file describes it.
     *
     * @param line where it begins, or 0 if the file's format does not tell
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

    /** What is wrong, and where. {@code line} is 0 where only the file is known. */
    public record Fault(String file, int line, String what) {
        @Override
        public String toString() {
            return file + (line > 0 ? ":" + line : "") + ": " + what;
        }
    }

    /** What the files hold. Their routes may be run if there is no fault. */
    public record Report(List<Route> routes, List<Fault> faults) {
        public Report {
            routes = List.copyOf(routes);
            faults = List.copyOf(faults);
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
                    found.put(file.getLocation(), file);
                }
            } catch (Exception e) {
                throw new IllegalArgumentException(
                        "the pattern '" + pattern.strip() + "' names no files that can be read: " + e.getMessage(), e);
            }
        }
        return List.copyOf(found.values());
    }

    /**
     * Tries all files together, since one may use what another defines.
     *
     * @param context whose properties, beans and components the routes are to use; it is not changed
     * @param apis names that {@code process: {ref: ...}} may use besides the context's beans
     */
    public static Report check(CamelContext context, Collection<String> apis, Collection<Resource> files) {
        try (var check = new Check(context, apis)) {
            return check.all(files);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Check implements AutoCloseable {
        private final Set<String> apis;
        private final DefaultCamelContext scratch;
        private final GuardedProperties guard;
        private final List<Route> routes = new ArrayList<>();
        private final Set<Fault> faults = new LinkedHashSet<>();
        private final Map<String, String> ids = new LinkedHashMap<>();

        Check(CamelContext context, Collection<String> apis) {
            this.apis = new TreeSet<>(apis);
            var registry = new DefaultRegistry(context.getRegistry());
            this.apis.stream()
                    .filter(api -> registry.lookupByName(api) == null)
                    .forEach(api -> registry.bind(api, (Processor) exchange -> {}));
            this.scratch = new DefaultCamelContext(registry);
            scratch.getCamelContextExtension().setName(CONTEXT_NAME);
            scratch.disableJMX();
            scratch.setSourceLocationEnabled(true);
            scratch.setAutoStartup(false);
            scratch.setStartupSummaryLevel(StartupSummaryLevel.Off);
            if (context.getApplicationContextClassLoader() != null) {
                scratch.setApplicationContextClassLoader(context.getApplicationContextClassLoader());
            }
            scratch.getPropertiesComponent().addPropertiesSource(new PropertiesOf(context));
            this.guard = GuardedProperties.share(context, scratch);
            CamelCli.off(scratch);
            scratch.init();
            // What the worker makes itself, of components and beans, has a stand-in: it cannot be made for a context
            // that
            // never starts.
            scratch.addComponent(StoreComponent.SCHEME, StoreComponent.forChecks());
            context.getComponentNames().forEach(this::standIn);
            if (registry.lookupByName(RunSummary.NAME) == null) {
                registry.bind(RunSummary.NAME, new RunSummary());
            }
        }

        private void standIn(String component) {
            if (scratch.getComponent(component, true, false) == null) {
                scratch.addComponent(component, new StandIn());
            }
        }

        Report all(Collection<Resource> files) throws IOException {
            Map<Resource, Loaded> loaded = new LinkedHashMap<>();
            for (Resource file : files) {
                loaded.put(file, load(file));
            }
            Set<String> parameters = new HashSet<>();
            scratch.getRouteTemplateDefinitions().forEach(template -> template.getTemplateParameters()
                    .forEach(parameter -> parameters.add(parameter.getName())));
            for (Resource file : loaded.keySet()) {
                checkPlaceholders(file, parameters);
            }
            loaded.forEach((file, content) -> {
                content.configurations().forEach(configuration -> checkConfiguration(file, configuration));
                content.templates().forEach(template -> checkAddresses(file, template.getRoute()));
                content.routes().forEach(route -> checkRoute(file, route));
            });
            List<Fault> sorted = new ArrayList<>(faults);
            sorted.sort(Comparator.comparing(Fault::file).thenComparing(Fault::line));
            return new Report(routes, sorted);
        }

        private record Loaded(
                List<RouteConfigurationDefinition> configurations,
                List<RouteDefinition> routes,
                List<RouteTemplateDefinition> templates) {}

        private Loaded load(Resource file) {
            var before = new Loaded(
                    List.copyOf(scratch.getRouteConfigurationDefinitions()),
                    List.copyOf(scratch.getRouteDefinitions()),
                    List.copyOf(scratch.getRouteTemplateDefinitions()));
            int others = otherDefinitions();
            try {
                for (RoutesBuilder builder :
                        PluginHelper.getRoutesLoader(scratch).findRoutesBuilders(file)) {
                    if (builder instanceof org.apache.camel.builder.RouteBuilder routeBuilder) {
                        routeBuilder.setCamelContext(scratch);
                    }
                    if (builder instanceof org.apache.camel.RouteConfigurationsBuilder configurations) {
                        configurations.addRouteConfigurationsToCamelContext(scratch);
                    }
                    scratch.addRoutes(builder);
                }
            } catch (Exception | LinkageError e) {
                unreadable(file, e);
                return new Loaded(List.of(), List.of(), List.of());
            }
            List<RouteConfigurationDefinition> configurations =
                    new ArrayList<>(scratch.getRouteConfigurationDefinitions());
            configurations.removeAll(before.configurations());
            List<RouteDefinition> added = new ArrayList<>(scratch.getRouteDefinitions());
            added.removeAll(before.routes());
            if (added.isEmpty() && configurations.isEmpty() && otherDefinitions() == others) {
                fault(file, 0, "holds no route. Its outermost element must be a route, or a list of them.");
            }
            List<RouteTemplateDefinition> templates = new ArrayList<>(scratch.getRouteTemplateDefinitions());
            templates.removeAll(before.templates());
            return new Loaded(configurations, added, templates);
        }

        private int otherDefinitions() {
            return scratch.getRouteTemplateDefinitions().size()
                    + scratch.getRestDefinitions().size()
                    + scratch.getCustomBeans().size();
        }

        private void unreadable(Resource file, Throwable failure) {
            int line = 0;
            String words = rootMessage(failure);
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof MarkedYamlEngineException marked) {
                    line = marked.getProblemMark()
                            .map(mark -> mark.getLine() + 1)
                            .orElse(line);
                    words = marked.getProblem() == null ? words : marked.getProblem();
                }
                Matcher at = XML_POSITION.matcher(String.valueOf(cause.getMessage()));
                if (line == 0 && at.find()) {
                    line = Integer.parseInt(at.group(1));
                }
            }
            fault(
                    file,
                    line,
                    "cannot be read: " + oneLine(XML_DETAIL.matcher(words).replaceFirst("")) + ".");
        }

        /** Looks at the text, so that each unresolved placeholder has its line, wherever in the file it stands. */
        private void checkPlaceholders(Resource file, Set<String> parameters) throws IOException {
            String text;
            try (InputStream content = file.getInputStream()) {
                text = new String(content.readAllBytes(), StandardCharsets.UTF_8);
            }
            text = ForeignText.withoutComments(text);
            Matcher placeholders = PLACEHOLDER.matcher(text);
            while (placeholders.find()) {
                String name = placeholders.group(1);
                if (parameters.contains(name.replaceFirst(":.*", "").strip())) {
                    continue;
                }
                try {
                    scratch.resolvePropertyPlaceholders(placeholders.group());
                } catch (RuntimeException e) {
                    fault(file, lineAt(text, placeholders.start()), unresolved(name, e));
                }
            }
            checkFunctions(file, text);
        }

        /** Looks at the text, since Camel stops at the first expression that it refuses. */
        private void checkFunctions(Resource file, String text) {
            ApiComponent.Hyphen hyphen = file.getLocation().endsWith(".xml") ? null : ApiComponent.hyphen(text);
            if (hyphen != null) {
                fault(file, lineAt(text, hyphen.at()), hyphen.fault());
            }
            Matcher functions = GuardedSimple.FUNCTION.matcher(text);
            while (functions.find()) {
                try {
                    GuardedSimple.check(guard, functions);
                } catch (SecretRefused e) {
                    fault(file, lineAt(text, functions.start()), String.valueOf(e.getMessage()));
                }
            }
        }

        private static int lineAt(String text, int position) {
            return 1
                    + (int) text.substring(0, position)
                            .chars()
                            .filter(c -> c == '\n')
                            .count();
        }

        private String unresolved(String name, RuntimeException e) {
            SecretRefused refused = SecretRefused.in(e);
            if (refused != null) {
                return String.valueOf(refused.getMessage());
            }
            if (name.contains(":")) {
                return "the placeholder {{" + name + "}} cannot be resolved: " + oneLine(rootMessage(e));
            }
            String nearest = Nearest.to(
                    name, scratch.getPropertiesComponent().loadProperties().stringPropertyNames());
            return "there is no property '" + name + "'. "
                    + (nearest == null
                            ? "Add it to application.properties, or correct the name."
                            : "Did you mean '" + nearest + "'?");
        }

        private void checkConfiguration(Resource file, RouteConfigurationDefinition configuration) {
            List<ProcessorDefinition<?>> steps = new ArrayList<>();
            steps.addAll(configuration.getOnExceptions());
            steps.addAll(configuration.getOnCompletions());
            steps.addAll(configuration.getIntercepts());
            steps.addAll(configuration.getInterceptFroms());
            steps.addAll(configuration.getInterceptSendTos());
            checkSteps(file, steps);
        }

        private void checkRoute(Resource file, RouteDefinition route) {
            String id = route.hasCustomIdAssigned() && route.getId() != null ? resolved(route.getId()) : null;
            String other = id == null ? null : ids.putIfAbsent(id, Places.name(file) + ":" + route.getLineNumber());
            if (other != null) {
                fault(file, route, "the route id '" + id + "' is taken by " + other + ". Give each its own.");
            }
            int before = faults.size();
            String from = checkAddress(
                    file, route.getInput(), String.valueOf(route.getInput().getEndpointUri()));
            Set<String> used = checkSteps(file, route.getOutputs());
            if (route.getOutputs().isEmpty()) {
                fault(file, route, "the route does nothing: it has no steps.");
            }
            if (faults.size() == before) {
                build(file, route);
            }
            routes.add(new Route(
                    id == null ? String.valueOf(route.getId()) : id,
                    route.getDescriptionText() == null ? "" : resolved(route.getDescriptionText()),
                    Places.name(file),
                    Math.max(0, route.getLineNumber()),
                    List.copyOf(used),
                    withoutOptions(
                            from == null ? String.valueOf(route.getInput().getEndpointUri()) : from),
                    from == null ? "" : schedule(from)));
        }

        /** For the steps of a template, which cannot be built before its parameters are known. */
        private void checkAddresses(Resource file, RouteDefinition route) {
            for (ProcessorDefinition<?> step :
                    ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ProcessorDefinition.class)) {
                checkDynamicAddress(file, step);
            }
        }

        private void checkDynamicAddress(Resource file, ProcessorDefinition<?> step) {
            String fault = DynamicSteps.fault(scratch, step);
            if (fault != null) {
                fault(file, step, fault);
            }
        }

        /** @return the APIs that the steps name */
        private Set<String> checkSteps(Resource file, List<ProcessorDefinition<?>> steps) {
            Set<String> used = new LinkedHashSet<>();
            for (ProcessorDefinition<?> step :
                    ProcessorDefinitionHelper.filterTypeInOutputs(steps, ProcessorDefinition.class)) {
                if (step instanceof ProcessDefinition process && process.getRef() != null) {
                    String ref = resolved(process.getRef());
                    if (apis.contains(ref)) {
                        used.add(ref);
                    } else if (!ref.startsWith("#class:")
                            && scratch.getRegistry().lookupByName(bean(ref)) == null) {
                        fault(file, step, unknownApi(ref));
                    }
                }
                checkDynamicAddress(file, step);
                if (step instanceof ToDynamicDefinition dynamic && dynamic.getUri() != null) {
                    String scheme = checkScheme(file, step, dynamic.getUri());
                    if (StoreComponent.SCHEME.equals(scheme)
                            && !dynamic.getUri().contains("$")) {
                        checkAddress(file, step, dynamic.getUri());
                    }
                } else if (step instanceof EndpointRequiredDefinition sends && sends.getEndpointUri() != null) {
                    String address = checkAddress(file, step, sends.getEndpointUri());
                    if (address != null && scratch.hasEndpoint(address) instanceof CallEndpoint call) {
                        used.add(call.getName());
                    }
                } else if (step instanceof ExpressionNode node) {
                    boolean predicate = node instanceof FilterDefinition || node instanceof ValidateDefinition;
                    checkExpression(file, node, node.getExpression(), predicate);
                } else if (step instanceof ChoiceDefinition choice) {
                    choice.getWhenClauses()
                            .forEach(when -> checkExpression(file, when, when.getExpressionType(), true));
                }
            }
            return used;
        }

        private void checkExpression(
                Resource file, LineNumberAware step, @Nullable ExpressionDefinition expression, boolean predicate) {
            if (expression == null) {
                return;
            }
            try {
                if (predicate) {
                    scratch.createPredicate(expression);
                } else {
                    scratch.createExpression(expression);
                }
            } catch (RuntimeException e) {
                if (!String.valueOf(e.getMessage()).contains("{{") && !isTold(file, e)) {
                    fault(file, step, "the expression cannot be read: " + oneLine(rootMessage(e)) + ".");
                }
            }
        }

        private static String bean(String ref) {
            return ref.replaceFirst("^#(bean:)?", "");
        }

        private String unknownApi(String ref) {
            String nearest = Nearest.to(ref, apis);
            return "there is no API '" + ref + "'. "
                    + (nearest != null
                            ? "Did you mean '" + nearest + "'?"
                            : apis.isEmpty()
                                    ? "Define it with properties dromedar.api." + ref + ".*"
                                    : "Use one of: " + String.join(", ", apis) + ".");
        }

        /** @return the resolved address, or null if it is faulty */
        private @Nullable String checkAddress(Resource file, LineNumberAware step, String address) {
            String scheme = checkScheme(file, step, address);
            if (scheme == null) {
                return null;
            }
            try {
                String resolved = scratch.resolvePropertyPlaceholders(address);
                Endpoint endpoint = scratch.getEndpoint(resolved);
                String schedule = scheme.equals("quartz") ? QuartzSchedule.fault(scratch, endpoint) : null;
                if (schedule != null) {
                    fault(file, step, schedule);
                    return null;
                }
                return resolved;
            } catch (Exception e) {
                fault(file, step, "the address '" + shown(address) + "' is not good: " + badOptions(address, e));
                return null;
            }
        }

        /** @return the component's name, or null if there is none; a fault that is told elsewhere is not told again */
        private @Nullable String checkScheme(Resource file, LineNumberAware step, String address) {
            String resolved;
            try {
                resolved = scratch.resolvePropertyPlaceholders(address);
            } catch (RuntimeException e) {
                return null;
            }
            int colon = resolved.indexOf(':');
            if (colon < 0
                    || resolved.startsWith("${")
                    || resolved.substring(0, colon).contains("$")) {
                return resolved;
            }
            String scheme = resolved.substring(0, colon);
            if (scratch.getComponent(scheme, true, false) != null) {
                return scheme;
            }
            String nearest = Nearest.to(scheme, components());
            fault(
                    file,
                    step,
                    "there is no component '" + scheme + "' for the address '" + shown(address) + "'. "
                            + (nearest == null
                                    ? "Put the jar camel-" + scheme + " into lib/, or correct the address."
                                    : "Did you mean '" + nearest + ":'? Otherwise put the jar camel-" + scheme
                                            + " into lib/."));
            return null;
        }

        /** Builds the route as Camel would, for all that the looks above do not know: beans, data formats, options. */
        private void build(Resource file, RouteDefinition route) {
            try {
                if (!route.isPrepared()) {
                    RouteDefinitionHelper.prepareRoute(scratch, route);
                    route.markPrepared();
                }
                scratch.getModelReifierFactory().createRoute(scratch, route);
            } catch (Exception | LinkageError e) {
                if (rootMessage(e).contains("not found in properties") || isTold(file, e)) {
                    return; // told by its placeholder
                }
                String message = String.valueOf(e.getMessage());
                int begins = message.indexOf(">>> ");
                int ends = message.indexOf(" <<<", begins + 4);
                String at = begins >= 0 && ends >= 0 ? message.substring(begins + 4, ends) : "";
                LineNumberAware where = route;
                for (ProcessorDefinition<?> candidate :
                        ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ProcessorDefinition.class)) {
                    where = candidate.toString().equals(at) ? candidate : where;
                }
                fault(file, where, "the route cannot be built: " + oneLine(rootMessage(e)) + ".");
            }
        }

        private boolean isTold(Resource file, Throwable failure) {
            SecretRefused refused = SecretRefused.in(failure);
            return refused != null
                    && faults.stream()
                            .anyMatch(fault -> fault.file().equals(Places.name(file))
                                    && fault.what().contains(String.valueOf(refused.getMessage())));
        }

        private String resolved(String text) {
            try {
                return scratch.resolvePropertyPlaceholders(text);
            } catch (RuntimeException e) {
                return text;
            }
        }

        private void fault(Resource file, LineNumberAware step, String what) {
            fault(file, Places.line(file, step), what);
        }

        private void fault(Resource file, int line, String what) {
            faults.add(new Fault(Places.name(file), Math.max(0, line), what));
        }

        @Override
        public void close() throws IOException {
            scratch.close();
        }
    }

    /** A component that takes any address with any options, and does nothing. */
    private static final class StandIn extends DefaultComponent {
        @Override
        protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
            parameters.clear();
            return new DefaultEndpoint(uri, this) {
                @Override
                public Producer createProducer() {
                    throw new UnsupportedOperationException("nothing is started here");
                }

                @Override
                public Consumer createConsumer(Processor processor) {
                    throw new UnsupportedOperationException("nothing is started here");
                }
            };
        }
    }

    /** The names of all components that are on the class path. */
    private static Set<String> components() {
        Set<String> names = new TreeSet<>();
        try {
            var lists = RouteFiles.class
                    .getClassLoader()
                    .getResources("META-INF/services/org/apache/camel/component.properties");
            while (lists.hasMoreElements()) {
                URL list = lists.nextElement();
                try (InputStream content = list.openStream()) {
                    var properties = new Properties();
                    properties.load(content);
                    names.addAll(
                            List.of(properties.getProperty("components", "").split("\\s+")));
                }
            }
        } catch (IOException e) {
            names.clear();
        }
        names.remove("");
        return names;
    }

    /** A trigger's own words for when it runs. */
    private static String schedule(String from) {
        Map<String, Object> options;
        try {
            options = URISupport.parseQuery(URISupport.extractQuery(from), false, true);
        } catch (java.net.URISyntaxException e) {
            return "";
        }
        Object cron = options.get("cron");
        if (cron != null) {
            return "cron " + String.valueOf(cron).replace('+', ' ');
        }
        String scheme = from.substring(0, Math.max(0, from.indexOf(':')));
        return switch (scheme) {
            case "timer" -> "every " + time(options.getOrDefault("period", "1000"));
            case "scheduler", "file", "quartz" ->
                "every " + time(options.getOrDefault("delay", options.getOrDefault("trigger.repeatInterval", "500")));
            default -> "";
        };
    }

    /** A bare number is milliseconds, and read as people say it. */
    private static String time(Object option) {
        String text = String.valueOf(option);
        return ForeignText.isNumber(text, 12) ? Durations.shown(Duration.ofMillis(Long.parseLong(text))) : text;
    }

    /** What an endpoint says of its options, in few words and without their values: one may be a password. */
    private static String badOptions(String address, Exception failure) {
        String words = rootMessage(failure);
        int unknown = words.indexOf("Unknown parameters=[{");
        if (unknown < 0) {
            return oneLine(words.replaceFirst("(?s)^Failed to resolve endpoint: .* due to: ", ""));
        }
        Set<String> options = new TreeSet<>();
        Matcher names = Pattern.compile("[?&]([^=&]+)=").matcher(address);
        while (names.find()) {
            if (words.indexOf(names.group(1) + "=", unknown) >= 0) {
                options.add(names.group(1));
            }
        }
        return "it has options that are not known there: " + String.join(", ", options) + ".";
    }

    private static String withoutOptions(String address) {
        int query = address.indexOf('?');
        return query < 0 ? address : address.substring(0, query);
    }

    private static String shown(String address) {
        return withoutOptions(URISupport.sanitizeUri(address));
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    private static String oneLine(String text) {
        return ForeignText.joined(text, 400);
    }

    /** The properties of another context, functions not included: those every context has. */
    private record PropertiesOf(CamelContext context)
            implements PropertiesSource, org.apache.camel.spi.LoadablePropertiesSource {
        @Override
        public String getName() {
            return "the worker's properties";
        }

        @Override
        public @Nullable String getProperty(String name) {
            return context.getPropertiesComponent().resolveProperty(name).orElse(null);
        }

        @Override
        public Properties loadProperties() {
            return context.getPropertiesComponent().loadProperties();
        }

        @Override
        public Properties loadProperties(java.util.function.Predicate<String> filter) {
            return context.getPropertiesComponent().loadProperties(filter);
        }

        @Override
        public void reloadProperties(String location) {}
    }
}
