package dev.dromedar.cli;

import dev.dromedar.camel.Apis;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Origin;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Sandbox;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * The APIs of a site, each replaced by one of a sandbox under its profile's rules, with answers that a test gives. Secrets of
 * the site are not read. One for all tests of a run; thread-safe as far as calls are concerned.
 */
final class ReplacedApis implements AutoCloseable {
    /** What a site says of an API that does not depend on where and with whom it is. */
    private static final Set<String> KEPT = Set.of(
            "scope",
            "dpop",
            "dpop-algorithm",
            "scope-policy",
            "time-limit",
            "renew-ahead",
            "correlation-header",
            "repeatable-body",
            "call-time-limit",
            "answer-size",
            "organisation-parent",
            "organisation-child");
    /** Of the worker: what would watch, join, or write elsewhere. */
    private static final String LEFT_OUT =
            "dromedar\\.(sandbox|reload|audit|camel-cli|management|tls|cluster|log|feed)\\..*|dromedar\\.(reload|audit|camel-cli)"
                    + "|dromedar\\.dead-letters\\.(folder|secret-key)|dromedar\\.api\\..*"
                    + "|camel\\.(management|server|metrics|health|opentelemetry2?|main\\.(routes.*|devConsole.*|jmx.*|name|profile)).*";

    private static final Map<String, String> ALGORITHMS = Map.of(
            "helseid",
            "PS256",
            "maskinporten",
            "RS256",
            "entra",
            "PS256",
            "keycloak",
            "ES256",
            "smart-backend",
            "ES384");

    private final Sandbox sandbox;
    private final Properties properties = new Properties();
    private final Map<String, ProtectedApi> apis = new TreeMap<>();
    private final List<String> refusals = new CopyOnWriteArrayList<>();
    private final TestAnswers answers = new TestAnswers();
    private final List<Runnable> heal = new ArrayList<>();

    ReplacedApis(Folder folder, Clock clock) throws IOException {
        sandbox = Sandbox.withoutApis(Sandbox.Options.plain().withClock(clock).withRefusals(refusal -> {
            if (!refusal.contains(": use_dpop_nonce: ")) { // a step of the protocol, no failure
                refusals.add(refusal);
            }
        }));
        try (var context = folder.context()) {
            Map<String, String> own = Apis.written(context);
            for (String api : Apis.namesIn(context)) {
                replace(api, context, own);
            }
            Map<String, String> all = new TreeMap<>();
            Properties written = context.getPropertiesComponent().loadProperties();
            written.stringPropertyNames().forEach(key -> all.put(key, written.getProperty(key)));
            all.putAll(own);
            all.forEach((key, value) -> {
                if (!key.matches(LEFT_OUT)) {
                    properties.setProperty(key, WithoutSecrets.of(value));
                }
            });
        }
        sandbox.properties().forEach((key, value) -> {
            properties.setProperty(key, value);
            properties.setProperty(key.replaceFirst("^sandbox\\.", "dromedar.api."), value);
        });
        properties
                .keySet()
                .removeIf(key -> key.toString().matches("dromedar\\.api\\.(helseid|duende)\\.authority")
                        && !apis.containsKey(key.toString().split("\\.")[2]));
    }

    private void replace(String name, CamelContext context, Map<String, String> own) {
        String prefix = "dromedar.api." + name + ".";
        Map<String, String> values = new LinkedHashMap<>();
        own.forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                values.put(key.substring(prefix.length()), value);
            }
        });
        String profile = resolved(context, values.getOrDefault("profile", "oauth2"), "oauth2");
        boolean secret = !profile.equals("helseid")
                && !profile.equals("maskinporten")
                && !profile.equals("smart-backend")
                && values.keySet().stream().noneMatch(key -> key.matches("private-key|key-.*|certificate"));
        boolean dpop = Boolean.parseBoolean(
                resolved(context, values.getOrDefault("dpop", String.valueOf(profile.equals("helseid"))), "false"));
        String scope = resolved(context, values.getOrDefault("scope", ""), "");
        Registration registration =
                Registration.duende(name).withScope(scope.isBlank() ? usualScope(profile, name) : scope.strip());
        registration = secret
                ? registration
                : registration.withAlgorithm(
                        resolved(context, values.getOrDefault("key-algorithm", ""), "")
                                        .isEmpty()
                                ? ALGORITHMS.getOrDefault(profile, "ES256")
                                : resolved(context, values.getOrDefault("key-algorithm", ""), ""));
        ProtectedApi api = sandbox.add(dpop ? registration.withDpop() : registration, profile);
        for (String organisation : List.of("organisation-parent", "organisation-child")) {
            String number = resolved(context, values.getOrDefault(organisation, ""), "");
            if (!number.isEmpty()) {
                if (organisation.endsWith("parent")) {
                    api.client().multiTenant(number);
                } else {
                    api.client().children(number);
                }
            }
        }
        apis.put(name, api);
        values.forEach((key, value) -> {
            if (KEPT.contains(key) && !value.contains("{{sandbox.") || key.startsWith("header.")) {
                properties.setProperty(prefix + key, WithoutSecrets.of(value));
            }
        });
        String base = api.baseAddress().getRawPath();
        api.respond(request -> answers.to(name, base, request));
    }

    private static String usualScope(String profile, String name) {
        return switch (profile) {
            case "entra" -> "api://" + name + "/.default";
            case "smart-backend" -> "system/*.rs";
            default -> "sandbox:" + name;
        };
    }

    private static String resolved(CamelContext context, String value, String otherwise) {
        if (value.contains("{{sandbox.") || value.contains("secretfile:")) {
            return otherwise;
        }
        try {
            return context.resolvePropertyPlaceholders(value);
        } catch (IllegalArgumentException e) {
            return otherwise; // of a machine's environment
        }
    }

    /** The settings for a worker that calls the replaced APIs and nothing else of a site's. */
    Properties properties() {
        return properties;
    }

    Set<String> names() {
        return new TreeSet<>(apis.keySet());
    }

    /** Whether an address is that of a replaced API. */
    boolean hasAddress(String address) {
        return apis.values().stream()
                .anyMatch(api -> address.startsWith(api.origin().uri().toString()));
    }

    /** Forgets the test before, and gives the answers and faults of the next. */
    synchronized void begin(RouteTest.Given given) {
        end();
        refusals.clear();
        answers.begin(given.answers());
        given.faults().forEach((name, faults) -> faults.forEach(fault -> begin(apis.get(name), fault)));
    }

    private void begin(@Nullable ProtectedApi api, String fault) {
        if (api == null) {
            return;
        }
        Origin authority = api.authority().origin();
        if (fault.equals("unreachable")) {
            api.origin().refuseConnections();
            heal.add(api.origin()::acceptConnections);
            return;
        }
        Origin.Switch on =
                switch (fault) {
                    case "unanswered" -> api.fault(Fault.closeUnanswered());
                    case "reset" -> api.fault(Fault.resetMidBody());
                    case "token-refused" -> authority.fault(Fault.tokenError(400, "invalid_client"));
                    case "authority-unavailable" -> authority.fault(Fault.status(503));
                    default -> throw new IllegalArgumentException(fault);
                };
        heal.add(on::off);
    }

    /** Ends the faults. */
    synchronized void end() {
        heal.forEach(Runnable::run);
        heal.clear();
    }

    /** The answers that the test gives, and the requests that were answered. */
    TestAnswers answers() {
        return answers;
    }

    /** Requests that the sandbox refused for their credentials. */
    List<String> refusals() {
        return List.copyOf(refusals);
    }

    @Override
    public void close() {
        end();
        sandbox.close();
    }
}
