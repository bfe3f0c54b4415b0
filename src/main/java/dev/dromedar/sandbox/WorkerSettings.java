package dev.dromedar.sandbox;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** The properties with which a worker calls the APIs of a sandbox. Thread-safe. */
final class WorkerSettings {
    private final Map<String, Map<String, String>> further = new ConcurrentHashMap<>();

    /** Notes what an API's client needs besides. */
    void put(String api, Map<String, String> settings) {
        further.put(api, settings);
    }

    /** Notes what an API's client needs besides under its authority's profile. */
    void putOfProfile(ProtectedApi api, Supplier<Certificates> signer) {
        String profile = api.authority().rules().dialect().profile();
        if (profile.equals("oauth2")) {
            put(api.name(), Map.of("token-endpoint", api.authority().issuer() + Paths.TOKEN));
        } else if (profile.equals("entra") && !api.client().hasSecret()) {
            put(api.name(), Map.of("certificate", signer.get().forClient(api.client())));
        }
    }

    /** An API's, by their key. */
    Map<String, String> of(ProtectedApi api) {
        var settings = new LinkedHashMap<String, String>();
        Map<String, String> own = further.getOrDefault(api.name(), Map.of());
        settings.put("base-address", api.baseAddress().toString());
        settings.put("profile", api.authority().rules().dialect().profile());
        settings.put("authority", api.authority().issuer());
        settings.put("client-id", api.client().id());
        settings.putAll(new TreeMap<>(own));
        if (own.containsKey("tls-private-key")) {
            // the certificate's key is all there is
        } else if (api.client().hasSecret()) {
            settings.put("client-secret", api.client().secret());
        } else {
            settings.put("private-key", api.client().privateKey().toJSONString());
        }
        settings.put("scope", api.registration().scope());
        settings.put("dpop", String.valueOf(api.registration().dpop()));
        return settings;
    }
}
