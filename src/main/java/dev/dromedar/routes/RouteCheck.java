package dev.dromedar.routes;

import dev.dromedar.camel.CallEndpoint;
import dev.dromedar.camel.Places;
import dev.dromedar.camel.StepAddress;
import dev.dromedar.letters.StoreComponent;
import dev.dromedar.settings.Nearest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.LineNumberAware;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteDefinitionHelper;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.spi.Resource;

/**
 * Reads route files and reports every fault of all of them, each with its file and line, before anything runs them: at start,
 * before a reload, and for the command {@code routes}. The files are loaded into a context of their own that is never
 * started: no endpoint is opened and no trigger is scheduled. An instance is used once, by one thread.
 */
public final class RouteCheck implements AutoCloseable {
    private static final String DIRECT = "direct:";

    /** A step that sends to a route of the files. */
    private record Direct(Resource file, LineNumberAware step, String name) {}

    private final CheckContext context;
    private final DefaultCamelContext camel;
    private final StepChecks steps;
    private final ApiCalls calls;
    private final RouteFaults faults = new RouteFaults();
    private final AddressChecks addresses;
    private final List<RouteFiles.Route> routes = new ArrayList<>();
    private final TakenPlaces taken = new TakenPlaces();

    private final List<Direct> direct = new ArrayList<>();

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
        try (var check = new RouteCheck(context, new TreeSet<>(apis))) {
            running.forEach(check.taken::know);
            return check.all(files);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RouteCheck(CamelContext context, Set<String> apis) {
        this.context = new CheckContext(context, apis);
        this.camel = this.context.camel();
        this.steps = new StepChecks(this.context, apis);
        this.calls = new ApiCalls(this.context, apis);
        this.addresses = new AddressChecks(this.context, faults);
    }

    private RouteFiles.Report all(Collection<Resource> files) throws IOException {
        List<LoadedFile> loaded = LoadedFile.all(files, camel, faults);
        var texts = new TextChecks(context, faults);
        for (Resource file : files) {
            texts.check(file);
        }
        for (LoadedFile one : loaded) {
            one.configurations().forEach(configuration -> checkConfiguration(one.file(), configuration));
            one.templates().forEach(template -> checkTemplate(one.file(), template.getRoute()));
            one.routes().forEach(route -> checkRoute(one.file(), route));
        }
        checkDirect();
        return faults.report(routes);
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
                faults.warn(
                        call.file(),
                        call.step(),
                        "no route takes from '" + DIRECT + AddressChecks.shown(call.name()) + "': messages to it fail. "
                                + (nearest == null
                                        ? "Add the route, or correct the name."
                                        : "Did you mean '" + DIRECT + nearest + "'?"));
            }
        }
    }

    private static String name(String address) {
        return AddressChecks.withoutOptions(address).substring(DIRECT.length()).replaceFirst("^//", "");
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
            String fault = StepAddress.fault(camel, step);
            if (fault != null) {
                faults.add(file, step, fault);
            }
        }
    }

    private void checkRoute(Resource file, RouteDefinition route) {
        LineNumberAware place = route.getLineNumber() > 0 ? route : route.getInput();
        String id = route.hasCustomIdAssigned() && route.getId() != null ? context.resolved(route.getId()) : null;
        String at = Places.name(file) + ":" + Places.line(file, place);
        String other = id == null ? null : taken.id(id, at);
        if (other != null) {
            faults.add(file, place, "the route id '" + id + "' is taken by " + other + ". Give each its own.");
        }
        int before = faults.count();
        String written = String.valueOf(route.getInput().getEndpointUri());
        String from = addresses.check(file, route.getInput(), written, true);
        if (from != null && TakenPlaces.isForOne(route, camel.getEndpoint(from))) {
            checkConsumer(file, route, from, at);
        }
        Set<String> used = checkSteps(file, route.getOutputs());
        if (route.getOutputs().isEmpty()) {
            faults.add(file, place, "the route does nothing: it has no steps.");
        }
        calls.check(
                route, (step, fault) -> faults.add(file, step, fault), (step, words) -> faults.warn(file, step, words));
        if (faults.count() == before) {
            build(file, route);
        }
        routes.add(new RouteFiles.Route(
                id == null ? String.valueOf(route.getId()) : id,
                route.getDescriptionText() == null ? "" : context.resolved(route.getDescriptionText()),
                Places.name(file),
                Math.max(0, Places.line(file, place)),
                List.copyOf(used),
                AddressChecks.withoutOptions(from == null || Boolean.TRUE.equals(route.isTemplate()) ? written : from),
                from == null ? "" : Schedules.of(from)));
    }

    /** Two routes that take from one place, where only one can. */
    private void checkConsumer(Resource file, RouteDefinition route, String from, String at) {
        String other = taken.consumer(camel.getEndpoint(from), at);
        if (other != null) {
            faults.add(
                    file,
                    route.getInput(),
                    "the route at " + other + " takes from '" + AddressChecks.shown(from)
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
            steps.faults(step, (at, failure) -> faults.hasRefusal(file, failure))
                    .forEach((at, words) -> words.forEach(word -> faults.add(file, at, word)));
            if (step instanceof ToDynamicDefinition dynamic && dynamic.getUri() != null) {
                String scheme = addresses.checkScheme(file, step, dynamic.getUri());
                if (StoreComponent.SCHEME.equals(scheme) && !dynamic.getUri().contains("$")) {
                    addresses.check(file, step, dynamic.getUri(), false);
                }
            } else if (step instanceof EndpointRequiredDefinition sends && sends.getEndpointUri() != null) {
                String address = addresses.check(file, step, sends.getEndpointUri(), false);
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

    /** Builds the route as Camel would, for all that the looks above do not know: beans, options, what steps need. */
    private void build(Resource file, RouteDefinition route) {
        try {
            if (!route.isPrepared()) {
                RouteDefinitionHelper.prepareRoute(camel, route);
                route.markPrepared();
            }
            camel.getModelReifierFactory().createRoute(camel, route);
        } catch (Exception | LinkageError e) {
            if (CamelTexts.isUnresolved(e) || faults.hasRefusal(file, e)) {
                return; // reported by its placeholder
            }
            String at = CamelTexts.stepOf(e);
            LineNumberAware where = route.getLineNumber() > 0 ? route : route.getInput();
            for (ProcessorDefinition<?> candidate : all(route.getOutputs())) {
                where = candidate.toString().equals(at) ? candidate : where;
            }
            faults.add(file, where, "the route cannot be built: " + CamelTexts.unbuildable(e));
        }
    }

    @Override
    public void close() throws IOException {
        context.close();
    }
}
