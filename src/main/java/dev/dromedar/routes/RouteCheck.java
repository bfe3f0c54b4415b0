package dev.dromedar.routes;

import dev.dromedar.camel.ApiComponent;
import dev.dromedar.camel.CallEndpoint;
import dev.dromedar.camel.DynamicSteps;
import dev.dromedar.camel.GuardedSimple;
import dev.dromedar.camel.Places;
import dev.dromedar.letters.StoreComponent;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.settings.Nearest;
import dev.dromedar.settings.SecretRefused;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.LineNumberAware;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteDefinitionHelper;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.support.EndpointHelper;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.DuplicateKeyException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads route files and reports every fault of all of them, each with its file and line, before anything runs them: at start,
 * before a reload, and for the command {@code routes}. The files are loaded into a context of their own that is never
 * started: no endpoint is opened and no trigger is scheduled. An instance is used once, by one thread.
 */
public final class RouteCheck implements AutoCloseable {
    private static final String DIRECT = "direct:";

    /** A step that sends to a route of the files. */
    private record Direct(Resource file, LineNumberAware step, String name) {}

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^{}]+)}}");
    private static final Pattern BARE_BRACES = Pattern.compile("^[^\"'#]*[:\\-,\\[{] *\\{\\{");
    private static final String NO_ROUTE = "holds no route. Its outermost element must be ";
    private static final String YAML_ROUTES = "a route, or a list of them, each with '- ' before it.";
    private static final String XML_ROUTES = "routes, route or another of Camel's XML DSL, such as <routes><route>...";

    private final Set<String> apis;
    private final CheckContext context;
    private final DefaultCamelContext camel;
    private final StepChecks steps;
    private final ApiCalls calls;
    private final List<RouteFiles.Route> routes = new ArrayList<>();
    private final Set<RouteFiles.Fault> faults = new LinkedHashSet<>();
    private final Set<RouteFiles.Fault> warnings = new LinkedHashSet<>();
    private final TakenPlaces taken = new TakenPlaces();

    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Direct> direct = new ArrayList<>();
    private final Map<Resource, List<String>> lines = new HashMap<>();

    /** What one file has defined. */
    private static final class Loaded {
        private final List<RoutesBuilder> builders = new ArrayList<>();
        private final List<RouteConfigurationDefinition> configurations = new ArrayList<>();
        private final List<RouteDefinition> routes = new ArrayList<>();
        private final List<RouteTemplateDefinition> templates = new ArrayList<>();
    }

    /** One step of loading a file. */
    private interface Load {
        void run() throws Exception;
    }

    /**
     * Tries all files together, since one may use what another defines. Thread-safe.
     *
     * @param context whose properties, beans and components the routes are to use; it is not changed
     * @param apis names that {@code process: {ref: ...}} may use besides the context's beans
     */
    public static RouteFiles.Report check(CamelContext context, Collection<String> apis, Collection<Resource> files) {
        return check(context, apis, files, List.of());
    }

    /**
     * As {@link #check(CamelContext, Collection, Collection)}, beside routes that run and stay. A step that sends to one of them
     * is warned of.
     */
    static RouteFiles.Report check(
            CamelContext context,
            Collection<String> apis,
            Collection<Resource> files,
            Collection<TakenPlaces.Running> running) {
        try (var check = new RouteCheck(context, apis)) {
            running.forEach(check.taken::know);
            return check.all(files);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RouteCheck(CamelContext context, Collection<String> apis) {
        this.apis = new TreeSet<>(apis);
        this.context = new CheckContext(context, this.apis);
        this.camel = this.context.camel();
        this.steps = new StepChecks(this.context, this.apis);
        this.calls = new ApiCalls(this.context, this.apis);
    }

    private RouteFiles.Report all(Collection<Resource> files) throws IOException {
        Map<Resource, Loaded> loaded = new LinkedHashMap<>();
        files.forEach(file -> loaded.put(file, new Loaded()));
        loaded.forEach(this::read);
        // As Camel does: configurations of all files first, and routes of templates last
        loaded.forEach((file, content) -> content.builders.forEach(builder -> {
            if (builder instanceof RouteConfigurationsBuilder configurations) {
                tried(file, content, () -> camel.addRoutesConfigurations(configurations));
            }
        }));
        loaded.forEach((file, content) ->
                content.builders.forEach(builder -> tried(file, content, () -> camel.addRoutes(builder))));
        loaded.forEach((file, content) ->
                content.builders.forEach(builder -> tried(file, content, () -> camel.addTemplatedRoutes(builder))));
        Set<String> parameters = new HashSet<>();
        camel.getRouteTemplateDefinitions().forEach(template -> template.getTemplateParameters()
                .forEach(parameter -> parameters.add(parameter.getName())));
        for (Resource file : loaded.keySet()) {
            checkText(file, parameters);
        }
        loaded.forEach((file, content) -> {
            content.configurations.forEach(configuration -> checkConfiguration(file, configuration));
            content.templates.forEach(template -> checkTemplate(file, template.getRoute()));
            content.routes.forEach(route -> checkRoute(file, route));
        });
        checkDirect();
        return new RouteFiles.Report(routes, sorted(faults), sorted(warnings));
    }

    /** A route that is sent to and is not there. It may come from an application around this worker: a warning. */
    private void checkDirect() {
        Set<String> there = new TreeSet<>();
        routes.stream()
                .map(RouteFiles.Route::from)
                .filter(from -> from.startsWith(DIRECT))
                .forEach(from -> there.add(name(from)));
        for (Direct call : direct) {
            if (!there.contains(call.name())) {
                String nearest = Nearest.to(call.name(), there);
                warn(
                        call.file(),
                        call.step(),
                        "no route takes from '" + DIRECT + shown(call.name()) + "': messages to it fail. "
                                + (nearest == null
                                        ? "Add the route, or correct the name."
                                        : "Did you mean '" + DIRECT + nearest + "'?"));
            }
        }
    }

    private static String name(String address) {
        return withoutOptions(address).substring(DIRECT.length()).replaceFirst("^//", "");
    }

    private static List<RouteFiles.Fault> sorted(Set<RouteFiles.Fault> found) {
        List<RouteFiles.Fault> sorted = new ArrayList<>(found);
        sorted.sort(Comparator.comparing(RouteFiles.Fault::file).thenComparing(RouteFiles.Fault::line));
        return sorted;
    }

    private void read(Resource file, Loaded content) {
        tried(file, content, () -> {
            for (RoutesBuilder builder : PluginHelper.getRoutesLoader(camel).findRoutesBuilders(file)) {
                if (builder instanceof RouteBuilder routeBuilder) {
                    routeBuilder.setCamelContext(camel);
                }
                content.builders.add(builder);
            }
            if (isYaml(file)) {
                checkKeys(file);
            }
            if (content.builders.isEmpty() || !isOfRoutes(file)) {
                content.builders.clear();
                fault(file, 0, 0, NO_ROUTE + (isYaml(file) ? YAML_ROUTES : XML_ROUTES));
            }
        });
    }

    /** Camel takes the last of several keys of one name, and drops the others. */
    private void checkKeys(Resource file) throws IOException {
        try {
            new org.snakeyaml.engine.v2.api.Load(
                            LoadSettings.builder().setAllowDuplicateKeys(false).build())
                    .loadFromString(text(file));
        } catch (DuplicateKeyException e) {
            var twice = CamelTexts.unreadable(e);
            fault(file, twice.line(), twice.column(), twice.words());
        } catch (YamlEngineException e) {
            return; // Camel reads it all the same
        }
    }

    /** Camel takes a YAML file that is no list, and an XML file with whatever element, and finds nothing in it. */
    private boolean isOfRoutes(Resource file) throws IOException {
        String text = ForeignText.withoutComments(text(file));
        return isYaml(file)
                ? text.contains("kind:")
                        || Pattern.compile("(?m)^\\s*-[ \\n]|^\\[")
                                .matcher(text)
                                .find()
                : Pattern.compile(
                                "<(\\w+:)?(routes?|routeConfigurations?|routeTemplates?|templatedRoutes?|rests?|beans|blueprint"
                                        + "|camel)[\\s>/]")
                        .matcher(text)
                        .find();
    }

    private static boolean isYaml(Resource file) {
        return file.getLocation().endsWith(".yaml") || file.getLocation().endsWith(".yml");
    }

    /** Runs one step of loading, and notes what it has added for its file. */
    private void tried(Resource file, Loaded content, Load load) {
        try {
            load.run();
        } catch (Exception | LinkageError e) {
            var unreadable = CamelTexts.unreadable(e);
            int line =
                    unreadable.line() == 0 && unreadable.words().contains("{{") ? openBraces(file) : unreadable.line();
            fault(file, line, line == unreadable.line() ? unreadable.column() : column(file, line), unreadable.words());
            note(new Loaded()); // what it added before it failed
            return;
        }
        note(content);
    }

    private void note(Loaded content) {
        addNew(content.routes, camel.getRouteDefinitions());
        addNew(content.templates, camel.getRouteTemplateDefinitions());
        addNew(content.configurations, camel.getRouteConfigurationDefinitions());
    }

    /** Camel adds behind the others. */
    private <T> void addNew(List<T> found, List<T> all) {
        int from = all.size();
        while (from > 0 && seen.add(all.get(from - 1))) {
            from--;
        }
        found.addAll(all.subList(from, all.size()));
    }

    /** The first line with a value that begins with braces and has no quotes, which YAML takes for a map; 0 without one. */
    private int openBraces(Resource file) {
        List<String> all = lines(file);
        for (int i = 0; i < all.size(); i++) {
            if (BARE_BRACES.matcher(all.get(i)).find()) {
                return i + 1;
            }
        }
        return 0;
    }

    /** Looks at the text, so that each unresolved placeholder has its line, wherever in the file it stands. */
    private void checkText(Resource file, Set<String> parameters) throws IOException {
        String text = ForeignText.withoutComments(text(file));
        Matcher placeholders = PLACEHOLDER.matcher(text);
        while (placeholders.find()) {
            String name = placeholders.group(1);
            if (parameters.contains(
                    name.replaceFirst("^[?!]+", "").replaceFirst(":.*", "").strip())) {
                continue;
            }
            try {
                camel.resolvePropertyPlaceholders(placeholders.group());
            } catch (RuntimeException e) {
                faultAt(file, text, placeholders.start(), unresolved(name, e));
            }
        }
        // Camel stops at the first expression that it refuses
        ApiComponent.Hyphen hyphen = file.getLocation().endsWith(".xml") ? null : ApiComponent.hyphen(text);
        if (hyphen != null) {
            faultAt(file, text, hyphen.at(), hyphen.fault());
        }
        Matcher functions = GuardedSimple.FUNCTION.matcher(text);
        while (functions.find()) {
            try {
                GuardedSimple.check(context.guard(), functions);
            } catch (SecretRefused e) {
                faultAt(file, text, functions.start(), String.valueOf(e.getMessage()));
            }
        }
    }

    private String unresolved(String name, RuntimeException e) {
        SecretRefused refused = SecretRefused.in(e);
        if (refused != null) {
            return String.valueOf(refused.getMessage());
        }
        if (name.contains(":")) {
            return "the placeholder {{" + name + "}} cannot be resolved: "
                    + CamelTexts.sentence(CamelTexts.rootMessage(e));
        }
        String nearest =
                Nearest.to(name, camel.getPropertiesComponent().loadProperties().stringPropertyNames());
        return "there is no property '" + name + "'. "
                + (nearest == null
                        ? "Add it to application.properties, or correct the name."
                        : "Did you mean '" + nearest + "'?");
    }

    private void checkConfiguration(Resource file, RouteConfigurationDefinition configuration) {
        List<ProcessorDefinition<?>> outputs = new ArrayList<>();
        outputs.addAll(configuration.getOnExceptions());
        outputs.addAll(configuration.getOnCompletions());
        outputs.addAll(configuration.getIntercepts());
        outputs.addAll(configuration.getInterceptFroms());
        outputs.addAll(configuration.getInterceptSendTos());
        checkSteps(file, outputs);
    }

    /** The steps of a template cannot be built before its parameters are known. */
    private void checkTemplate(Resource file, RouteDefinition route) {
        for (ProcessorDefinition<?> step : all(route.getOutputs())) {
            String fault = DynamicSteps.fault(camel, step);
            if (fault != null) {
                fault(file, step, fault);
            }
        }
    }

    private void checkRoute(Resource file, RouteDefinition route) {
        LineNumberAware place = route.getLineNumber() > 0 ? route : route.getInput();
        String id = route.hasCustomIdAssigned() && route.getId() != null ? context.resolved(route.getId()) : null;
        String at = Places.name(file) + ":" + Places.line(file, place);
        String other = id == null ? null : taken.id(id, at);
        if (other != null) {
            fault(file, place, "the route id '" + id + "' is taken by " + other + ". Give each its own.");
        }
        int before = faults.size();
        String from = checkAddress(
                file, route.getInput(), String.valueOf(route.getInput().getEndpointUri()), true);
        if (from != null && TakenPlaces.isForOne(route, camel.getEndpoint(from))) {
            checkConsumer(file, route, from, at);
        }
        Set<String> used = checkSteps(file, route.getOutputs());
        if (route.getOutputs().isEmpty()) {
            fault(file, place, "the route does nothing: it has no steps.");
        }
        calls.check(route, (step, fault) -> fault(file, step, fault), (step, warning) -> warn(file, step, warning));
        if (faults.size() == before) {
            build(file, route);
        }
        routes.add(new RouteFiles.Route(
                id == null ? String.valueOf(route.getId()) : id,
                route.getDescriptionText() == null ? "" : context.resolved(route.getDescriptionText()),
                Places.name(file),
                Math.max(0, Places.line(file, place)),
                List.copyOf(used),
                withoutOptions(
                        from == null || Boolean.TRUE.equals(route.isTemplate())
                                ? String.valueOf(route.getInput().getEndpointUri())
                                : from),
                from == null ? "" : Schedules.of(from)));
    }

    /** Two routes that take from one place, where only one can. */
    private void checkConsumer(Resource file, RouteDefinition route, String from, String at) {
        String other = taken.consumer(camel.getEndpoint(from), at);
        if (other != null) {
            fault(
                    file,
                    route.getInput(),
                    "the route at " + other + " takes from '" + shown(from)
                            + "' too, and only one can. Use another address.");
        }
    }

    /** @return the APIs that the steps name */
    private Set<String> checkSteps(Resource file, List<ProcessorDefinition<?>> outputs) {
        Set<String> used = new LinkedHashSet<>();
        for (ProcessorDefinition<?> step : all(outputs)) {
            String api = steps.api(step);
            if (api != null) {
                used.add(api);
            }
            steps.faults(step, (at, failure) -> isReported(file, failure))
                    .forEach((at, words) -> words.forEach(word -> fault(file, at, word)));
            if (step instanceof ToDynamicDefinition dynamic && dynamic.getUri() != null) {
                String scheme = checkScheme(file, step, dynamic.getUri());
                if (StoreComponent.SCHEME.equals(scheme) && !dynamic.getUri().contains("$")) {
                    checkAddress(file, step, dynamic.getUri(), false);
                }
            } else if (step instanceof EndpointRequiredDefinition sends && sends.getEndpointUri() != null) {
                String address = checkAddress(file, step, sends.getEndpointUri(), false);
                if (address != null && camel.hasEndpoint(address) instanceof CallEndpoint call) {
                    used.add(call.getName());
                } else if (address != null && address.startsWith(DIRECT)) {
                    direct.add(new Direct(file, step, name(address)));
                }
            }
        }
        return used;
    }

    @SuppressWarnings({"rawtypes", "unchecked"})
    private static Collection<ProcessorDefinition<?>> all(List<ProcessorDefinition<?>> outputs) {
        return (Collection) ProcessorDefinitionHelper.filterTypeInOutputs(outputs, ProcessorDefinition.class);
    }

    /** @return the resolved address, or null if it is faulty */
    private @Nullable String checkAddress(Resource file, LineNumberAware step, String address, boolean from) {
        String scheme = checkScheme(file, step, address);
        if (scheme == null) {
            return null;
        }
        try {
            // Camel leaves out an option whose placeholder is optional and not set: {{?name}}
            String resolved = EndpointHelper.resolveEndpointUriPropertyPlaceholders(camel, address);
            Endpoint endpoint = camel.getEndpoint(resolved);
            String fault = wrongWay(endpoint, scheme, from);
            if (fault == null && from && context.has("quartz")) {
                fault = QuartzSchedule.fault(camel, endpoint);
            }
            if (fault != null) {
                fault(file, step, fault);
                return null;
            }
            return resolved;
        } catch (Exception | LinkageError e) {
            fault(
                    file,
                    step,
                    "the address '" + shown(address) + "' is not valid: " + CamelTexts.badAddress(address, e));
            return null;
        }
    }

    /** A component that only calls, such as http, in 'from'; or one that only triggers, such as timer, in a step. */
    private static @Nullable String wrongWay(Endpoint endpoint, String scheme, boolean from) {
        for (Class<?> type = endpoint.getClass(); type != null; type = type.getSuperclass()) {
            UriEndpoint described = type.getAnnotation(UriEndpoint.class);
            if (described != null) {
                return from && described.producerOnly()
                        ? "a route cannot begin with '" + scheme
                                + ":', which only sends. Begin with a trigger such as timer or"
                                + " quartz, and call the address in a step 'to'."
                        : !from && described.consumerOnly()
                                ? "a step cannot send to '" + scheme + ":', which only starts routes. Use it in 'from'."
                                : null;
            }
        }
        return null;
    }

    /** @return the component's name, or null if there is none; a fault that is reported elsewhere is not reported again */
    private @Nullable String checkScheme(Resource file, LineNumberAware step, String address) {
        String resolved;
        try {
            resolved = camel.resolvePropertyPlaceholders(address);
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
        try {
            if (context.has(scheme)) {
                return scheme;
            }
        } catch (RuntimeException | LinkageError e) {
            fault(file, step, "the component '" + scheme + "' cannot be made: " + CamelTexts.badAddress(address, e));
            return null;
        }
        fault(
                file,
                step,
                "there is no component '" + scheme + "' for the address '" + shown(address) + "'. "
                        + CamelTexts.addComponent(scheme, CheckContext.components()));
        return null;
    }

    /** Builds the route as Camel would, for all that the looks above do not know: beans, options, what steps need. */
    private void build(Resource file, RouteDefinition route) {
        try {
            if (!route.isPrepared()) {
                RouteDefinitionHelper.prepareRoute(camel, route);
                route.markPrepared();
            }
            camel.getModelReifierFactory().createRoute(camel, route);
        } catch (Exception | LinkageError e) {
            if (CamelTexts.isUnresolved(e) || isReported(file, e)) {
                return; // reported by its placeholder
            }
            String at = CamelTexts.stepOf(e);
            LineNumberAware where = route.getLineNumber() > 0 ? route : route.getInput();
            for (ProcessorDefinition<?> candidate : all(route.getOutputs())) {
                where = candidate.toString().equals(at) ? candidate : where;
            }
            fault(file, where, "the route cannot be built: " + CamelTexts.unbuildable(e));
        }
    }

    private boolean isReported(Resource file, Throwable failure) {
        SecretRefused refused = SecretRefused.in(failure);
        return refused != null
                && faults.stream()
                        .anyMatch(fault -> fault.file().equals(Places.name(file))
                                && fault.what().contains(String.valueOf(refused.getMessage())));
    }

    private void fault(Resource file, LineNumberAware step, String what) {
        int line = Places.line(file, step);
        fault(file, line, column(file, line), what);
    }

    private void faultAt(Resource file, String text, int position, String what) {
        int line = 1
                + (int) text.substring(0, position)
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
        fault(file, line, position - text.lastIndexOf('\n', position - 1), what);
    }

    private void fault(Resource file, int line, int column, String what) {
        faults.add(new RouteFiles.Fault(Places.name(file), Math.max(0, line), Math.max(0, column), what));
    }

    private void warn(Resource file, LineNumberAware step, String what) {
        int line = Places.line(file, step);
        warnings.add(new RouteFiles.Fault(Places.name(file), Math.max(0, line), column(file, line), what));
    }

    /** Where a line's text begins. */
    private int column(Resource file, int line) {
        List<String> all = lines(file);
        if (line < 1 || line > all.size()) {
            return 0;
        }
        String text = all.get(line - 1);
        int column = 0;
        while (column < text.length() && " -".indexOf(text.charAt(column)) >= 0) {
            column++;
        }
        return column + 1;
    }

    private List<String> lines(Resource file) {
        return lines.computeIfAbsent(file, read -> {
            try {
                return text(file).lines().toList();
            } catch (IOException e) {
                return List.of();
            }
        });
    }

    private static String text(Resource file) throws IOException {
        try (InputStream content = file.getInputStream()) {
            return new String(content.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String withoutOptions(String address) {
        int query = address.indexOf('?');
        return query < 0 ? address : address.substring(0, query);
    }

    private static String shown(String address) {
        return withoutOptions(URISupport.sanitizeUri(address));
    }

    @Override
    public void close() throws IOException {
        context.close();
    }
}
