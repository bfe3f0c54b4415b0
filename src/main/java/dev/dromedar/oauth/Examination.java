package dev.dromedar.oauth;

import java.net.URI;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Looks at one API's client from its key to its token, a step at a time, and stops where going on makes no sense. Requests one
 * token more of the authority than the worker would. Blocks; not thread-safe.
 */
final class Examination {
    private final ApiSettings api;
    private final TokenEndpoint endpoint;
    private final @Nullable ExchangeEndpoint exchange;
    private final ServerClock serverClock;
    private final CheckReport report;
    private final CertificateDates dates;
    private final NetworkCheck network;
    private final Time time;

    /**
     * @param exchange of the token, or null
     * @param toAuthority whom to trust at the authority, and the certificate to show
     * @param told gets each step as it is done
     */
    Examination(
            ApiSettings api,
            TokenEndpoint endpoint,
            @Nullable ExchangeEndpoint exchange,
            ServerClock serverClock,
            SSLContext toAuthority,
            Time time,
            Consumer<CheckStep> told) {
        this.api = api;
        this.endpoint = endpoint;
        this.exchange = exchange;
        this.serverClock = serverClock;
        this.time = time;
        this.report = new CheckReport(told);
        this.dates = new CertificateDates(report, time);
        this.network = new NetworkCheck(report, dates, api.authority().transport(), toAuthority);
    }

    /**
     * All steps but the probe. Gives the token, if all went well.
     *
     * @param registry of the client's keys, or null
     */
    @Nullable
    AccessToken run(TokenRequest request, @Nullable KeyRegistry registry) {
        new KeyCheck(api, report, dates, time).run();
        if (report.failed()) {
            return null;
        }
        URI configured = api.authority().endpoints().tokenEndpoint();
        URI authority =
                configured != null ? configured : URI.create(api.authority().issuer());
        network.run(authority);
        if (report.failed()) {
            return null;
        }
        var check = new AuthorityCheck(api, endpoint, serverClock, report);
        AuthorityMetadata metadata = check.discovery();
        if (metadata == null) {
            return null;
        }
        URI place = metadata.tokenEndpoint(api.authority().transport().identity() != null);
        if (!Addresses.origin(place).equals(Addresses.origin(authority))) {
            network.run(place);
            if (report.failed()) {
                return null;
            }
        }
        var token = new TokenCheck(api, request, endpoint, report);
        AccessToken given;
        if (configured == null) {
            check.clock();
            given = token.run();
        } else {
            given = token.run(); // nothing has been requested before it
            check.clock();
        }
        if (!token.clientRefused()) {
            new RegistryCheck(api, request, report).run(registry);
        }
        return given == null || exchange == null ? given : exchanged(exchange, given, token);
    }

    private @Nullable AccessToken exchanged(ExchangeEndpoint at, AccessToken given, TokenCheck check) {
        network.run(at.address());
        return report.failed() ? null : check.exchange(at, given);
    }

    /** One GET of the API with the token. */
    void probe(AccessToken token, URI target, Backchannel toApi) {
        new ProbeCheck(api, serverClock, toApi, report).run(token, target);
    }
}
