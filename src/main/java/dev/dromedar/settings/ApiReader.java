package dev.dromedar.settings;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.keys.SigningKey;
import dev.dromedar.oauth.Addresses;
import dev.dromedar.oauth.AnswerLimits;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.ApiSettings.Endpoints;
import dev.dromedar.oauth.ApiSettings.ScopePolicy;
import dev.dromedar.oauth.AssertionDetails;
import dev.dromedar.oauth.CallLimits;
import dev.dromedar.oauth.ClientAuthentication;
import dev.dromedar.oauth.Customer;
import dev.dromedar.oauth.Exchange;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.Grant;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.Profile;
import dev.dromedar.oauth.TlsIdentity;
import dev.dromedar.oauth.TokenRequest;
import dev.dromedar.oauth.Transport;
import java.net.URI;
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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the properties of one API against its profile's rules. Every fault goes to the group's list, and reading goes on. */
final class ApiReader {
    private static final Duration SECOND = Duration.ofSeconds(1);

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
            "keep-alive",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "traceparent",
            "tracestate",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "user-agent");

    /** Of these, what a property may set for all calls of an API. */
    private static final Set<String> OPEN_HEADERS = Set.of("accept", "user-agent");

    private final String name;
    private final PropertyGroup group;
    private final CredentialReader credentials;
    private final TransportReader transports;

    /** @param caFile what all APIs trust besides the JDK's authorities, or null */
    ApiReader(String name, PropertyGroup group, @Nullable String caFile) {
        this.name = name;
        this.group = group;
        this.credentials = new CredentialReader(name, group);
        this.transports = new TransportReader(group, credentials, caFile);
    }

    /** The API's settings, or null if there is a fault; it has then been reported. */
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
        String correlation = correlationHeader();
        Map<String, Followed<Secret>> headers = headers();
        AnswerLimits limits = answerLimits();
        CallLimits callLimits = new CallLimitsReader(group).read();
        if (profile == null) {
            // Without the profile's rules the others can only be read; what is wrong in themselves is reported all the
            // same.
            KeyNames.OF_AN_API.forEach(group::check);
            group.under("claim.");
            group.under("token-parameter.");
            group.under("header.");
            group.under("exchange-header.");
            return null;
        }
        AssertionDetails details = details(profile);
        Customer.Rules customers = customers(profile, details);
        TokenRequest request = request(profile, details);
        TlsIdentity certificate = credentials.certificate();
        var client = new ClientReader(group, credentials, profile);
        ClientAuthentication authentication = client.authentication(certificate);
        boolean bound = proof(profile);
        Followed<SigningKey> proofKey = client.proofKey(bound, authentication);
        SignatureAlgorithm made = group.choice("dpop-algorithm", CredentialReader.algorithms("EC"));
        ApiSettings.Proof proof =
                bound ? new ApiSettings.Proof(proofKey, made == null ? SignatureAlgorithm.ES256 : made) : null;
        if (authentication != null) {
            new Effects(group).check(authentication, bound);
        }
        ApiSettings.KeyLife life = client.keyLife(authentication);
        Endpoints endpoints = endpoints();
        Exchange exchange =
                new ExchangeReader(group, credentials, OWN_HEADERS).read(authority, clientId, authentication);
        Map<String, String> parameters = parameters();
        Map<String, Transport> reached = transports.read(certificate);
        if (base == null || authority == null || clientId == null || authentication == null || details == null) {
            return null;
        }
        return new ApiSettings(
                name,
                base,
                new ApiSettings.Authority(
                        profile, authority, endpoints, reached.getOrDefault("authority", Transport.USUAL)),
                new ApiSettings.Client(clientId, authentication, proof, life),
                new ApiSettings.Tokens(
                        request,
                        parameters,
                        details,
                        customers,
                        scopePolicy == null ? ScopePolicy.WARN : scopePolicy,
                        exchange,
                        timeLimit,
                        renewAhead),
                new ApiSettings.Calls(
                        reached.getOrDefault("api", Transport.USUAL),
                        new ApiSettings.Headers(correlation, headers),
                        repeatable,
                        limits,
                        callLimits));
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

    /** The values of {@code header.NAME}, by name. */
    private Map<String, Followed<Secret>> headers() {
        Map<String, Followed<Secret>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String header : group.under("header.").keySet()) {
            String key = "header." + header;
            if (!ForeignText.isToken(header, 100)) {
                group.fault(key, "'" + header + "' is not a header name (RFC 9110 section 5.1).");
            } else if (OWN_HEADERS.contains(header.toLowerCase(Locale.ROOT))
                    && !OPEN_HEADERS.contains(header.toLowerCase(Locale.ROOT))) {
                group.fault(key, "'" + header + "' cannot be set here: the worker or HTTP itself sets it. Remove it.");
            } else if (headers.containsKey(header)) {
                group.fault(
                        key, "sets '" + header + "' a second time: header names do not depend on case. Remove one.");
            } else {
                Followed<Secret> value = credentials.header(key);
                if (value != null) {
                    headers.put(header, value);
                }
            }
        }
        String correlation = group.text("correlation-header");
        if (correlation != null && headers.containsKey(correlation)) {
            group.fault("header." + correlation, "is also the correlation-header. Remove one of them.");
        }
        return headers;
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
            group.broken("authority", "'" + value + "'", profile);
            return null;
        }
        return value;
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

    private Customer.Rules customers(Profile profile, @Nullable AssertionDetails details) {
        boolean digits = details == null || details.checkDigits();
        String own = group.text("own-organisation");
        if (own == null) {
            return new Customer.Rules(null, digits);
        }
        if (!profile.grants().contains(Grant.JWT_BEARER)) {
            group.fault("own-organisation", "has no effect with the profile " + profile.name() + ". Remove it.");
            return new Customer.Rules(null, digits);
        }
        try {
            new Customer.Rules(null, digits).organisation("own-organisation", own);
            if (own.equals(group.text("claim.consumer_org"))) {
                group.fault(
                        "claim.consumer_org",
                        "is own-organisation, which the authority refuses. Remove it: the token is for your own organisation.");
            }
        } catch (InvalidSettings e) {
            group.fault("own-organisation", e.getMessage() + ".");
        }
        return new Customer.Rules(own, digits);
    }

    private @Nullable AssertionDetails details(Profile profile) {
        if (!profile.assertionDetails()) {
            boolean grant = profile.grants().contains(Grant.JWT_BEARER);
            for (String key : List.of(
                    "assertion-details",
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
            if (!grant && group.has("organisation-check")) {
                group.fault("organisation-check", "has no effect with the profile " + profile.name() + ". Remove it.");
            }
            Boolean digits = group.choice("organisation-check", Map.of("modulus-11", true, "digits", false));
            return digits == null || digits
                    ? AssertionDetails.NONE
                    : new AssertionDetails(false, false, false, null, null, null, List.of());
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
            group.fault(e.key() == null ? "assertion-details" : e.key(), e.getMessage() + ".");
            return null;
        }
    }

    private boolean proof(Profile profile) {
        boolean proof = group.flag("dpop", profile.proof());
        if (proof && !profile.proofAllowed()) {
            group.broken("dpop", "'true'", profile);
        }
        return proof;
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

    private static <E extends Enum<E>> Map<String, E> named(E[] values) {
        return Arrays.stream(values)
                .collect(Collectors.toMap(
                        value -> value.name().toLowerCase(Locale.ROOT),
                        Function.identity(),
                        (a, b) -> a,
                        LinkedHashMap::new));
    }
}
