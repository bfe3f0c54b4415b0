package dev.dromedar.settings;

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
import dev.dromedar.oauth.Profile;
import dev.dromedar.oauth.TlsIdentity;
import dev.dromedar.oauth.TokenRequest;
import dev.dromedar.oauth.Transport;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the properties of one API against its profile's rules. Every fault goes to the group's list, and reading goes on. */
final class ApiReader {
    private static final Duration SECOND = Duration.ofSeconds(1);

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
        var ofAuthority = new AuthorityReader(group);
        Profile profile = ofAuthority.profile();
        String issuer = ofAuthority.issuer(profile);
        String clientId = group.required("client-id", "Set the id that the authority has registered for this client.");
        ScopePolicy scopePolicy = group.choice(
                "scope-policy",
                Map.of("fail", ScopePolicy.FAIL, "warn", ScopePolicy.WARN, "accept", ScopePolicy.ACCEPT));
        Duration timeLimit = group.time("time-limit", Duration.ofSeconds(20), SECOND, Duration.ofMinutes(5));
        Duration renewAhead = group.time("renew-ahead", Duration.ofMinutes(1), SECOND, Duration.ofHours(1));
        int repeatable = group.count("repeatable-body", 1024 * 1024, 0, 256 * 1024 * 1024);
        var ofHeaders = new HeaderReader(group, credentials);
        ApiSettings.Headers headers = ofHeaders.ofCalls();
        AnswerLimits limits = answerLimits();
        CallLimits callLimits = new CallLimitsReader(group).read();
        if (profile == null) {
            // Without the profile's rules the others can only be read; what is wrong in themselves is reported all the
            // same.
            group.checkOthers();
            group.under("token-parameter.");
            group.under("header.");
            group.under("exchange-header.");
            return null;
        }
        var ofRequest = new TokenRequestReader(group, profile);
        AssertionDetails details = ofRequest.details();
        Customer.Rules customers = ofRequest.customers(details);
        TokenRequest request = ofRequest.request(details);
        TlsIdentity certificate = credentials.certificate();
        ClientAuthentication authentication = new ClientReader(group, credentials, profile).authentication(certificate);
        ApiSettings.Proof proof = new ProofReader(group, profile).read(authentication);
        if (authentication != null) {
            new Effects(group).check(authentication, proof != null);
        }
        ApiSettings.KeyLife life = new KeyLifeReader(group, profile).read(authentication);
        Endpoints endpoints = ofAuthority.endpoints();
        Exchange exchange = new ExchangeReader(group, credentials, ofHeaders).read(issuer, clientId, authentication);
        Map<String, String> parameters = ofRequest.parameters();
        Map<String, Transport> reached = transports.read(certificate);
        if (base == null || issuer == null || clientId == null || authentication == null || details == null) {
            return null;
        }
        return new ApiSettings(
                name,
                base,
                new ApiSettings.Authority(
                        profile, issuer, endpoints, reached.getOrDefault("authority", Transport.USUAL)),
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
                        reached.getOrDefault("api", Transport.USUAL), headers, repeatable, limits, callLimits));
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

    private @Nullable URI baseAddress() {
        String value = group.required("base-address", "Set the API's address, for example https://api.example.no/v1.");
        URI base = value == null ? null : AddressProperty.read(group, "base-address", value);
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
}
