package dev.dromedar.routes;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.camel.Apis;
import dev.dromedar.letters.StoreFailure;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.settings.Nearest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.NoSuchBeanException;
import org.apache.camel.Processor;
import org.apache.camel.PropertyBindingException;
import org.jspecify.annotations.Nullable;

/** Why a worker does not start, in words instead of a stack trace. */
public final class StartFaults {
    private StartFaults() {}

    /**
     * All faults, one a line, under a line that says how many. Camel stops at the first fault of a route; here all route
     * files are looked through, and that only when something is wrong, because a start should not do it twice.
     *
     * @param context as far as it came, or null
     * @param patterns which route files there are
     */
    public static String explain(Throwable failure, @Nullable CamelContext context, @Nullable String patterns) {
        Set<String> faults = new LinkedHashSet<>();
        boolean settings = isOfSettings(failure);
        if (settings) {
            faults.addAll(reasons(failure));
        }
        if (context != null && patterns != null) {
            faults.addAll(ofRoutes(context, patterns));
        }
        if (faults.isEmpty()) {
            faults.addAll(reasons(failure));
        }
        return System.lineSeparator() + "Startup failed with "
                + (faults.size() == 1 ? "one error:" : faults.size() + " errors:")
                + System.lineSeparator()
                + String.join(
                        System.lineSeparator(),
                        faults.stream().map(fault -> "  " + fault).toList());
    }

    private static boolean isOfSettings(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof InvalidSettings) {
                return true;
            }
        }
        return false;
    }

    private static List<String> ofRoutes(CamelContext context, String patterns) {
        try {
            return RouteCheck.check(context, Apis.namesIn(context), RouteFiles.find(context, patterns))
                    .faults()
                    .stream()
                    .map(RouteFiles.Fault::toString)
                    .toList();
        } catch (RuntimeException e) {
            return List.of(); // the first failure is reported as it is
        }
    }

    /** Why a start failed, a sentence for each fault; those of settings begin with their key. */
    public static List<String> reasons(Throwable failure) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable cause = failure; cause != null && !chain.contains(cause); cause = cause.getCause()) {
            chain.add(cause);
        }
        String where = "";
        for (Throwable cause : chain) {
            if (cause instanceof InvalidSettings settings) {
                return settings.faults();
            }
            if (cause instanceof LinkageError) {
                return List.of(where + CamelTexts.missingClass(cause));
            }
            if (cause instanceof StoreFailure) {
                return List.of(where + line(cause));
            }
            if (cause instanceof FailedToCreateRouteException route) {
                where = place(route);
            }
            if (cause instanceof NoSuchBeanException bean
                    && Processor.class.getName().equals(typeOf(bean))) {
                return List.of(where + "it names the API '" + bean.getName() + "', which is not configured. Add"
                        + " dromedar.api." + bean.getName() + ".* to application.properties, or correct the name.");
            }
            if (cause instanceof PropertyBindingException binding && binding.getOptionKey() != null) {
                return List.of(
                        ofCamelKey(String.valueOf(binding.getOptionPrefix()).replaceAll("\\.$", "")
                                + '.'
                                + binding.getOptionKey()));
            }
            if (cause instanceof NoSuchFileException file
                    && Path.of(String.valueOf(file.getFile())).endsWith("routes")) {
                return List.of("There is no folder routes/ in " + Path.of("").toAbsolutePath()
                        + ". Start the worker in the folder that has it and application.properties.");
            }
        }
        return List.of(where + line(chain.get(chain.size() - 1)));
    }

    private static String ofCamelKey(String key) {
        Set<String> known = new TreeSet<>();
        try (InputStream names =
                StartFaults.class.getResourceAsStream("/META-INF/camel-main-configuration-metadata.json")) {
            if (names != null) {
                new ObjectMapper()
                        .readTree(names)
                        .path("properties")
                        .forEach(property -> known.add(property.path("name").asText()));
            }
        } catch (IOException e) {
            known.clear(); // a suggestion is all that is lost
        }
        String nearest = known.contains(key) ? null : Nearest.to(key, known);
        return nearest == null
                ? key + ": Camel does not take this key with the value it has. Correct it, or remove it."
                : key + ": unknown key. Did you mean " + nearest + "?";
    }

    private static String place(FailedToCreateRouteException route) {
        return (route.getLocation() == null ? "" : route.getLocation() + ": ") + "route '" + route.getRouteId() + "': ";
    }

    private static String typeOf(NoSuchBeanException bean) {
        String message = String.valueOf(bean.getMessage());
        return message.substring(message.lastIndexOf(' ') + 1);
    }

    private static String line(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getName() : message.strip();
    }
}
