package dev.dromedar.settings;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.KeySource;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.keys.SigningKey;
import dev.dromedar.keys.UnusableCredential;
import dev.dromedar.oauth.Addresses;
import dev.dromedar.oauth.AnswerLimits;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.ApiSettings.Endpoints;
import dev.dromedar.oauth.ApiSettings.ScopePolicy;
import dev.dromedar.oauth.AssertionDetails;
import dev.dromedar.oauth.Audience;
import dev.dromedar.oauth.ClientAuthentication;
import dev.dromedar.oauth.ClientAuthentication.AssertionForm;
import dev.dromedar.oauth.ClientAuthenticationMethod;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.Grant;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.KeyName;
import dev.dromedar.oauth.Profile;
import dev.dromedar.oauth.TlsIdentity;
import dev.dromedar.oauth.TokenRequest;
import dev.dromedar.oauth.Transport;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads the properties of one API against its profile's rules. Every fault goes to the group's list, and reading goes on. */
final class ApiReader {
    private static final Duration SECOND = Duration.ofSeconds(1);
    /** Claims and parameters that other properties say, or that nobody may. */
    private static final Set<String> OWN_CLAIMS =
            Set.of("iss", "sub", "aud", "jti", "iat", "nbf", "exp", "scope", "resource", "assertion_details");

    private static final Set<String> OWN_PARAMETERS = Set.of(
            "grant_type",
            "client_id",
            "client_secret",
            "client_assertion",
            "client_assertion_type",
            "assertion",
            "scope",
            "resource");

    /** Headers that say something else to servers, or carry what is not to be overwritten. */
    private static final Set<String> OWN_HEADERS = Set.of(
            "accept",
            "authorization",
            "connection",
            "content-length",
            "content-type",
            "cookie",
            "dpop",
            "expect",
            "host",
            "proxy-authorization",
            "te",
            "traceparent",
            "tracestate",
            "transfer-encoding",
            "upgrade",
            "user-agent");

    private final String name;
    private final PropertyGroup group;
    private final @Nullable String caFile;

    /** @param caFile what all APIs trust besides the JDK's authorities, or null */
    ApiReader(String name, PropertyGroup group, @Nullable String caFile) {
        this.name = name;
        this.group = group;
        this.caFile = caFile;
    }

    /** The API's settings, or null if there is a fault; it has then been told. */
    @Nullable
    ApiSettings read() {
        if (!ForeignText.isName(name, 100)) {
            group.fault("", "'" + name + "' is no name for an API. Use lower-case letters, digits and hyphens.");
        }
        URI base = baseAddress();
        Profile profile = profile();
        String authority = authority(profile);
        String clientId = group.required("client-id", "Set the id that the authority has registered for this client.");
        ScopePolicy scopePolicy = group.choice("scope-policy", named(ScopePolicy.values()));
        Duration timeLimit = group.time("time-limit", Duration.ofSeconds(20), SECOND, Duration.ofMinutes(5));
        Duration renewAhead = group.time("renew-ahead", Duration.ofMinutes(1), SECOND, Duration.ofHours(1));
        int repeatable = group.count("repeatable-body", 1024 * 1024, 0, 256 * 1024 * 1024);
        String correlationHeader = correlationHeader();
        AnswerLimits limits = answerLimits();
        if (profile == null) {
            // Without the profile's rules the others can only be read; what is wrong in themselves is told all the
            // same.
            KeyNames.OF_AN_API.forEach(group::check);
            group.under("claim.");
            group.under("token-parameter.");
            return null;
        }
        AssertionDetails details = details(profile);
        TokenRequest request = request(profile, details);
        TlsIdentity certificate = certificate();
        ClientAuthentication authentication = authentication(profile, certificate);
        boolean proof = proof(profile);
        Followed<SigningKey> proofKey = proofKey(proof, authentication);
        SignatureAlgorithm proofAlgorithm = group.choice("dpop-algorithm", algorithms("EC"));
        if (authentication != null) {
            new Effects(group).check(authentication, proof);
        }
        Endpoints endpoints = endpoints();
        Map<String, String> parameters = parameters();
        Map<String, Transport> transports = transports(certificate);
        if (base == null || authority == null || clientId == null || authentication == null || details == null) {
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
                proofKey,
                proofAlgorithm == null ? SignatureAlgorithm.ES256 : proofAlgorithm,
                parameters,
                request,
                details,
                endpoints,
                transports.getOrDefault("authority", Transport.USUAL),
                transports.getOrDefault("api", Transport.USUAL),
                scopePolicy == null ? ScopePolicy.WARN : scopePolicy,
                timeLimit,
                renewAhead,
                repeatable,
                correlationHeader,
                limits);
    }

    private AnswerLimits answerLimits() {
        AnswerLimits usual = AnswerLimits.USUAL;
        long kilobyte = 1024;
        return new AnswerLimits(
                group.count("answer-header-count", usual.headerCount(), 10, 10_000),
                (int) group.size("answer-header-size", usual.headerSize(), kilobyte, 16 * kilobyte * kilobyte),
                group.count("answer-encodings", usual.encodings(), 0, 10),
                group.size("answer-size", usual.size(), kilobyte, kilobyte * kilobyte * kilobyte * kilobyte),
                group.time("call-time-limit", usual.time(), SECOND, Duration.ofDays(1)));
    }

    private @Nullable String correlationHeader() {
        String header = group.text("correlation-header");
        if (header == null) {
            return null;
        }
        if (!header.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")) {
            group.fault("correlation-header", "'" + header + "' is no name of a header (RFC 9110 section 5.1).");
        } else if (OWN_HEADERS.contains(header.toLowerCase(Locale.ROOT))) {
            group.fault(
                    "correlation-header",
                    "'" + header + "' has a meaning of its own. Name the header that the API"
                            + " asks for, for example nhn-event-id.");
        }
        return header;
    }

    private @Nullable URI baseAddress() {
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

    private @Nullable Profile profile() {
        group.required("profile", "Set the authority's kind, one of: " + String.join(", ", Profile.names()) + ".");
        Map<String, Profile> profiles = new LinkedHashMap<>();
        for (String known : Profile.names()) {
            profiles.put(known, Objects.requireNonNull(Profile.named(known)));
        }
        return group.has("profile") ? group.choice("profile", profiles) : null;
    }

    private @Nullable String authority(@Nullable Profile profile) {
        String value = group.required(
                "authority", "Set the authority's issuer identifier, for example https://identity.example.no.");
        URI authority = value == null ? null : group.address("authority", value);
        if (value == null || authority == null) {
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
        if (profile != null && profile.slash() && !value.endsWith("/")) {
            broken("authority", "'" + value + "'", profile);
            return null;
        }
        return value;
    }

    private void broken(String key, String what, Profile profile) {
        group.fault(key, what + " breaks a rule of the profile " + profile.name() + ": " + profile.rule(key) + ".");
    }

    private TokenRequest request(Profile profile, @Nullable AssertionDetails details) {
        Set<String> scope = group.words("scope");
        List<String> resource = List.copyOf(group.words("resource"));
        if (profile.scopeNeeded() && scope.isEmpty() && !group.has("scope")) {
            group.fault("scope", "missing. Set the space-separated scopes, for example 'example:patients/read'.");
        }
        profile.faults(scope, resource).forEach(group::fault);
        return new TokenRequest(scope, resource, details == null ? null : details.claim());
    }

    private @Nullable AssertionDetails details(Profile profile) {
        if (!profile.assertionDetails()) {
            for (String key : List.of(
                    "assertion-details",
                    "organisation-check",
                    "organisation-child",
                    "organisation-parent",
                    "organisation-tenancy",
                    "organisation-trailing-colon",
                    "sfm-journal-id")) {
                if (group.has(key)) {
                    group.fault(
                            key, "is HelseID's, and the profile " + profile.name() + " does not know it. Remove it.");
                }
            }
            return AssertionDetails.NONE;
        }
        String parent = group.text("organisation-parent");
        String child = group.text("organisation-child");
        String journal = group.text("sfm-journal-id");
        String others = group.text("assertion-details");
        boolean colon = group.flag("organisation-trailing-colon", false);
        Boolean multi = group.choice("organisation-tenancy", Map.of("single", false, "multi", true));
        Boolean digits = group.choice("organisation-check", Map.of("modulus-11", true, "digits", false));
        try {
            return new AssertionDetails(
                    multi == null ? parent != null : multi,
                    colon,
                    digits == null || digits,
                    parent,
                    child,
                    journal,
                    others == null ? List.of() : AssertionDetails.parse(others));
        } catch (InvalidSettings e) {
            String words = e.getMessage();
            group.fault(
                    words.startsWith("organisation parent")
                            ? "organisation-parent"
                            : words.startsWith("organisation")
                                    ? "organisation-child"
                                    : words.contains("SFM") ? "sfm-journal-id" : "assertion-details",
                    words + ".");
            return null;
        }
    }

    private boolean proof(Profile profile) {
        boolean proof = group.flag("dpop", profile.proof());
        if (proof && !profile.proofAllowed()) {
            broken("dpop", "'true'", profile);
        }
        return proof;
    }

    private @Nullable Followed<SigningKey> proofKey(boolean proof, @Nullable ClientAuthentication authentication) {
        Boolean clients = group.choice("dpop-key", Map.of("own", false, "client", true));
        if (clients == null || !clients || !proof || authentication == null) {
            return null;
        }
        if (authentication instanceof ClientAuthentication.PrivateKeyJwt jwt) {
            if (group.has("dpop-algorithm")) {
                group.fault(
                        "dpop-algorithm",
                        "is not used with dpop-key = client: the client's key has its own. Remove it.");
            }
            return jwt.credential();
        }
        group.fault(
                "dpop-key",
                "'client' needs a client with a key. Set client-authentication = private_key_jwt, or 'own'.");
        return null;
    }

    private Endpoints endpoints() {
        String path = group.text("metadata-path");
        if (path != null && !path.matches("/[^?#\\s]*")) {
            group.fault("metadata-path", "'" + path + "' must be a path that begins with '/', below the authority.");
        }
        String value = group.text("token-endpoint");
        URI endpoint = value == null ? null : group.address("token-endpoint", value);
        if (endpoint != null && !Addresses.mayCarryCredentials(endpoint)) {
            group.fault(
                    "token-endpoint", "'" + value + "' must use https. Plain http is only for this machine itself.");
        }
        if (endpoint != null && path != null) {
            group.fault(
                    "metadata-path",
                    "is not used with token-endpoint: there is no discovery then. Remove one of them.");
        }
        Set<String> hosts = new TreeSet<>();
        for (String host : group.words("token-endpoint-host")) {
            if (!host.matches("[A-Za-z0-9._-]+(:\\d{1,5})?|\\[[0-9A-Fa-f:.]+](:\\d{1,5})?")) {
                group.fault(
                        "token-endpoint-host",
                        "'" + host + "' is not a host. Write it like token.example.no or token.example.no:8443.");
            }
            hosts.add(host.toLowerCase(Locale.ROOT));
        }
        if (endpoint != null && !hosts.isEmpty()) {
            group.fault("token-endpoint-host", "has no effect with token-endpoint. Remove one of them.");
        }
        return path == null && endpoint == null && hosts.isEmpty()
                ? Endpoints.DISCOVERED
                : new Endpoints(path, endpoint, hosts);
    }

    private Map<String, String> parameters() {
        Map<String, String> parameters = group.under("token-parameter.");
        for (String parameter : parameters.keySet()) {
            if (OWN_PARAMETERS.contains(parameter)) {
                group.fault("token-parameter." + parameter, "has its own property, or is none to set. Remove it.");
            }
        }
        return parameters;
    }

    /** @param subject whether {@code sub} may be said: whom a grant is for */
    private Map<String, Object> claims(boolean subject) {
        Map<String, Object> claims = new TreeMap<>();
        group.under("claim.").forEach((claim, value) -> {
            if (OWN_CLAIMS.contains(claim) && !(subject && claim.equals("sub"))) {
                group.fault("claim." + claim, "has its own property, or is none to set. Remove it.");
            }
            try {
                claims.put(
                        claim, value.startsWith("{") || value.startsWith("[") ? AssertionDetails.json(value) : value);
            } catch (InvalidSettings e) {
                group.fault("claim." + claim, "begins like JSON and is none. Correct it.");
            }
        });
        return claims;
    }

    private @Nullable ClientAuthentication authentication(Profile profile, @Nullable TlsIdentity certificate) {
        Map<String, Grant> grants = new LinkedHashMap<>();
        Arrays.stream(Grant.values()).forEach(grant -> grants.put(grant.propertyValue(), grant));
        Grant grant = group.choice("grant", grants);
        if (grant != null && !profile.grants().contains(grant)) {
            broken("grant", "'" + grant.propertyValue() + "'", profile);
            return null;
        }
        grant = grant == null ? profile.grants().get(0) : grant;
        boolean hasKey = group.has("private-key") || group.has("key-store") || group.has("key-store-type");
        ClientAuthenticationMethod method = method(profile, grant, hasKey);
        AssertionForm form = form(profile, grant);
        if (method == null || form == null) {
            readOthers();
            return null;
        }
        if (grant == Grant.JWT_BEARER && method != ClientAuthenticationMethod.NONE) {
            Followed<SigningKey> key = assertionKey(profile, form);
            ClientAuthentication client = bySecret(method);
            return key == null || client == null
                    ? null
                    : new ClientAuthentication.JwtBearerGrant(key, form, profile.grantSaysAll(), client);
        }
        return switch (method) {
            case PRIVATE_KEY_JWT, NONE -> {
                if (group.has("client-secret")) {
                    group.fault(
                            "client-secret",
                            "is not used with " + words(method) + ". Remove it"
                                    + (profile.authenticationMethods().size() == 1
                                            ? ": " + profile.rule("client-authentication") + "."
                                            : ", or set client-authentication = client_secret_basic."));
                }
                Followed<SigningKey> key = assertionKey(profile, form);
                yield key == null
                        ? null
                        : method == ClientAuthenticationMethod.NONE
                                ? new ClientAuthentication.JwtBearerGrant(key, form, profile.grantSaysAll(), null)
                                : new ClientAuthentication.PrivateKeyJwt(key, form);
            }
            case TLS_CLIENT_AUTH -> byCertificate(certificate);
            case CLIENT_SECRET_BASIC, CLIENT_SECRET_POST -> {
                if (hasKey) {
                    group.fault(
                            group.has("private-key")
                                    ? "private-key"
                                    : group.has("key-store") ? "key-store" : "key-store-type",
                            "is not used with " + method.registeredName()
                                    + ". Remove it, or set client-authentication = private_key_jwt.");
                }
                yield bySecret(method);
            }
        };
    }

    private @Nullable ClientAuthentication bySecret(ClientAuthenticationMethod method) {
        Followed<Secret> secret = secret();
        return secret == null
                ? null
                : method == ClientAuthenticationMethod.CLIENT_SECRET_BASIC
                        ? new ClientAuthentication.SecretBasic(secret)
                        : new ClientAuthentication.SecretPost(secret);
    }

    private static String words(ClientAuthenticationMethod method) {
        return method == ClientAuthenticationMethod.NONE ? "the JWT grant" : method.registeredName();
    }

    private void readOthers() {
        KeyNames.OF_AN_API.forEach(group::check);
        group.under("claim.");
    }

    private @Nullable ClientAuthenticationMethod method(Profile profile, Grant grant, boolean hasKey) {
        Map<String, ClientAuthenticationMethod> methods = new LinkedHashMap<>();
        for (var method : ClientAuthenticationMethod.values()) {
            methods.put(method.registeredName(), method);
        }
        ClientAuthenticationMethod method = group.choice("client-authentication", methods);
        if (method == null && group.has("client-authentication")) {
            return null;
        }
        if (grant == Grant.JWT_BEARER) {
            // Client authentication is optional with this grant (RFC 7521 section 4.1); by a secret, where it is open
            boolean bySecret = method == ClientAuthenticationMethod.CLIENT_SECRET_BASIC
                    || method == ClientAuthenticationMethod.CLIENT_SECRET_POST;
            if (method == null || method == ClientAuthenticationMethod.NONE) {
                return ClientAuthenticationMethod.NONE;
            }
            if (!bySecret || !profile.authenticationMethods().contains(method)) {
                broken("client-authentication", "'" + method.registeredName() + "'", profile);
                return null;
            }
            return method;
        }
        if (method == null) {
            method = hasKey
                            && !group.has("client-secret")
                            && profile.authenticationMethods().contains(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
                    ? ClientAuthenticationMethod.PRIVATE_KEY_JWT
                    : profile.authenticationMethods().get(0);
        }
        if (!profile.authenticationMethods().contains(method)) {
            broken("client-authentication", "'" + method.registeredName() + "'", profile);
            return null;
        }
        return method;
    }

    private @Nullable AssertionForm form(Profile profile, Grant grant) {
        Duration lifetime = group.time("assertion-lifetime", profile.assertionLifetime(), SECOND, Duration.ofDays(1));
        if (lifetime.compareTo(profile.longestAssertion()) > 0) {
            group.fault(
                    "assertion-lifetime",
                    "'" + Durations.shown(lifetime) + "' is more than the "
                            + profile.longestAssertion().toSeconds() + "s that the authority takes: "
                            + profile.rule("assertion-lifetime") + ".");
        }
        String type = group.text("assertion-type");
        String audience = group.text("audience");
        if (type != null && !profile.assertionOpen()) {
            broken("assertion-type", "'" + type + "'", profile);
        }
        if (audience != null && !profile.assertionOpen()) {
            broken("audience", "'" + audience + "'", profile);
        }
        Map<String, KeyName> names = new LinkedHashMap<>();
        Arrays.stream(KeyName.values()).forEach(value -> names.put(value.propertyValue(), value));
        KeyName keyName = group.choice("certificate-header", names);
        if (keyName != null && !profile.keyName().contains(keyName)) {
            broken("certificate-header", "'" + keyName.propertyValue() + "'", profile);
            return null;
        }
        // "issuer" and "token-endpoint" stand for what they are at this authority
        Audience usual = "issuer".equals(audience)
                ? Audience.ISSUER
                : "token-endpoint".equals(audience) ? Audience.TOKEN_ENDPOINT : null;
        return new AssertionForm(
                type == null ? profile.assertionType() : type,
                lifetime,
                usual == null ? profile.audience() : usual,
                usual == null ? audience : null,
                keyName == null ? profile.keyName().get(0) : keyName,
                claims(grant == Grant.JWT_BEARER && !profile.grantSaysAll()));
    }

    private @Nullable Followed<SigningKey> assertionKey(Profile profile, AssertionForm form) {
        if (!group.has("private-key") && !group.has("key-store") && !group.has("key-store-type")) {
            group.fault(
                    "private-key",
                    "missing. Set the private JWK of this client, for example {{secretfile:secrets/my-key.jwk.json}}.");
        }
        SignatureAlgorithm algorithm = group.choice("key-algorithm", algorithms("RSA", "EC"));
        if (algorithm != null && !profile.algorithms().contains(algorithm)) {
            group.fault(
                    "key-algorithm",
                    "'" + algorithm + "' breaks a rule of the profile " + profile.name() + ": "
                            + profile.rule("private-key") + ".");
            readOthers();
            return null;
        }
        return key("", algorithm, profile.rsaAlgorithm(), key -> usable(key, profile, form));
    }

    private static SigningKey usable(SigningKey key, Profile profile, AssertionForm form) {
        if (form.keyName() == KeyName.KID && key.keyId() == null) {
            throw new UnusableCredential(
                    "has no 'kid'. Add the kid under which its public key is registered: in the JWK, or as"
                            + " key-id");
        }
        if (form.keyName() != KeyName.KID && key.certificates().isEmpty()) {
            throw new UnusableCredential(
                    "has no certificate, which the header '" + form.keyName().propertyValue()
                            + "' is made of. Set certificate to the PEM certificate of this key");
        }
        if (!profile.algorithms().contains(key.algorithm())) {
            throw new UnusableCredential("signs with " + key.algorithm() + ", which breaks a rule of the profile "
                    + profile.name() + ": " + profile.rule("private-key"));
        }
        return key;
    }

    private @Nullable ClientAuthentication byCertificate(@Nullable TlsIdentity certificate) {
        for (String key : List.of("private-key", "client-secret", "key-store")) {
            if (group.has(key)) {
                group.fault(
                        key, "is not used with tls_client_auth. Remove it; the certificate's key is tls-private-key.");
            }
        }
        if (certificate == null) {
            if (!group.has("tls-private-key") && !group.has("tls-key-store")) {
                group.fault(
                        "tls-certificate",
                        "missing. Set tls-certificate and tls-private-key, or tls-key-store, for tls_client_auth.");
            }
            return null;
        }
        if ("api".equals(group.text("tls-certificate-for"))) {
            group.fault(
                    "tls-certificate-for",
                    "'api' keeps the certificate from the authority, and tls_client_auth shows it"
                            + " there. Set it to 'both'.");
        }
        return new ClientAuthentication.TlsCertificate(certificate);
    }

    private @Nullable Followed<Secret> secret() {
        if (group.text("client-secret") == null) {
            group.required("client-secret", "Set this client's secret, for example {{env:ORDERS_CLIENT_SECRET}}.");
            return null;
        }
        return secret("client-secret");
    }

    private @Nullable Followed<Secret> secret(String key) {
        if (group.text(key) == null) {
            return null;
        }
        Supplier<@Nullable Secret> source = group.again(key);
        try {
            return Followed.of(KeyNames.API_PREFIX + name + '.' + key, group.origin(key), () -> {
                Secret now = source.get();
                if (now == null || now.reveal().isBlank()) {
                    throw new UnusableCredential("is empty");
                }
                return new Followed.Content<>(now, () -> now);
            });
        } catch (UnusableCredential e) {
            group.fault(key, e.getMessage() + ".");
            return null;
        }
    }

    /** A client certificate for TLS, if the properties name one. */
    private @Nullable TlsIdentity certificate() {
        if (!group.has("tls-private-key") && !group.has("tls-key-store") && !group.has("tls-key-store-type")) {
            if (group.has("tls-certificate")) {
                group.fault("tls-certificate", "has no key. Set tls-private-key to the key of this certificate.");
            }
            return null;
        }
        Followed<SigningKey> key = key("tls-", null, SignatureAlgorithm.RS256, found -> {
            if (found.certificates().isEmpty()) {
                throw new UnusableCredential(
                        "has no certificate: set tls-certificate to the PEM certificate of this key");
            }
            return found;
        });
        return key == null ? null : new TlsIdentity(key);
    }

    /**
     * A key from the properties with that beginning, read again when a file of them changes.
     *
     * @return null if there is a fault; it has then been told
     */
    private @Nullable Followed<SigningKey> key(
            String beginning,
            @Nullable SignatureAlgorithm algorithm,
            SignatureAlgorithm rsaDefault,
            UnaryOperator<SigningKey> usable) {
        String text = beginning + "private-key";
        String storeFile = group.text(beginning + "key-store");
        String type = group.text(beginning + "key-store-type");
        String alias = group.text(beginning + "key-alias");
        String keyId = beginning.isEmpty() ? group.text("key-id") : null;
        List<String> secrets =
                List.of(text, text + "-password", beginning + "key-store-password", beginning + "certificate");
        List<String> values = Arrays.asList(secrets.stream().map(group::text).toArray(String[]::new));
        if (IntStream.range(0, secrets.size()).anyMatch(i -> group.has(secrets.get(i)) && values.get(i) == null)) {
            return null; // it could not be read, and that is reported
        }
        boolean inStore = storeFile != null || type != null;
        if (!inStore && values.get(0) == null) {
            return null;
        }
        if (inStore && group.has(text)) {
            group.fault(text, "and " + beginning + "key-store both name a key. Remove one of them.");
            return null;
        }
        List<Supplier<@Nullable Secret>> sources =
                secrets.stream().map(group::again).toList();
        Supplier<KeySource> source = () -> {
            Secret certificate = sources.get(3).get();
            Secret storePassword = sources.get(2).get();
            return new KeySource(
                    sources.get(0).get(),
                    certificate == null ? null : certificate.reveal(),
                    sources.get(1).get(),
                    inStore
                            ? new KeySource.Store(
                                    type, storeFile == null ? null : Path.of(storeFile), storePassword, alias)
                            : null,
                    keyId);
        };
        String key = inStore ? beginning + (storeFile == null ? "key-store-type" : "key-store") : text;
        String origin = origin(secrets, storeFile, type, alias, keyId);
        try {
            return SigningKey.follow(
                    KeyNames.API_PREFIX + name + '.' + key, origin, source, algorithm, rsaDefault, usable);
        } catch (UnusableCredential e) {
            group.fault(
                    key,
                    e.getMessage()
                                    .replaceAll(
                                            "(?<![\\w-])(key-store|key-alias|private-key-password|certificate to)",
                                            beginning + "$1")
                            + "." + SecretFileFunction.backslashes(String.valueOf(storeFile)));
            return null;
        }
    }

    /** Empty if no file is named; otherwise all that shapes the key, so that equal origins always hold equal keys. */
    private String origin(List<String> secrets, @Nullable String... others) {
        boolean fromFile = others[0] != null
                || secrets.stream().anyMatch(key -> !group.origin(key).isEmpty());
        if (!fromFile) {
            return "";
        }
        StringBuilder origin = new StringBuilder();
        for (String key : secrets) {
            String value = group.origin(key).isEmpty() ? group.text(key) : null;
            origin.append(value == null ? group.origin(key) : Secret.of(value).digest())
                    .append('\n');
        }
        for (String other : others) {
            origin.append(other == null ? "" : other).append('\n');
        }
        return origin.toString();
    }

    /** How the authority and the API are reached: {@code authority} and {@code api}, where it is not as usual. */
    private Map<String, Transport> transports(@Nullable TlsIdentity certificate) {
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
            if (e.getMessage().startsWith("tls-ca-file: ")) { // the other is told once, where it is read for all
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
            group.fault(key, "has nothing to say it of. Remove it, or set " + key.replaceAll("-for$", "") + ".");
        }
        return chosen == null ? Set.of("authority", "api") : chosen;
    }

    private Transport.@Nullable Proxy proxy() {
        String value = group.text("proxy");
        String user = group.text("proxy-user");
        Followed<Secret> password = secret("proxy-password");
        if (value == null) {
            for (String key : List.of("proxy-user", "proxy-password")) {
                if (group.has(key)) {
                    group.fault(key, "is for a proxy, and there is none. Set proxy, or remove it.");
                }
            }
            return null;
        }
        URI proxy = group.address("proxy", value.contains("://") ? value : "http://" + value);
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

    private static Map<String, SignatureAlgorithm> algorithms(String... keyTypes) {
        return Arrays.stream(SignatureAlgorithm.values())
                .filter(algorithm -> List.of(keyTypes).contains(algorithm.keyType()))
                .collect(Collectors.toMap(Enum::name, Function.identity(), (a, b) -> a, LinkedHashMap::new));
    }

    private static <E extends Enum<E>> Map<String, E> named(E[] values) {
        return Arrays.stream(values)
                .collect(Collectors.toMap(
                        value -> value.name().toLowerCase(Locale.ROOT),
                        Function.identity(),
                        (a, b) -> a,
                        LinkedHashMap::new));
    }
}
