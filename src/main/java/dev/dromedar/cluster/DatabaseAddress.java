package dev.dromedar.cluster;

import dev.dromedar.oauth.Addresses;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of the cluster's database. PostgreSQL's driver takes a great deal from its address, classes and files to write
 * among it, and falls back to no encryption when instructed to: only the parameters listed here are accepted. To another machine
 * the connection is encrypted, and the server proves who it is before it gets the password.
 */
final class DatabaseAddress {
    private static final String HOST =
            "(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_.])?|\\[[0-9A-Fa-f:.]{2,45}\\])";
    private static final String SERVER = HOST + "(?::\\d{1,5})?";
    private static final Pattern FORM = Pattern.compile("jdbc:postgresql:(?://(" + SERVER + "(?:," + SERVER
            + "){0,15})/)?([A-Za-z0-9_.$%-]{0,200})(?:\\?(.{0,2000}))?");

    /** Without effect on classes and files, and on whom the worker trusts but for what {@link #checkTls} looks at. */
    private static final Set<String> PARAMETERS = new TreeSet<>(List.of(
            "ApplicationName",
            "assumeMinServerVersion",
            "binaryTransfer",
            "cancelSignalTimeout",
            "channelBinding",
            "connectTimeout",
            "currentSchema",
            "defaultRowFetchSize",
            "hostRecheckSeconds",
            "loadBalanceHosts",
            "loginTimeout",
            "maxResultBuffer",
            "options",
            "prepareThreshold",
            "preparedStatementCacheQueries",
            "preparedStatementCacheSizeMiB",
            "receiveBufferSize",
            "requireAuth",
            "sendBufferSize",
            "socketTimeout",
            "sslNegotiation",
            "sslResponseTimeout",
            "sslcert",
            "sslkey",
            "sslmode",
            "sslrootcert",
            "targetServerType",
            "tcpKeepAlive",
            "tcpNoDelay",
            "user"));

    private static final Set<String> PASSWORDS = Set.of("password", "sslpassword");

    private final boolean local;
    private final Map<String, String> parameters;

    private DatabaseAddress(boolean local, Map<String, String> parameters) {
        this.local = local;
        this.parameters = parameters;
    }

    /** @throws IllegalArgumentException that says what is wrong with it, and what to do; holds no value of a password */
    static DatabaseAddress of(String address) {
        Matcher form = FORM.matcher(address);
        if (!address.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException("must begin with jdbc:postgresql:. Only PostgreSQL is tested.");
        }
        if (!form.matches()) {
            throw new IllegalArgumentException("must have the form jdbc:postgresql://HOST:PORT/DATABASE?NAME=VALUE&...,"
                    + " with hosts separated by commas and the port left out for 5432.");
        }
        Map<String, String> parameters = parameters(form.group(3) == null ? "" : form.group(3));
        var parsed = new DatabaseAddress(isLocal(form.group(1)), Map.copyOf(parameters));
        parsed.checkTls();
        return parsed;
    }

    private static boolean isLocal(@Nullable String servers) {
        return servers == null
                || Arrays.stream(servers.split(","))
                        .allMatch(server -> Addresses.isLoopback(server.replaceFirst(":\\d{1,5}$", "")));
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new TreeMap<>();
        List<String> unknown = new ArrayList<>();
        for (String part : query.isEmpty() ? new String[0] : query.split("&", -1)) {
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals);
            if (PASSWORDS.contains(name.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("contains a password. Put it into a file, and set"
                        + " dromedar.cluster.secret = {{secretfile:path}}.");
            }
            if (equals < 0 || !PARAMETERS.contains(name)) {
                unknown.add(name.replaceAll("[^A-Za-z0-9_.-]", "?"));
                continue;
            }
            if (parameters.put(name, decoded(name, part.substring(equals + 1))) != null) {
                throw new IllegalArgumentException("sets " + name + " twice. Set it once.");
            }
        }
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("sets " + String.join(", ", unknown)
                    + ", which this worker does not accept: some of the driver's parameters load classes, write files or"
                    + " weaken the encryption. Accepted are " + String.join(", ", PARAMETERS) + ".");
        }
        return parameters;
    }

    private static String decoded(String name, String value) {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("has a wrong % in the value of " + name + ". Write % as %25.", e);
        }
    }

    private void checkTls() {
        String mode = parameters.get("sslmode");
        if (mode != null
                && !Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
                        .contains(mode)) {
            throw new IllegalArgumentException(
                    "sets sslmode to an unknown value. Use verify-full, or leave it out, which means the same.");
        }
        boolean bound = "require".equals(parameters.get("channelBinding"));
        boolean encrypted = Set.of("require", "verify-ca").contains(mode == null ? "" : mode);
        if (!local && mode != null && !mode.equals("verify-full") && !(encrypted && bound)) {
            throw new IllegalArgumentException(
                    "sets sslmode=" + mode
                            + ", with which a machine in the middle gets the password. Use sslmode=verify-full with"
                            + " sslrootcert=FILE, the PEM file of the authority that signed the database's certificate; or, if"
                            + " its certificate cannot be verified, sslmode=require&channelBinding=require with a SCRAM password.");
        }
    }

    /** Whether the database is on this machine: nobody listens between. */
    boolean isLocal() {
        return local;
    }

    /** What the driver needs to know besides the address, in which a parameter wins over these. */
    Properties tls() {
        var properties = new Properties();
        if (local) {
            return properties;
        }
        properties.setProperty("sslmode", "verify-full");
        properties.setProperty("gssEncMode", "disable"); // or a server could encrypt without a certificate
        if (!parameters.containsKey("sslrootcert")
                && !parameters.containsKey("sslcert") // which that factory does not present
                && "verify-full".equals(parameters.getOrDefault("sslmode", "verify-full"))) {
            // The authorities that the JDK trusts, since PostgreSQL's own file is not there as a rule
            properties.setProperty("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
        }
        return properties;
    }
}
