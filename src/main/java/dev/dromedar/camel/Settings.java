package dev.dromedar.camel;

import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.store.StoreSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * All that {@code dromedar.*} properties say, checked. Either every value is good or nothing starts.
 *
 * @param apis in the order of their names
 * @param caFile {@code dromedar.tls.ca-file}: trusted besides the JDK's certificate authorities, or null
 * @param store dead letters and the cluster
 * @param privateHeaders names whose values are shown and kept nowhere, besides those of {@link dev.dromedar.oauth.PrivateNames}
 */
public record Settings(List<ApiSettings> apis, @Nullable Path caFile, StoreSettings store, Set<String> privateHeaders) {
    static final String PREFIX = "dromedar.";
    static final String API_PREFIX = PREFIX + "api.";
    /** Every key of an API, longest first where one ends as another does; {@code claim.*} and {@code token-parameter.*} besides. */
    static final List<String> API_KEYS = List.of(
            "answer-encodings",
            "answer-header-count",
            "answer-header-size",
            "answer-size",
            "assertion-details",
            "assertion-lifetime",
            "assertion-type",
            "audience",
            "authority",
            "base-address",
            "call-time-limit",
            "tls-certificate",
            "certificate",
            "certificate-header",
            "client-authentication",
            "client-id",
            "client-secret",
            "connect-time-limit",
            "correlation-header",
            "dpop",
            "dpop-algorithm",
            "dpop-key",
            "grant",
            "key-algorithm",
            "tls-key-alias",
            "key-alias",
            "key-id",
            "tls-key-store",
            "key-store",
            "tls-key-store-password",
            "key-store-password",
            "tls-key-store-type",
            "key-store-type",
            "metadata-path",
            "organisation-check",
            "organisation-child",
            "organisation-parent",
            "organisation-tenancy",
            "organisation-trailing-colon",
            "tls-private-key",
            "private-key",
            "tls-private-key-password",
            "private-key-password",
            "profile",
            "proxy",
            "proxy-for",
            "proxy-password",
            "proxy-user",
            "renew-ahead",
            "repeatable-body",
            "resource",
            "scope",
            "scope-policy",
            "sfm-journal-id",
            "time-limit",
            "tls-ca-file",
            "tls-certificate-for",
            "tls-legacy",
            "token-endpoint",
            "token-endpoint-host");

    private static final Pattern SECRET_NAME = Pattern.compile(
            "(?i)secret|passw|passord|passphrase|private.?key|credential|access.?token|api.?key|hemmelig|n(?:ø|oe)kkel|pinkode");

    public Settings {
        apis = List.copyOf(apis);
        privateHeaders = Set.copyOf(privateHeaders);
    }

    /** Whether a key of ours holds a secret: no other reader gets its value, and no fault quotes it. */
    static boolean isSecret(String key) {
        return key.startsWith(PREFIX)
                && (isSecretName(key)
                        || key.startsWith(API_PREFIX)
                                && (key.contains(".token-parameter.") || key.contains(".header.")));
    }

    /** Whether a name, of a property or an environment variable of anybody's, says that it holds a secret. */
    static boolean isSecretName(String name) {
        String last = name.startsWith(API_PREFIX) ? name.substring(name.indexOf('.', API_PREFIX.length()) + 1) : name;
        return SECRET_NAME.matcher(last).find();
    }

    /**
     * Reads all properties that begin with {@code dromedar.}.
     *
     * @param properties whole keys and raw values
     * @param placeholders resolves a value's placeholders
     * @throws InvalidSettings with every fault there is, each with its key
     */
    static Settings read(Map<String, String> properties, Placeholders placeholders) {
        List<String> faults = new ArrayList<>();
        Map<String, Map<String, String>> apis = new TreeMap<>();
        Map<String, String> others = new TreeMap<>();
        properties.forEach((key, value) -> {
            int dot = key.indexOf('.', API_PREFIX.length());
            if (key.startsWith(API_PREFIX) && dot > 0) {
                apis.computeIfAbsent(key.substring(API_PREFIX.length(), dot), none -> new TreeMap<>())
                        .put(key.substring(dot + 1), value);
            } else {
                others.put(key.substring(PREFIX.length()), value);
            }
        });
        var group = new PropertyGroup(PREFIX, others, placeholders, faults);
        group.flag("sandbox.enabled", false);
        group.flag("reload", false);
        group.flag("log.json", false); // these two are read before the properties are, for the log
        group.flag("audit", false);
        group.flag("camel-cli", false);
        group.text("management.token-file"); // read where the management port is
        for (String host : group.words("management.hosts")) {
            if (!host.matches("(?i)([a-z0-9._-]+|\\[[0-9a-f:.]+])(:\\d{1,5})?")) {
                group.fault(
                        "management.hosts",
                        "'" + host
                                + "' is not a host name. Write names as a Host header has them, with or without a port:"
                                + " worker.example.no or worker.example.no:8443.");
            }
        }
        String caFile = group.text("tls.ca-file");
        StoreSettings store = StoreProperties.read(group);
        Set<String> privateHeaders = privateHeaders(group);
        group.tellUnknown();
        List<ApiSettings> read = new ArrayList<>();
        apis.forEach((name, values) -> {
            var api = new PropertyGroup(API_PREFIX + name + '.', values, placeholders, faults);
            ApiSettings settings = new ApiReader(name, api, caFile).read();
            API_KEYS.forEach(api::has); // some are looked at only beside another; they are known all the same
            api.tellUnknown();
            if (settings != null) {
                read.add(settings);
            }
        });
        if (!faults.isEmpty()) {
            throw new InvalidSettings(faults);
        }
        return new Settings(read, caFile == null ? null : Path.of(caFile), store, privateHeaders);
    }

    private static Set<String> privateHeaders(PropertyGroup group) {
        String key = "private-headers";
        Set<String> names = new TreeSet<>();
        String text = group.text(key);
        for (String name : text == null ? new String[0] : text.split("[,\\s]+")) {
            if (ForeignText.isToken(name, 100)) {
                names.add(name);
            } else {
                group.fault(
                        key,
                        "'" + name
                                + "' is not the name of a header. Set names with spaces between, such as person-id.");
            }
        }
        return names;
    }

    /** Only what the commands on the store need: a fault of an API does not stand in their way. */
    static StoreSettings readStore(Map<String, String> properties, Placeholders placeholders) {
        List<String> faults = new ArrayList<>();
        Map<String, String> values = new TreeMap<>();
        properties.forEach((key, value) -> values.put(key.substring(PREFIX.length()), value));
        StoreSettings store = StoreProperties.read(new PropertyGroup(PREFIX, values, placeholders, faults));
        if (!faults.isEmpty()) {
            throw new InvalidSettings(faults);
        }
        return store;
    }
}
