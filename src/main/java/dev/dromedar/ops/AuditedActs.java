package dev.dromedar.ops;

import dev.dromedar.audit.Audit;
import dev.dromedar.oauth.ForeignText;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.MBeanException;
import javax.management.ReflectionException;
import org.jspecify.annotations.Nullable;

/**
 * Records what is done to one bean by JMX: every operation but those whose names say that they show. JMX does not say who acts;
 * it is the worker's user on this machine unless the site has opened a port.
 */
final class AuditedActs {
    private static final String USER = "jmx";
    private static final Set<String> SHOWING = Set.of(
            "get",
            "is",
            "has",
            "dump",
            "list",
            "show",
            "browse",
            "count",
            "explain",
            "find",
            "query",
            "statistics",
            "check");

    private final @Nullable Audit audit;
    private final String bean;
    private final boolean ours;

    /** @param type and name of the bean, as in its object name; arguments of others than ours may be a message's content */
    AuditedActs(@Nullable Audit audit, String type, String name) {
        this.audit = audit;
        this.bean = type + " " + name;
        this.ours = type.equals("dromedar");
    }

    interface Act {
        Object run() throws MBeanException, ReflectionException;
    }

    Object recorded(String operation, Object @Nullable [] parameters, Act act)
            throws MBeanException, ReflectionException {
        if (audit == null || shows(operation)) {
            return act.run();
        }
        begin(operation, parameters);
        String outcome = "failed";
        try {
            Object result = act.run();
            outcome = result instanceof Boolean ? result.toString() : "done";
            return result;
        } finally {
            audit.acted(USER, "jmx " + operation, on(parameters), outcome);
        }
    }

    /** @throws MBeanException if it cannot be recorded, and so may not be done */
    void begin(String operation, Object @Nullable [] parameters) throws MBeanException {
        if (audit != null && !audit.acted(USER, "jmx " + operation, on(parameters), null)) {
            throw new MBeanException(new IllegalStateException(
                    "Refused: the audit record could not be written (" + audit.fault() + ")"));
        }
    }

    /** The bean, and the ids that it was given. */
    private String on(Object @Nullable [] parameters) {
        String arguments = parameters == null || parameters.length == 0
                ? ""
                : Arrays.stream(parameters).map(this::shown).collect(Collectors.joining(", ", " (", ")"));
        return bean + arguments;
    }

    private String shown(@Nullable Object argument) {
        return ours && argument instanceof String text && ForeignText.isName(text, 60) ? text : "...";
    }

    private static boolean shows(String operation) {
        int end = 0;
        while (end < operation.length() && Character.isLowerCase(operation.charAt(end))) {
            end++;
        }
        return SHOWING.contains(operation.substring(0, end).toLowerCase(Locale.ROOT));
    }
}
