package dev.dromedar.routes;

import dev.dromedar.camel.RouteFileText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.DuplicateKeyException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** A route file that is loaded into a context, and what it has defined there. */
final class LoadedFile {
    private static final Pattern BARE_BRACES = Pattern.compile("^[^\"'#]*[:\\-,\\[{] *\\{\\{");
    private static final Pattern YAML_LIST = Pattern.compile("(?m)^\\s*-[ \\n]|^\\[");
    private static final Pattern XML_ROUTES = Pattern.compile(
            "<(\\w+:)?(routes?|routeConfigurations?|routeTemplates?|templatedRoutes?|rests?|beans|blueprint|camel)[\\s>/]");

    private final Resource file;
    private final DefaultCamelContext camel;
    private final RouteFaults faults;
    private final Set<Object> seen;
    private final List<RoutesBuilder> builders = new ArrayList<>();
    private final List<RouteConfigurationDefinition> configurations = new ArrayList<>();
    private final List<RouteDefinition> routes = new ArrayList<>();
    private final List<RouteTemplateDefinition> templates = new ArrayList<>();

    /** @param seen the definitions that have been found to be of a file */
    private LoadedFile(Resource file, DefaultCamelContext camel, RouteFaults faults, Set<Object> seen) {
        this.file = file;
        this.seen = seen;
        this.camel = camel;
        this.faults = faults;
    }

    /** One step of loading a file. */
    private interface Step {
        void run() throws Exception;
    }

    /** Loads files as Camel does: configurations of all files first, and routes of templates last. */
    static List<LoadedFile> all(Collection<Resource> files, DefaultCamelContext camel, RouteFaults faults) {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<LoadedFile> all = files.stream()
                .map(file -> new LoadedFile(file, camel, faults, seen))
                .toList();
        all.forEach(one -> one.tried(one::read));
        for (LoadedFile one : all) {
            for (RoutesBuilder builder : one.builders) {
                if (builder instanceof RouteConfigurationsBuilder configurations) {
                    one.tried(() -> camel.addRoutesConfigurations(configurations));
                }
            }
        }
        all.forEach(one -> one.builders.forEach(builder -> one.tried(() -> camel.addRoutes(builder))));
        all.forEach(one -> one.builders.forEach(builder -> one.tried(() -> camel.addTemplatedRoutes(builder))));
        return all;
    }

    Resource file() {
        return file;
    }

    List<RouteConfigurationDefinition> configurations() {
        return configurations;
    }

    List<RouteDefinition> routes() {
        return routes;
    }

    List<RouteTemplateDefinition> templates() {
        return templates;
    }

    private void read() throws Exception {
        for (RoutesBuilder builder : PluginHelper.getRoutesLoader(camel).findRoutesBuilders(file)) {
            if (builder instanceof RouteBuilder routeBuilder) {
                routeBuilder.setCamelContext(camel);
            }
            builders.add(builder);
        }
        boolean yaml =
                file.getLocation().endsWith(".yaml") || file.getLocation().endsWith(".yml");
        String text = RouteFileText.of(file);
        if (yaml) {
            checkKeys(text);
        }
        // Camel takes a YAML file that is no list, and an XML file with whatever element, and finds nothing in it
        String content = RouteFileText.withoutComments(text);
        boolean ofRoutes = yaml
                ? content.contains("kind:") || YAML_LIST.matcher(content).find()
                : XML_ROUTES.matcher(content).find();
        if (builders.isEmpty() || !ofRoutes) {
            builders.clear();
            faults.add(
                    file,
                    0,
                    0,
                    "holds no route. Its outermost element must be "
                            + (yaml
                                    ? "a route, or a list of them, each with '- ' before it."
                                    : "routes, route or another of Camel's XML DSL, such as <routes><route>..."));
        }
    }

    /** Camel takes the last of several keys of one name, and drops the others. */
    private void checkKeys(String text) {
        try {
            new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build()).loadFromString(text);
        } catch (DuplicateKeyException e) {
            var twice = CamelTexts.unreadable(e);
            faults.add(file, twice.line(), twice.column(), twice.words());
        } catch (YamlEngineException e) {
            return; // Camel reads it all the same
        }
    }

    /** Runs one step of loading, and notes what it has added. */
    private void tried(Step step) {
        try {
            step.run();
        } catch (Exception | LinkageError e) {
            var unreadable = CamelTexts.unreadable(e);
            int line = unreadable.line() == 0 && unreadable.words().contains("{{") ? openBraces() : unreadable.line();
            int column = line == unreadable.line() ? unreadable.column() : faults.column(file, line);
            faults.add(file, line, column, unreadable.words());
            addNew(new ArrayList<>(), camel.getRouteDefinitions()); // what it added before it failed is no one's
            addNew(new ArrayList<>(), camel.getRouteTemplateDefinitions());
            addNew(new ArrayList<>(), camel.getRouteConfigurationDefinitions());
            return;
        }
        addNew(routes, camel.getRouteDefinitions());
        addNew(templates, camel.getRouteTemplateDefinitions());
        addNew(configurations, camel.getRouteConfigurationDefinitions());
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
    private int openBraces() {
        List<String> all = faults.lines(file);
        for (int i = 0; i < all.size(); i++) {
            if (BARE_BRACES.matcher(all.get(i)).find()) {
                return i + 1;
            }
        }
        return 0;
    }
}
