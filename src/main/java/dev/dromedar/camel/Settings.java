package dev.dromedar.camel;

import dev.dromedar.oauth.Addresses;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.ApiSettings.ScopePolicy;
import dev.dromedar.oauth.ClientAuthentication;
import dev.dromedar.oauth.ClientAuthenticationMethod;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.Profile;
import dev.dromedar.oauth.Secret;
import dev.dromedar.oauth.SignatureAlgorithm;
import dev.dromedar.oauth.SigningKey;
import dev.dromedar.oauth.TokenRequest;
import dev.dromedar.store.StoreSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All that {@code dromedar.*} properties say, checked. Either every value is good or nothing starts.
 *
 * @param apis in the order of their names
 * @param caFile {@code dromedar.tls.ca-file}: trusted besides the JDK's certificate authorities, or null
 * @param store dead letters and the cluster
 */
public record Settings(List<ApiSettings> apis, @Nullable Path caFile, StoreSettings store) {
    static final String PREFIX = "dromedar.";
    static final String API_PREFIX = PREFIX + "api.";
    /** Every key of an API, longest first where one ends as another does. */
    static final List<String> API_KEYS = List.of(
            "assertion-lifetime",
            "authority",
            "base-address",
            "client-authentication",
            "client-id",
            "client-secret",
            "dpop-algorithm",
            "dpop",
            "key-algorithm",
            "private-key",
            "profile",
            "renew-ahead",
            "repeatable-body",
            "resource",
            "scope-policy",
            "scope",
            "time-limit");

    private static final Duration SECOND = Duration.ofSeconds(1);

    public Settings {
        apis = List.copyOf(apis);
    }

    /**
     * Reads all properties that begin with {@code dromedar.}.
     *
     * @param properties whole keys and raw values
     * @param resolver resolves a value's placeholders
     * @throws InvalidSettings with every fault there is, each with its key
     */
    static Settings read(Map<String, String> properties, Function<String, String> resolver) {
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
        List<ApiSettings> read = new ArrayList<>();
        apis.forEach((name, values) -> {
            var group = new PropertyGroup(API_PREFIX + name + '.', values, resolver, faults);
            ApiSettings api = readApi(name, group);
            group.tellUnknown();
            if (api != null) {
                read.add(api);
            }
        });
        var group = new PropertyGroup(PREFIX, others, resolver, faults);
        group.flag("sandbox.enabled", false);
        String caFile = group.text("tls.ca-file");
        StoreSettings store = StoreProperties.read(group);
        group.tellUnknown();
        if (!faults.isEmpty()) {
            throw new InvalidSettings(faults);
        }
        return new Settings(read, caFile == null ? null : Path.of(caFile), store);
    }

    /** Only what the commands on the store need: a fault of an API does not stand in their way. */
    static StoreSettings readStore(Map<String, String> properties, Function<String, String> resolver) {
        List<String> faults = new ArrayList<>();
        Map<String, String> values = new TreeMap<>();
        properties.forEach((key, value) -> values.put(key.substring(PREFIX.length()), value));
        StoreSettings store = StoreProperties.read(new PropertyGroup(PREFIX, values, resolver, faults));
        if (!faults.isEmpty()) {
            throw new InvalidSettings(faults);
        }
        return store;
    }

    private static @Nullable ApiSettings readApi(String name, PropertyGroup group) {
        if (!name.matches("[a-z0-9]+(-[a-z0-9]+)*")) {
            group.fault("", "'" + name + "' is no name for an API. Use lower-case letters, digits and hyphens.");
        }
        URI base = baseAddress(group);
        Profile profile = profile(group);
        String authority = authority(group);
        String clientId = group.required("client-id", "Set the id that the authority has registered for this client.");
        Set<String> scope = group.words("scope");
        if (profile != null && profile.scopeNeeded() && scope.isEmpty() && !group.has("scope")) {
            group.fault("scope", "missing. Set the space-separated scopes, for example 'example:patients/read'.");
        }
        List<String> resource = List.copyOf(group.words("resource"));
        ClientAuthentication authentication = profile == null ? null : authentication(group, profile);
        boolean proof = group.flag("dpop", profile != null && profile.proof());
        if (proof && profile != null && !profile.proofAllowed()) {
            group.fault("dpop", "'true' breaks a rule of the profile " + profile.name() + ": " + profile.rule() + ".");
        }
        SignatureAlgorithm proofAlgorithm = group.choice("dpop-algorithm", algorithms("EC"));
        ScopePolicy scopePolicy = group.choice("scope-policy", named(ScopePolicy.values()));
        Duration timeLimit = group.time("time-limit", Duration.ofSeconds(20), SECOND, Duration.ofMinutes(5));
        Duration renewAhead = group.time("renew-ahead", Duration.ofMinutes(1), SECOND, Duration.ofHours(1));
        int repeatable = group.count("repeatable-body", 1024 * 1024, 0, 256 * 1024 * 1024);
        if (profile == null) {
            // Without the profile's rules these can only be read; what is wrong with them in themselves is told all the
            // same.
            API_KEYS.forEach(group::check);
        }
        if (base == null || profile == null || authority == null || clientId == null || authentication == null) {
            return null;
        }
        return new ApiSettings(
                name,
                base,
                profile,
                authority,
                clientId,
                authentication,
                proof,
                null,
                proofAlgorithm == null ? SignatureAlgorithm.ES256 : proofAlgorithm,
                new TokenRequest(scope, resource, null),
                scopePolicy == null ? ScopePolicy.WARN : scopePolicy,
                timeLimit,
                renewAhead,
                repeatable);
    }

    private static @Nullable URI baseAddress(PropertyGroup group) {
        String value = group.required("base-address", "Set the API's address, for example https://api.example.no/v1.");
        URI base = value == null ? null : group.address("base-address", value);
        if (base != null && !Addresses.mayCarryCredentials(base)) {
            group.fault(
                    "base-address",
                    "'" + value + "' must use https. Plain http is only for this machine itself (localhost).");
            return null;
        }
        if (base != null && (base.getRawQuery() != null || base.getRawFragment() != null)) {
            group.fault("base-address", "'" + value + "' must end before '?' and '#'. Put queries into the route.");
            return null;
        }
        return base;
    }

    private static @Nullable Profile profile(PropertyGroup group) {
        group.required("profile", "Set the authority's kind, one of: " + String.join(", ", Profile.names()) + ".");
        Map<String, Profile> profiles = new LinkedHashMap<>();
        for (String name : Profile.names()) {
            profiles.put(name, java.util.Objects.requireNonNull(Profile.named(name)));
        }
        return group.has("profile") ? group.choice("profile", profiles) : null;
    }

    private static @Nullable String authority(PropertyGroup group) {
        String value = group.required(
                "authority", "Set the authority's issuer identifier, for example https://identity.example.no.");
        URI authority = value == null ? null : group.address("authority", value);
        if (authority == null) {
            return null;
        }
        if (!Addresses.mayCarryCredentials(authority)) {
            group.fault("authority", "'" + value + "' must use https. Use the https address of the authority.");
            return null;
        }
        if (authority.getRawQuery() != null || authority.getRawFragment() != null) {
            group.fault("authority", "'" + value + "' must have no query and no fragment (RFC 8414 section 2).");
            return null;
        }
        return value;
    }

    private static @Nullable ClientAuthentication authentication(PropertyGroup group, Profile profile) {
        Map<String, ClientAuthenticationMethod> methods = new LinkedHashMap<>();
        for (var method : ClientAuthenticationMethod.values()) {
            methods.put(method.registeredName(), method);
        }
        Secret key = group.secret("private-key");
        Secret secret = group.secret("client-secret");
        SignatureAlgorithm algorithm = group.choice("key-algorithm", algorithms("RSA", "EC"));
        Duration lifetime = group.time("assertion-lifetime", profile.assertionLifetime(), SECOND, Duration.ofHours(1));
        ClientAuthenticationMethod method = group.choice("client-authentication", methods);
        if (method == null && group.has("client-authentication")) {
            return null;
        }
        if (method == null) {
            boolean keyOnly = group.has("private-key") && !group.has("client-secret");
            method = keyOnly
                    ? ClientAuthenticationMethod.PRIVATE_KEY_JWT
                    : profile.authenticationMethods().get(0);
        }
        if (!profile.authenticationMethods().contains(method)) {
            group.fault(
                    "client-authentication",
                    "'" + method.registeredName() + "' breaks a rule of the profile " + profile.name() + ": "
                            + profile.rule() + ".");
            return null;
        }
        return method == ClientAuthenticationMethod.PRIVATE_KEY_JWT
                ? assertion(group, profile, key, algorithm, lifetime)
                : sharedSecret(group, secret, method);
    }

    private static @Nullable ClientAuthentication assertion(
            PropertyGroup group,
            Profile profile,
            @Nullable Secret key,
            @Nullable SignatureAlgorithm algorithm,
            Duration lifetime) {
        if (group.has("client-secret")) {
            group.fault(
                    "client-secret",
                    "is not used with private_key_jwt. Remove it"
                            + (profile.authenticationMethods().size() == 1
                                    ? ": " + profile.rule() + "."
                                    : ", or set client-authentication = client_secret_basic."));
        }
        if (lifetime.compareTo(profile.longestAssertion()) > 0) {
            group.fault(
                    "assertion-lifetime",
                    "'" + lifetime.toSeconds() + "s' is more than the "
                            + profile.longestAssertion().toSeconds() + "s that the authority takes: " + profile.rule()
                            + ".");
        }
        if (key == null) {
            group.required(
                    "private-key",
                    "Set the private JWK of this client, for example {{secretfile:secrets/my-key.jwk.json}}.");
            return null;
        }
        try {
            SigningKey signing = SigningKey.parse(key, algorithm, profile.rsaAlgorithm());
            if (signing.keyId() == null) {
                group.fault(
                        "private-key", "the key has no 'kid'. Add the kid under which its public key is registered.");
                return null;
            }
            if (!profile.algorithms().contains(signing.algorithm())) {
                group.fault(
                        "private-key",
                        "signs with " + signing.algorithm() + ", which breaks a rule of the profile " + profile.name()
                                + ": " + profile.rule() + ".");
                return null;
            }
            return new ClientAuthentication.PrivateKeyJwt(signing, profile.assertionType(), lifetime);
        } catch (InvalidSettings e) {
            group.fault("private-key", e.getMessage() + ".");
            return null;
        }
    }

    private static @Nullable ClientAuthentication sharedSecret(
            PropertyGroup group, @Nullable Secret secret, ClientAuthenticationMethod method) {
        if (group.has("private-key")) {
            group.fault(
                    "private-key",
                    "is not used with " + method.registeredName()
                            + ". Remove it, or set client-authentication = private_key_jwt.");
        }
        if (secret == null) {
            group.required("client-secret", "Set this client's secret, for example {{env:ORDERS_CLIENT_SECRET}}.");
            return null;
        }
        return method == ClientAuthenticationMethod.CLIENT_SECRET_BASIC
                ? new ClientAuthentication.SecretBasic(secret)
                : new ClientAuthentication.SecretPost(secret);
    }

    private static Map<String, SignatureAlgorithm> algorithms(String... keyTypes) {
        return Arrays.stream(SignatureAlgorithm.values())
                .filter(algorithm -> List.of(keyTypes).contains(algorithm.keyType()))
                .collect(Collectors.toMap(Enum::name, Function.identity(), (a, b) -> a, LinkedHashMap::new));
    }

    private static <E extends Enum<E>> Map<String, E> named(E[] values) {
        return Arrays.stream(values)
                .collect(Collectors.toMap(
                        value -> value.name().toLowerCase(java.util.Locale.ROOT),
                        Function.identity(),
                        (a, b) -> a,
                        LinkedHashMap::new));
    }
}
