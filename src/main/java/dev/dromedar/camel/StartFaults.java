package dev.dromedar.camel;

import dev.dromedar.oauth.InvalidSettings;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.NoSuchBeanException;
import org.apache.camel.Processor;
import org.apache.camel.PropertyBindingException;

/** Why a worker does not start, in words instead of a stack trace. Pure functions. */
public final class StartFaults {
    private StartFaults() {}

    /** All faults, one a line, under a line that says how many. */
    public static String explain(Throwable failure) {
        List<String> faults = faults(failure);
        return System.lineSeparator() + "The worker does not start: "
                + (faults.size() == 1 ? "one fault." : faults.size() + " faults.")
                + System.lineSeparator()
                + String.join(
                        System.lineSeparator(),
                        faults.stream().map(fault -> "  " + fault).toList());
    }

    private static List<String> faults(Throwable failure) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable cause = failure; cause != null && !chain.contains(cause); cause = cause.getCause()) {
            chain.add(cause);
        }
        String where = "";
        for (Throwable cause : chain) {
            if (cause instanceof InvalidSettings settings) {
                return settings.faults();
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
                        String.valueOf(binding.getOptionPrefix()).replaceAll("\\.$", "") + '.' + binding.getOptionKey()
                                + ": Camel does not take this key with the value it has. Correct it, or remove it.");
            }
            if (cause instanceof NoSuchFileException file && "routes".equals(file.getFile())) {
                return List.of("There is no folder routes/ in " + Path.of("").toAbsolutePath()
                        + ". Start the worker in the folder that has it and application.properties.");
            }
        }
        return List.of(where + line(chain.get(chain.size() - 1)));
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
