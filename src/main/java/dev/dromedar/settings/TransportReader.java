package dev.dromedar.settings;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.TlsIdentity;
import dev.dromedar.oauth.Transport;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads how the authority and the API are reached: trust, certificate, proxy, time limit. */
final class TransportReader {
    private final PropertyGroup group;
    private final CredentialReader credentials;
    private final @Nullable String caFile;

    /** @param caFile what all APIs trust besides the JDK's authorities, or null */
    TransportReader(PropertyGroup group, CredentialReader credentials, @Nullable String caFile) {
        this.group = group;
        this.credentials = credentials;
        this.caFile = caFile;
    }

    /** How the authority and the API are reached: {@code authority} and {@code api}, where it is not as usual. */
    Map<String, Transport> read(@Nullable TlsIdentity certificate) {
        Map<String, List<X509Certificate>> trusted = trusted(group.text("tls-ca-file"));
        boolean legacy = group.flag("tls-legacy", false);
        Duration connect =
                group.time("connect-time-limit", Duration.ofSeconds(5), Duration.ofMillis(100), Duration.ofMinutes(1));
        Transport.Proxy proxy = proxy();
        Set<String> certificateFor = places("tls-certificate-for", certificate != null);
        Set<String> proxyFor = places("proxy-for", proxy != null);
        Map<String, Transport> transports = new TreeMap<>();
        for (String place : List.of("authority", "api")) {
            TlsIdentity shown = certificateFor.contains(place) ? certificate : null;
            Transport.Proxy through = proxyFor.contains(place) ? proxy : null;
            Duration limit = place.equals("authority") ? connect : Duration.ofSeconds(5);
            boolean usual = !group.has("tls-ca-file") && shown == null && !legacy;
            transports.put(place, new Transport(usual ? null : trusted, shown, through, limit, legacy));
        }
        return transports;
    }

    /** The certificate authorities of all APIs and of this one. */
    private Map<String, List<X509Certificate>> trusted(@Nullable String ownCaFile) {
        Map<String, List<X509Certificate>> trusted = new TreeMap<>();
        try {
            if (caFile != null) {
                trusted.put(caFile, TrustedAuthorities.read("dromedar.tls.ca-file", Path.of(caFile)));
            }
            if (ownCaFile != null) {
                trusted.put(ownCaFile, TrustedAuthorities.read("tls-ca-file", Path.of(ownCaFile)));
            }
        } catch (InvalidSettings e) {
            if (e.getMessage().startsWith("tls-ca-file: ")) { // the other is reported once, where it is read for all
                group.fault(
                        "tls-ca-file",
                        e.getMessage().replaceFirst("^tls-ca-file: ", "")
                                + SecretFileFunction.backslashes(String.valueOf(ownCaFile)));
            }
        }
        return trusted;
    }

    private Set<String> places(String key, boolean used) {
        Map<String, Set<String>> places = new LinkedHashMap<>();
        places.put("both", Set.of("authority", "api"));
        places.put("authority", Set.of("authority"));
        places.put("api", Set.of("api"));
        Set<String> chosen = group.choice(key, places);
        if (!used && group.has(key)) {
            group.fault(key, "has no effect without " + key.replaceAll("-for$", "") + ". Set that, or remove this.");
        }
        return chosen == null ? Set.of("authority", "api") : chosen;
    }

    private Transport.@Nullable Proxy proxy() {
        String value = group.text("proxy");
        String user = group.text("proxy-user");
        Followed<Secret> password = credentials.secret("proxy-password");
        if (value == null) {
            for (String key : List.of("proxy-user", "proxy-password")) {
                if (group.has(key)) {
                    group.fault(key, "is for a proxy, and there is none. Set proxy, or remove it.");
                }
            }
            return null;
        }
        URI proxy = AddressProperty.read(group, "proxy", value.contains("://") ? value : "http://" + value);
        if (proxy == null) {
            return null;
        }
        if (!"http".equals(proxy.getScheme()) || proxy.getPort() < 0 || proxy.getRawUserInfo() != null) {
            group.fault(
                    "proxy",
                    "must be like http://proxy.example.no:3128; its user and password are proxy-user and"
                            + " proxy-password.");
            return null;
        }
        if ((user == null) != (password == null)) {
            group.fault(user == null ? "proxy-user" : "proxy-password", "missing. A proxy takes both or neither.");
        }
        return new Transport.Proxy(proxy.getHost(), proxy.getPort(), user, password);
    }
}
