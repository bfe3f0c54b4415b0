package dev.dromedar.camel;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.oauth.CheckStep;
import dev.dromedar.oauth.CheckStep.Verdict;
import dev.dromedar.oauth.Clients;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.Time;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.jspecify.annotations.Nullable;

/**
 * {@code check [api...] [--probe[=path]] [--json]}: why does it not work? Goes through each API's properties, key, network,
 * authority and token, and says for each thing that is wrong what to do next. Prints nothing secret.
 */
public final class CheckCommand {
    /** All is well, as far as could be seen; a warning is no failure. */
    public static final int WELL = 0;
    /** At least one API does not work. */
    public static final int FAILED = 1;
    /** The command itself cannot be understood, or there is nothing to check. */
    public static final int MISUSED = 2;

    private static final String USAGE = "Usage: check [api...] [--probe | --probe=/path] [--json]";

    private CheckCommand() {}

    /**
     * Runs the command on {@code application.properties} of the current folder.
     *
     * @param args what follows {@code check}
     * @param prepare what must be there before the properties can be read, such as the sandbox
     * @return the process's status: {@link #WELL}, {@link #FAILED} or {@link #MISUSED}
     */
    public static int run(List<String> args, PrintStream out, Consumer<CamelContext> prepare) {
        try (var context = new DefaultCamelContext()) {
            context.getPropertiesComponent()
                    .setLocation(
                            "file:application.properties;optional=true,classpath:application.properties;optional=true");
            prepare.accept(context);
            return run(args, out, context, Time.SYSTEM);
        } catch (IOException e) {
            throw new IllegalStateException("A context that never started closes", e);
        }
    }

    static int run(List<String> args, PrintStream out, CamelContext context, Time time) {
        List<String> asked = args.stream().filter(arg -> !arg.startsWith("--")).toList();
        boolean json = args.contains("--json");
        String probe = args.stream()
                .filter(arg -> arg.equals("--probe") || arg.startsWith("--probe="))
                .map(arg -> arg.replaceFirst("^--probe=?", ""))
                .findFirst()
                .orElse(null);
        for (String arg : args) {
            if (arg.startsWith("--") && !arg.equals("--json") && !arg.matches("--probe(=.*)?")) {
                out.println("There is no option " + arg + ". " + USAGE);
                return MISUSED;
            }
        }
        Map<String, String> properties = Apis.properties(context);
        Set<String> known = Apis.namesIn(context);
        if (known.isEmpty()) {
            out.println(
                    "No API is configured here: there is no dromedar.api.* property. Run this in the folder that has"
                            + " application.properties.");
            return MISUSED;
        }
        for (String name : asked) {
            if (!known.contains(name)) {
                String nearest = PropertyGroup.nearest(name, known);
                out.println("There is no API '" + name + "'. "
                        + (nearest == null
                                ? "There are: " + String.join(", ", known) + "."
                                : "Did you mean '" + nearest + "'?"));
                return MISUSED;
            }
        }
        boolean sandbox = properties
                .getOrDefault("dromedar.sandbox.enabled", "false")
                .strip()
                .equalsIgnoreCase("true");
        if (sandbox && !json) {
            out.println(
                    "(dromedar.sandbox.enabled: this is against a sandbox that the command has started for itself, with"
                            + " keys of its own; a running worker has another.)");
        }
        Map<String, List<CheckStep>> results = new LinkedHashMap<>();
        for (String api : asked.isEmpty() ? known : new TreeSet<>(asked)) {
            List<CheckStep> steps = new ArrayList<>();
            results.put(api, steps);
            if (!json) {
                out.println(api);
            }
            check(api, properties, context, time, probe, step -> {
                steps.add(step);
                if (!json) {
                    out.println(line(step));
                }
            });
        }
        boolean failed =
                results.values().stream().flatMap(List::stream).anyMatch(step -> step.verdict() == Verdict.FAILED);
        if (json) {
            out.println(json(results, failed, sandbox));
        } else {
            boolean warned =
                    results.values().stream().flatMap(List::stream).anyMatch(step -> step.verdict() == Verdict.WARNING);
            out.println(
                    failed
                            ? "Something does not work: see FAILED above."
                            : warned ? "It works, but look at WARNING above." : "All is well.");
        }
        return failed ? FAILED : WELL;
    }

    /** What the command says of one API of a running worker, in lines of text. Asks its authority for one token more. */
    public static String lines(Clients clients, String api) {
        List<CheckStep> steps = new ArrayList<>();
        try {
            clients.check(api, null, steps::add);
        } catch (InvalidSettings e) {
            return e.getMessage() + ".";
        }
        return steps.stream().map(CheckCommand::line).collect(Collectors.joining("\n"));
    }

    private static void check(
            String api,
            Map<String, String> properties,
            CamelContext context,
            Time time,
            @Nullable String probe,
            Consumer<CheckStep> told) {
        // Alone, so that a fault of another API does not hide this one
        Map<String, String> own = new TreeMap<>();
        properties.forEach((key, value) -> {
            if (!key.startsWith(Settings.API_PREFIX) || key.startsWith(Settings.API_PREFIX + api + '.')) {
                own.put(key, value);
            }
        });
        Settings settings;
        TrustedAuthorities trusted;
        try {
            settings = Settings.read(own, context::resolvePropertyPlaceholders);
            trusted = TrustedAuthorities.with(settings.caFile());
        } catch (InvalidSettings e) {
            e.faults().forEach(fault -> told.accept(new CheckStep("properties", Verdict.FAILED, fault)));
            return;
        }
        var one = settings.apis().get(0);
        told.accept(new CheckStep(
                "properties",
                Verdict.OK,
                "profile " + one.profile().name() + ", client " + one.clientId() + " by "
                        + one.authentication().inWords() + " at " + one.authority()
                        + (one.proof() ? ", DPoP" : "")));
        try (var clients = new Clients(settings.apis(), trusted.context(), Duration.ofSeconds(5), time)) {
            URI address = probe == null ? null : address(one.baseAddress(), probe);
            clients.check(api, address, told);
        } catch (InvalidSettings e) {
            told.accept(new CheckStep("api", Verdict.FAILED, e.getMessage() + "."));
        } catch (IOException e) {
            throw new IllegalStateException("Connections that are no longer needed close", e);
        }
    }

    private static URI address(URI base, String probe) {
        try {
            return probe.isEmpty()
                    ? base
                    : probe.contains("://")
                            ? new URI(probe)
                            : new URI(
                                    base.toString().replaceAll("/$", "") + (probe.startsWith("/") ? "" : "/") + probe);
        } catch (java.net.URISyntaxException e) {
            throw new InvalidSettings("--probe '" + probe + "' is no address");
        }
    }

    static String line(CheckStep step) {
        String verdict = step.verdict() == Verdict.OK ? "ok" : step.verdict().name();
        return String.format(Locale.ROOT, "  %-8s %-12s %s", verdict, step.what(), step.words());
    }

    private static Map<String, String> members(CheckStep step) {
        Map<String, String> members = new LinkedHashMap<>();
        members.put("step", step.what());
        members.put("verdict", step.verdict().name().toLowerCase(Locale.ROOT));
        members.put("words", step.words());
        return members;
    }

    private static String json(Map<String, List<CheckStep>> results, boolean failed, boolean sandbox) {
        Map<String, Object> apis = new LinkedHashMap<>();
        results.forEach((api, steps) ->
                apis.put(api, steps.stream().map(CheckCommand::members).toList()));
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("well", !failed);
        all.put("sandbox", sandbox);
        all.put("apis", apis);
        try {
            return new ObjectMapper().writeValueAsString(all);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalStateException("Texts are JSON", e);
        }
    }
}
