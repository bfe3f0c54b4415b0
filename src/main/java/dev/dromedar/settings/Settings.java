package dev.dromedar.settings;

import dev.dromedar.audit.AuditSettings;
import dev.dromedar.cluster.StoreSettings;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.InvalidSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All that {@code dromedar.*} properties say, checked. Either every value is good or nothing starts.
 *
 * @param apis in the order of their names
 * @param caFile {@code dromedar.tls.ca-file}: trusted besides the JDK's certificate authorities, or null
 * @param store dead letters and the cluster
 * @param spoolBytes most disk space for large bodies, of all calls together
 * @param privateHeaders names whose values are shown and kept nowhere, besides those of {@link dev.dromedar.oauth.PrivateNames}
 * @param audit the audit file, or null
 */
public record Settings(
        List<ApiSettings> apis,
        @Nullable Path caFile,
        StoreSettings store,
        long spoolBytes,
        Set<String> privateHeaders,
        @Nullable AuditSettings audit) {
    public Settings {
        apis = List.copyOf(apis);
        privateHeaders = Set.copyOf(privateHeaders);
    }

    /**
     * Reads all properties that begin with {@code dromedar.}.
     *
     * @param properties whole keys and raw values
     * @param placeholders resolves a value's placeholders
     * @throws InvalidSettings with every fault there is, each with its key
     */
    public static Settings read(Map<String, String> properties, Placeholders placeholders) {
        List<String> faults = new ArrayList<>();
        Map<String, Map<String, String>> apis = new TreeMap<>();
        Map<String, String> others = new TreeMap<>();
        properties.forEach((key, value) -> {
            int dot = key.indexOf('.', KeyNames.API_PREFIX.length());
            if (key.startsWith(KeyNames.API_PREFIX) && dot > 0) {
                apis.computeIfAbsent(key.substring(KeyNames.API_PREFIX.length(), dot), none -> new TreeMap<>())
                        .put(key.substring(dot + 1), value);
            } else {
                others.put(key.substring(KeyNames.PREFIX.length()), value);
            }
        });
        var group = new PropertyGroup(KeyNames.PREFIX, others, placeholders, faults);
        group.flag("sandbox.enabled", false);
        group.flag("reload", false);
        group.flag("log.json", false); // read before the properties are, for the log
        boolean camelCli = group.flag("camel-cli", false);
        group.flag("health.api-down", true); // read where the views are
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
        long spoolBytes = group.count("spool.megabytes", 10_000, 1, 100_000_000) * 1_000_000L;
        Set<String> privateHeaders = privateHeaders(group);
        AuditSettings audit = AuditProperties.read(group, store.cluster());
        if (camelCli && audit != null) {
            group.fault(
                    "camel-cli",
                    "what is done by Camel's command line cannot be recorded in the audit file. Remove this key, or"
                            + " dromedar.audit.");
        }
        group.tellUnknown();
        List<ApiSettings> read = new ArrayList<>();
        apis.forEach((name, values) -> {
            var api = new PropertyGroup(KeyNames.API_PREFIX + name + '.', values, placeholders, faults);
            ApiSettings settings = new ApiReader(name, api, caFile).read();
            KeyNames.OF_AN_API.forEach(api::has); // some are looked at only beside another; they are known all the same
            api.tellUnknown();
            if (settings != null) {
                read.add(settings);
            }
        });
        if (!faults.isEmpty()) {
            throw new InvalidSettings(faults);
        }
        return new Settings(read, caFile == null ? null : Path.of(caFile), store, spoolBytes, privateHeaders, audit);
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

    /** Only what the commands need to record what they do, and to verify records; null without an audit file. */
    public static @Nullable AuditSettings readAudit(Map<String, String> properties, Placeholders placeholders) {
        List<String> faults = new ArrayList<>();
        Map<String, String> values = new TreeMap<>();
        properties.forEach((key, value) -> values.put(key.substring(KeyNames.PREFIX.length()), value));
        var group = new PropertyGroup(KeyNames.PREFIX, values, placeholders, faults);
        AuditSettings audit = AuditProperties.read(group, null);
        if (!faults.isEmpty()) {
            throw new InvalidSettings(faults);
        }
        return audit;
    }

    /** Only what the commands on the store need: a fault of an API does not stand in their way. */
    public static StoreSettings readStore(Map<String, String> properties, Placeholders placeholders) {
        List<String> faults = new ArrayList<>();
        Map<String, String> values = new TreeMap<>();
        properties.forEach((key, value) -> values.put(key.substring(KeyNames.PREFIX.length()), value));
        StoreSettings store = StoreProperties.read(new PropertyGroup(KeyNames.PREFIX, values, placeholders, faults));
        if (!faults.isEmpty()) {
            throw new InvalidSettings(faults);
        }
        return store;
    }
}
