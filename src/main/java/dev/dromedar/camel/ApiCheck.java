package dev.dromedar.camel;

import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.CheckStep;
import dev.dromedar.oauth.CheckStep.Verdict;
import dev.dromedar.oauth.ClientAuthentication;
import dev.dromedar.oauth.Clients;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.Time;
import dev.dromedar.oauth.TokenRequest;
import dev.dromedar.settings.KeyNames;
import dev.dromedar.settings.Settings;
import dev.dromedar.settings.TrustedAuthorities;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * Why does an API not work? Examines its properties, key, network, authority and token, one step after the other, and stops
 * where going on makes no sense. No step says anything secret. Requests one token more than the worker would.
 */
public final class ApiCheck {
    private ApiCheck() {}

    /**
     * Examines one API of a running worker, with the keys and connections that the worker has.
     *
     * @return a line of text for each step
     */
    public static String lines(Clients clients, String api) {
        List<CheckStep> steps = new ArrayList<>();
        try {
            clients.check(api, null, null, steps::add);
        } catch (InvalidSettings e) {
            return e.getMessage() + ".";
        }
        return steps.stream().map(ApiCheck::line).collect(Collectors.joining("\n"));
    }

    /**
     * Whom to request the token for.
     *
     * @param organisation its number
     * @param systemUser null for the organisation itself; otherwise as its system user of that reference, or of none if it is
     *     empty (Maskinporten)
     */
    public record Customer(String organisation, @Nullable String systemUser) {
        private TokenRequest request(ApiSettings api) {
            return PerMessage.request(values(api), api);
        }

        /** By the exchange properties that a route sets for the same. */
        Map<String, Object> values(ApiSettings api) {
            Map<String, Object> values = new TreeMap<>();
            boolean grant = api.client().authentication() instanceof ClientAuthentication.JwtBearerGrant;
            if (systemUser != null) {
                values.put(PerMessage.SYSTEM_USER, organisation);
                if (!systemUser.isEmpty()) {
                    values.put(PerMessage.SYSTEM_USER_REFERENCE, systemUser);
                }
            } else if (api.authority().profile().assertionDetails()) {
                values.put(
                        api.tokens().assertionDetails().multiTenant() ? PerMessage.PARENT : PerMessage.CHILD,
                        organisation);
            } else if (grant) {
                values.put(PerMessage.CONSUMER, organisation);
            } else {
                throw new InvalidSettings("--as has no meaning with the profile "
                        + api.authority().profile().name() + ", whose tokens are for the client alone");
            }
            return values;
        }
    }

    /**
     * Examines one API as the properties of a context configure it, apart from all others, so that a fault of another API
     * does not hide this one.
     *
     * @param probe null for no call of the API, else the path to call, or an empty one for the base address itself
     * @param customer whom to request the token for, or null for what the properties say
     * @param reported gets each step as soon as it is done
     */
    public static void run(
            CamelContext context,
            String api,
            @Nullable String probe,
            @Nullable Customer customer,
            Time time,
            Consumer<CheckStep> reported) {
        Settings settings;
        TrustedAuthorities trusted;
        try {
            settings = settings(context, api);
            trusted = TrustedAuthorities.with(settings.caFile());
        } catch (InvalidSettings e) {
            e.faults().forEach(fault -> reported.accept(new CheckStep("properties", Verdict.FAILED, fault)));
            return;
        }
        var one = settings.apis().get(0);
        reported.accept(new CheckStep(
                "properties",
                Verdict.OK,
                "profile " + one.authority().profile().name() + ", client "
                        + one.client().id() + " by "
                        + one.client().authentication().inWords() + " at "
                        + one.authority().issuer()
                        + (one.client().proof() != null ? ", DPoP" : "")));
        TokenRequest request = null;
        try {
            request = customer == null ? null : customer.request(one);
        } catch (InvalidSettings e) {
            e.faults().forEach(fault -> reported.accept(new CheckStep("as", Verdict.FAILED, sentence(fault))));
            return;
        }
        try (var clients = new Clients(settings.apis(), trusted.context(), Duration.ofSeconds(5), time)) {
            URI address = probe == null ? null : address(one.baseAddress(), probe);
            clients.check(api, request, address, reported);
        } catch (InvalidSettings e) {
            reported.accept(new CheckStep("api", Verdict.FAILED, e.getMessage() + "."));
        } catch (IOException e) {
            throw new IllegalStateException("Connections that are no longer needed close", e);
        }
    }

    private static String sentence(String fault) {
        return fault.endsWith(".") ? fault : fault + ".";
    }

    /** Every fault of one API's properties and of the worker's; those of other APIs are not looked at. Sends nothing. */
    public static List<String> faults(CamelContext context, String api) {
        try {
            settings(context, api);
            return List.of();
        } catch (InvalidSettings e) {
            return e.faults();
        }
    }

    /**
     * The settings of one API alone, with those of the worker.
     *
     * @throws InvalidSettings with every fault of these properties
     */
    static Settings settings(CamelContext context, String api) {
        Map<String, String> own = new TreeMap<>();
        OwnProperties.of(context).forEach((key, value) -> {
            if (!key.startsWith(KeyNames.API_PREFIX) || key.startsWith(KeyNames.API_PREFIX + api + '.')) {
                own.put(key, value);
            }
        });
        return Settings.read(own, GuardedProperties.placeholders(context));
    }

    private static URI address(URI base, String probe) {
        try {
            return probe.isEmpty()
                    ? base
                    : probe.contains("://")
                            ? new URI(probe)
                            : new URI(
                                    base.toString().replaceAll("/$", "") + (probe.startsWith("/") ? "" : "/") + probe);
        } catch (URISyntaxException e) {
            throw new InvalidSettings("--probe '" + probe + "' is not a path or an address");
        }
    }

    /** A step as one line of text. */
    public static String line(CheckStep step) {
        String verdict = step.verdict() == Verdict.OK ? "ok" : step.verdict().name();
        return String.format(Locale.ROOT, "  %-8s %-12s %s", verdict, step.what(), step.words());
    }
}
