package dev.dromedar.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.camel.ApiCheck;
import dev.dromedar.camel.Apis;
import dev.dromedar.oauth.CheckStep;
import dev.dromedar.oauth.CheckStep.Verdict;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.Time;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code check [API...] [--probe[=PATH]] [--as=NUMBER [--system-user[=REFERENCE]]] [--json]}: why does an API not work? Prints nothing secret. */
@Command(
        name = "check",
        description = {
            "Says why an API does not work, and what to do.",
            "Examines its properties, key, network, authority and token, with a line for each step. Requests one token more"
                    + " than the worker would."
        },
        footer = {
            "  ./run check                            all APIs, up to a token",
            "  ./run check orders --probe=/orders     one API, and a call of it",
            "  ./run check register --as=313745392    one API, for a customer",
            "  ./run check --json                     for a program"
        })
final class CheckCommand implements Callable<Integer> {
    private final Shell shell;

    @Parameters(arity = "0..*", paramLabel = "API", description = "The APIs to check; none for all.")
    List<String> names = new ArrayList<>();

    @Option(
            names = "--probe",
            arity = "0..1",
            fallbackValue = "",
            preprocessor = OnlyAttached.class,
            paramLabel = "PATH",
            description =
                    "Calls the API too, by GET on this path under its base address, or on the base address itself.")
    @Nullable
    String probe;

    @Mixin
    CustomerOptions forWhom = new CustomerOptions();

    @Option(names = "--json", description = "Prints one JSON object.")
    boolean json;

    CheckCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        try (var context = shell.folder().context();
                var sandbox = new OwnSandbox()) {
            try {
                sandbox.startIfEnabled(context);
            } catch (InvalidSettings e) {
                return refused(e.faults(), ExitStatus.FAILED, false);
            }
            return run(context, sandbox.runs(), Time.SYSTEM);
        } catch (IOException e) {
            throw new IllegalStateException("A context that never started closes", e);
        }
    }

    /**
     * Checks the APIs that a context's properties name.
     *
     * @param sandbox whether a sandbox of this process's own stands for the authorities and APIs
     */
    int run(CamelContext context, boolean sandbox, Time time) {
        PrintStream out = shell.out();
        Set<String> known = Apis.namesIn(context);
        if (known.isEmpty()) {
            return refused(
                    List.of(
                            "No API is configured here: there is no dromedar.api.* property. Run this in the folder that"
                                    + " has application.properties."),
                    ExitStatus.MISUSED,
                    sandbox);
        }
        List<String> unknown = names.stream()
                .filter(name -> !known.contains(name))
                .map(name -> "There is no API '" + name + "'." + hint(name, known))
                .toList();
        if (!unknown.isEmpty()) {
            return refused(unknown, ExitStatus.MISUSED, sandbox);
        }
        String fault = forWhom.fault();
        if (fault != null) {
            return refused(List.of(fault), ExitStatus.MISUSED, sandbox);
        }
        ApiCheck.Customer customer = forWhom.customer();
        if (sandbox && !json) {
            out.println(
                    "(dromedar.sandbox.enabled: checked against a sandbox that this command has started for itself, with"
                            + " keys of its own; a running worker has another.)");
        }
        Map<String, List<CheckStep>> results = new LinkedHashMap<>();
        for (String api : names.isEmpty() ? known : new TreeSet<>(names)) {
            List<CheckStep> steps = new ArrayList<>();
            results.put(api, steps);
            if (!json) {
                out.println(api);
            }
            ApiCheck.run(context, api, probe, customer, time, step -> {
                steps.add(step);
                if (!json) {
                    out.println(ApiCheck.line(step));
                }
            });
        }
        return verdict(results, sandbox);
    }

    private int verdict(Map<String, List<CheckStep>> results, boolean sandbox) {
        boolean failed = has(results.values(), Verdict.FAILED);
        if (json) {
            print(!failed, sandbox, results, List.of());
        } else {
            shell.out()
                    .println(
                            failed
                                    ? "Something does not work: see FAILED above."
                                    : has(results.values(), Verdict.WARNING)
                                            ? "It works, but look at WARNING above."
                                            : "All is well.");
        }
        return failed ? ExitStatus.FAILED : ExitStatus.DONE;
    }

    private static boolean has(Collection<List<CheckStep>> steps, Verdict verdict) {
        return steps.stream().flatMap(List::stream).anyMatch(step -> step.verdict() == verdict);
    }

    private static String hint(String name, Set<String> known) {
        String nearest = Misuse.didYouMean(name, known);
        return nearest.isEmpty() ? " There are: " + String.join(", ", known) + "." : nearest;
    }

    /** Nothing was checked. */
    private int refused(List<String> faults, int status, boolean sandbox) {
        if (json) {
            print(false, sandbox, Map.of(), faults);
        } else {
            faults.forEach(shell.out()::println);
        }
        return status;
    }

    private void print(boolean well, boolean sandbox, Map<String, List<CheckStep>> results, List<String> faults) {
        Map<String, Object> apis = new LinkedHashMap<>();
        results.forEach((api, steps) ->
                apis.put(api, steps.stream().map(CheckCommand::members).toList()));
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("well", well);
        all.put("sandbox", sandbox);
        all.put("apis", apis);
        if (!faults.isEmpty()) {
            all.put("faults", faults);
        }
        try {
            shell.out().println(new ObjectMapper().writeValueAsString(all));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Texts are JSON", e);
        }
    }

    private static Map<String, String> members(CheckStep step) {
        Map<String, String> members = new LinkedHashMap<>();
        members.put("step", step.what());
        members.put("verdict", step.verdict().name().toLowerCase(Locale.ROOT));
        members.put("words", step.words());
        return members;
    }
}
