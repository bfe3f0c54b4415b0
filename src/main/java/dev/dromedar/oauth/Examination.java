package dev.dromedar.oauth;

import dev.dromedar.oauth.CheckStep.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Looks at one API's client from its key to its token, a step at a time, and stops where going on makes no sense. Asks the
 * authority for one token more than the worker would. Blocks; not thread-safe.
 */
final class Examination {
    private static final Duration SOON = Duration.ofDays(30);
    private static final Duration STEP = Duration.ofSeconds(10);
    /** Claims of a token that an integrator compares; none of them is secret. */
    private static final List<String> TELLING = List.of(
            "aud",
            "client_id",
            "helseid://claims/client/claims/orgnr_parent",
            "helseid://claims/client/claims/orgnr_child",
            "helseid://claims/client/client_tenancy",
            "consumer");

    private final ApiSettings api;
    private final TokenEndpoint endpoint;
    private final ServerClock serverClock;
    private final SSLContext toAuthority;
    private final Time time;
    private final Consumer<CheckStep> told;
    private boolean failed;

    /** @param told gets each step as it is done */
    Examination(
            ApiSettings api,
            TokenEndpoint endpoint,
            ServerClock serverClock,
            SSLContext toAuthority,
            Time time,
            Consumer<CheckStep> told) {
        this.api = api;
        this.endpoint = endpoint;
        this.serverClock = serverClock;
        this.toAuthority = toAuthority;
        this.time = time;
        this.told = told;
    }

    /** All steps but the probe. Gives the token, if all went well. */
    @Nullable
    AccessToken run() {
        key();
        if (failed) {
            return null;
        }
        URI authority =
                api.endpoints().tokenEndpoint() != null ? api.endpoints().tokenEndpoint() : URI.create(api.authority());
        network(authority, api.toAuthority().proxy(), toAuthority);
        if (failed) {
            return null;
        }
        AuthorityMetadata metadata = discovery();
        if (metadata == null) {
            return null;
        }
        clock();
        return token();
    }

    private void tell(CheckStep step) {
        failed |= step.verdict() == Verdict.FAILED;
        told.accept(step);
    }

    private void key() {
        List<String> faults = api.credentials().stream()
                .filter(credential -> credential.fault() != null)
                .map(credential -> credential.name() + " " + credential.fault())
                .toList();
        if (!faults.isEmpty()) {
            tell(CheckStep.warning(
                    "files",
                    "what has been put there is not used, and the one before serves on: " + String.join("; ", faults)));
        }
        SigningKey key = api.authentication().key();
        if (api.authentication() instanceof ClientAuthentication.TlsCertificate tls) {
            key = tls.certificate().credential().current();
        }
        if (key == null) {
            tell(CheckStep.ok("secret", api.authentication().method().registeredName() + ", a client secret is there"));
        } else {
            tell(CheckStep.ok(
                    "key",
                    key.algorithm() + " of " + key.size() + " bits, kid "
                            + (key.keyId() == null ? "(none)" : key.keyId()) + ", thumbprint " + key.thumbprint()));
            certificate("certificate", key);
        }
        if (api.toAuthority().identity() != null
                && !(api.authentication() instanceof ClientAuthentication.TlsCertificate)) {
            certificate(
                    "tls certificate", api.toAuthority().identity().credential().current());
        }
    }

    private void certificate(String what, SigningKey key) {
        if (!key.certificates().isEmpty()) {
            X509Certificate certificate = key.certificates().get(0);
            String name = certificate.getSubjectX500Principal().getName() + ", x5t#S256 "
                    + SigningKey.thumbprint(certificate);
            expiry(what, name, certificate, "Have it renewed, register the new one, and put it into the same file.");
        }
    }

    private void expiry(String what, String name, X509Certificate certificate, String cure) {
        Instant end = certificate.getNotAfter().toInstant();
        Duration left = Duration.between(time.now(), end);
        if (left.isNegative()) {
            tell(CheckStep.failed(what, name + " expired " + end + ". " + cure));
        } else if (left.compareTo(SOON) < 0) {
            tell(CheckStep.warning(what, name + " expires in " + left.toDays() + " days (" + end + "). " + cure));
        } else {
            tell(CheckStep.ok(what, name + " good until " + end));
        }
    }

    private void network(URI address, Transport.@Nullable Proxy proxy, SSLContext tls) {
        String host = proxy == null ? address.getHost() : proxy.host();
        String what = proxy == null ? "dns" : "proxy";
        InetAddress[] found;
        try {
            found = InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            tell(CheckStep.failed(
                    what,
                    "the name " + host + " is not known here. Check "
                            + (proxy == null ? "authority" : "proxy") + " for a slip, and this machine's DNS"
                            + (proxy == null
                                    ? "; from a closed network a proxy may be needed (property proxy)."
                                    : ".")));
            return;
        }
        String addresses = Arrays.stream(found).map(InetAddress::getHostAddress).collect(Collectors.joining(", "));
        if (proxy != null) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(found[0], proxy.port()), (int) STEP.toMillis());
                tell(CheckStep.ok(
                        "proxy", proxy + " (" + addresses + ") takes connections; it looks the authority up"));
            } catch (IOException e) {
                tell(CheckStep.failed("proxy", proxy + " does not take connections: " + Reason.of(e)));
            }
            return;
        }
        tell(CheckStep.ok("dns", host + " is " + addresses));
        if (!"https".equalsIgnoreCase(address.getScheme())) {
            tell(CheckStep.ok("tls", "none: plain http to this machine itself"));
            return;
        }
        handshake(address, tls);
    }

    private void handshake(URI address, SSLContext tls) {
        int port = address.getPort() < 0 ? 443 : address.getPort();
        try (var plain = new Socket()) {
            plain.connect(new InetSocketAddress(address.getHost(), port), (int) STEP.toMillis());
            plain.setSoTimeout((int) STEP.toMillis());
            try (var socket = (SSLSocket) tls.getSocketFactory().createSocket(plain, address.getHost(), port, true)) {
                var parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                var session = socket.getSession();
                X509Certificate[] chain = (X509Certificate[]) session.getPeerCertificates();
                expiry(
                        "tls",
                        session.getProtocol() + ", "
                                + chain[0].getSubjectX500Principal().getName() + " by "
                                + chain[0].getIssuerX500Principal().getName() + " (" + chain.length + " in the chain),",
                        chain[0],
                        "Tell the authority.");
            }
        } catch (IOException e) {
            tell(CheckStep.failed(
                    "tls", "no TLS connection to " + address.getHost() + ":" + port + ": " + Reason.of(e)));
        }
    }

    private @Nullable AuthorityMetadata discovery() {
        try {
            AuthorityMetadata metadata = endpoint.discovery().metadata(api.timeLimit());
            List<String> doubts = doubts(metadata);
            String found = api.endpoints().tokenEndpoint() != null
                    ? "none: the token endpoint is configured, " + metadata.tokenEndpoint()
                    : "issuer " + metadata.issuer() + ", token endpoint " + metadata.tokenEndpoint();
            tell(
                    doubts.isEmpty()
                            ? CheckStep.ok("discovery", found)
                            : CheckStep.warning("discovery", found + ". " + String.join(" ", doubts)));
            return metadata;
        } catch (AuthorityUnavailable e) {
            tell(CheckStep.failed("discovery", e.getMessage()));
            return null;
        }
    }

    /** Where what the authority says it takes is not what will be sent. Its lists are not always true, so no more. */
    private List<String> doubts(AuthorityMetadata metadata) {
        List<String> doubts = new ArrayList<>();
        String method = api.authentication().method().registeredName();
        if (!api.authentication().grantType().equals("client_credentials")) {
            doubt(doubts, "grant", api.authentication().grantType(), metadata.grantTypes());
        } else {
            doubt(doubts, "client authentication", method, metadata.authenticationMethods());
        }
        SigningKey key = api.authentication().key();
        if (key != null) {
            doubt(doubts, "signature", key.algorithm().name(), metadata.assertionAlgorithms());
        }
        if (api.proof()) {
            String algorithm = api.proofKey() == null
                    ? api.proofAlgorithm().name()
                    : api.proofKey().current().algorithm().name();
            doubt(doubts, "DPoP signature", algorithm, metadata.proofAlgorithms());
        }
        for (String scope : api.request().scope()) {
            doubt(doubts, "scope", scope, metadata.scopes());
        }
        return doubts;
    }

    private static void doubt(List<String> doubts, String what, String ours, List<String> theirs) {
        if (!theirs.isEmpty() && !theirs.contains(ours)) {
            doubts.add("It does not name the " + what + " '" + ours + "' among what it takes.");
        }
    }

    private void clock() {
        Duration offset = serverClock.offset();
        if (offset.isZero()) {
            tell(CheckStep.ok("clock", "agrees with the authority's"));
            return;
        }
        String words = "this machine is " + offset.abs().toSeconds() + " s "
                + (offset.isNegative() ? "ahead of" : "behind") + " the authority. Synchronise its clock (NTP"
                + (api.profile().name().equals("helseid") ? "; ntp.nhn.no on Helsenettet" : "") + ")";
        tell(CheckStep.warning(
                "clock",
                words + "; "
                        + (serverClock.shift().isZero()
                                ? "expect refusals."
                                : "until then the worker makes up for it.")));
    }

    private @Nullable AccessToken token() {
        long nonces = endpoint.counters().nonceChallenges.sum();
        try {
            AccessToken token = endpoint.ask(api.request(), api.timeLimit()).token();
            if (token.signer() != null) {
                tell(CheckStep.ok(
                        "nonce",
                        endpoint.counters().nonceChallenges.sum() > nonces
                                ? "the authority asks for one; it was answered and is remembered"
                                : "the authority asked for no new one"));
            }
            granted(token);
            return token;
        } catch (OAuthException e) {
            tell(CheckStep.failed("token", e.getMessage()));
            return null;
        }
    }

    private void granted(AccessToken token) {
        Set<String> missing = new TreeSet<>(api.request().scope());
        missing.removeAll(token.scope());
        missing.addAll(token.rejectedScope());
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("lives", token.lifetime().toSeconds() + " s");
        facts.put("scope", String.join(" ", token.scope()));
        Map<String, @Nullable Object> claims = claims(token);
        for (String claim : TELLING) {
            Object value = claims.get(claim);
            if (value != null) {
                String text = value instanceof String string ? string : Json.write(value);
                facts.put(
                        claim.replaceFirst(".*/", ""),
                        text.length() > 200 ? "(long)" : text.replaceAll("\\p{Cntrl}", "?"));
            }
        }
        if (token.signer() != null) {
            facts.put("bound to", "the DPoP key " + token.signer().key().thumbprint());
        } else if (claims.get("cnf") instanceof Map<?, ?> confirmation && confirmation.get("x5t#S256") != null) {
            facts.put("bound to", "the client certificate");
        }
        String words = (token.proof() ? "DPoP" : "Bearer") + ", "
                + facts.entrySet().stream()
                        .filter(fact -> !fact.getValue().isEmpty())
                        .map(fact -> fact.getKey() + " " + fact.getValue())
                        .collect(Collectors.joining(", "));
        if (missing.isEmpty()) {
            tell(CheckStep.ok("token", words));
        } else if (api.scopePolicy() == ApiSettings.ScopePolicy.FAIL) {
            tell(CheckStep.failed(
                    "token",
                    words + ". Not granted: " + String.join(" ", missing)
                            + ". Have it granted, or set scope-policy = warn."));
        } else {
            tell(
                    CheckStep.warning(
                            "token",
                            words + ". Not granted: " + String.join(" ", missing)
                                    + (token.rejectedScope().isEmpty()
                                            ? ". Have it granted to this client."
                                            : ". HelseID rejects it for the organisation: it may not have signed the terms of use.")));
        }
        if (token.lifetime().compareTo(Duration.ofSeconds(30)) < 0) {
            tell(CheckStep.warning(
                    "lifetime",
                    "the token lives " + token.lifetime().toSeconds()
                            + " s only: the worker asks for tokens all the time. Have it made longer."));
        }
    }

    /** What a token that is a JWT says; empty for one that is not. */
    private static Map<String, @Nullable Object> claims(AccessToken token) {
        String[] parts = token.value().reveal().split("\\.", -1);
        try {
            return parts.length == 3 ? Json.object(Base64.getUrlDecoder().decode(parts[1])) : Map.of();
        } catch (IOException | IllegalArgumentException e) {
            return Map.of();
        }
    }

    /** One GET of the API with the token. */
    void probe(AccessToken token, URI target, Backchannel toApi) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Authorization", token.authorization());
        try {
            Backchannel.Answer answer = send(token, target, toApi, headers, null);
            List<Challenge> challenges = Challenge.parse(answer.challenges());
            boolean wantsNonce = challenges.stream().anyMatch(challenge -> "use_dpop_nonce".equals(challenge.error()));
            if (wantsNonce && answer.nonce() != null) {
                answer = send(token, target, toApi, headers, answer.nonce());
                challenges = Challenge.parse(answer.challenges());
            }
            String words = "GET " + target + ": HTTP " + answer.status()
                    + challenges.stream()
                            .map(challenge -> ", " + challenge.scheme()
                                    + (challenge.error() == null ? "" : " " + word(challenge.error())))
                            .collect(Collectors.joining());
            tell(
                    switch (answer.status() / 100) {
                        case 2 -> CheckStep.ok("api", words);
                        case 4 ->
                            answer.status() == 401
                                    ? CheckStep.failed(
                                            "api",
                                            words + ". The API refuses the token: compare its audience and scope"
                                                    + " with what the API wants"
                                                    + (token.proof() ? "" : ", and whether it wants DPoP") + ".")
                                    : answer.status() == 403
                                            ? CheckStep.failed(
                                                    "api",
                                                    words + ". The API knows the token and does not let it in: the"
                                                            + " scope or the organisation is not enough.")
                                            : CheckStep.warning(
                                                    "api",
                                                    words + ". The token was let in; the address may want more.");
                        default -> CheckStep.warning("api", words + ".");
                    });
        } catch (IOException e) {
            tell(CheckStep.failed("api", "GET " + target + ": " + Reason.of(e)));
        }
    }

    private Backchannel.Answer send(
            AccessToken token, URI target, Backchannel toApi, Map<String, String> headers, @Nullable String nonce)
            throws IOException {
        ProofSigner signer = token.signer();
        if (signer != null) {
            headers.put(
                    "DPoP",
                    signer.sign(
                            "GET",
                            target,
                            token.hash(),
                            nonce,
                            serverClock.now().getEpochSecond()));
        }
        return toApi.look(target, headers, STEP);
    }

    private static String word(String error) {
        return error.matches("[\\w.-]{1,60}") ? error : "(unclear)";
    }
}
