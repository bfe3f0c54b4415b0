package dev.dromedar.oauth;

import dev.dromedar.oauth.CheckStep.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
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
        URI endpoint = metadata.tokenEndpoint(api.toAuthority().identity() != null);
        if (!Addresses.origin(endpoint).equals(Addresses.origin(authority))) {
            network(endpoint, api.toAuthority().proxy(), toAuthority);
            if (failed) {
                return null;
            }
        }
        if (api.endpoints().tokenEndpoint() == null) {
            clock();
            return token();
        }
        AccessToken token = token(); // nothing has been asked before it
        clock();
        return token;
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
                    key.algorithm() + " of " + key.size() + " bits, "
                            + (key.keyId() == null ? "" : "kid " + key.keyId() + ", ") + "thumbprint "
                            + key.thumbprint()));
            certificate("certificate", key, !byKeyId());
        }
        TlsIdentity shown = api.toAuthority().identity() != null
                ? api.toAuthority().identity()
                : api.toApi().identity();
        if (shown != null && !(api.authentication() instanceof ClientAuthentication.TlsCertificate)) {
            certificate("tls certificate", shown.credential().current(), true);
        }
    }

    /** Whether the authority knows the key by its {@code kid}, so that the dates of a certificate beside it do not count. */
    private boolean byKeyId() {
        return api.authentication() instanceof ClientAuthentication.PrivateKeyJwt jwt
                        && jwt.assertion().keyName() == Profile.KeyName.KID
                || api.authentication() instanceof ClientAuthentication.JwtBearerGrant grant
                        && grant.assertion().keyName() == Profile.KeyName.KID;
    }

    private void certificate(String what, SigningKey key, boolean counts) {
        if (!key.certificates().isEmpty()) {
            X509Certificate certificate = key.certificates().get(0);
            String name = subject(certificate) + ", x5t#S256 " + SigningKey.thumbprint(certificate);
            if (counts) {
                expiry(
                        what,
                        name,
                        certificate,
                        "Have it renewed, register the new one, and put it into the same file.");
            } else {
                tell(CheckStep.ok(
                        what,
                        name + " ends " + certificate.getNotAfter().toInstant()
                                + ", which does not count: the key goes by its kid"));
            }
        }
    }

    private void expiry(String what, String name, X509Certificate certificate, String cure) {
        Instant end = certificate.getNotAfter().toInstant();
        Duration left = Duration.between(time.now(), end);
        if (left.isNegative()) {
            tell(CheckStep.failed(what, name + " expired " + end + ". " + cure));
        } else if (time.now().isBefore(certificate.getNotBefore().toInstant())) {
            tell(CheckStep.failed(
                    what,
                    name + " is not good before " + certificate.getNotBefore().toInstant()
                            + ". Check this machine's clock."));
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
        boolean secure = "https".equalsIgnoreCase(address.getScheme());
        if (proxy == null) {
            tell(CheckStep.ok("dns", host + " is " + addresses));
        } else {
            try {
                (secure ? tunnel(proxy, address) : connected(host, proxy.port())).close();
                tell(CheckStep.ok(
                        "proxy",
                        proxy + " (" + addresses + ") takes connections; it looks " + address.getHost() + " up"));
            } catch (IOException e) {
                tell(CheckStep.failed("proxy", proxy + " gives no connection: " + Reason.of(e)));
                return;
            }
        }
        if (!secure) {
            tell(CheckStep.ok("tls", "none: plain http to this machine itself"));
            return;
        }
        handshake(address, proxy, tls);
    }

    private void handshake(URI address, Transport.@Nullable Proxy proxy, SSLContext tls) {
        try (Socket plain = way(address, proxy);
                SSLSocket socket = secured(plain, address, tls)) {
            var session = socket.getSession();
            X509Certificate[] chain = (X509Certificate[]) session.getPeerCertificates();
            X509Certificate first = Arrays.stream(chain)
                    .min(Comparator.comparing(X509Certificate::getNotAfter))
                    .orElseThrow();
            expiry(
                    "tls",
                    session.getProtocol() + ", " + named(chain[0]) + " (" + chain.length + " in the chain"
                            + (first.equals(chain[0]) ? "" : ", of which " + subject(first) + " ends first") + "),",
                    first,
                    "Tell whoever runs " + address.getHost() + ".");
        } catch (IOException e) {
            X509Certificate shown = Reason.isOfCertificate(e) ? shown(address, proxy) : null;
            tell(CheckStep.failed(
                    "tls",
                    "no TLS connection to " + address.getHost() + ":" + port(address) + ": " + Reason.of(e)
                            + (shown == null
                                    ? ""
                                    : " It shows " + named(shown) + ", good until "
                                            + shown.getNotAfter().toInstant() + ".")));
        }
    }

    /** The certificate that a server shows to somebody who trusts nobody: nothing but the handshake is sent. */
    private static @Nullable X509Certificate shown(URI address, Transport.@Nullable Proxy proxy) {
        var seen = new AtomicReference<@Nullable X509Certificate>();
        try {
            var nobody = SSLContext.getInstance("TLS");
            nobody.init(null, new TrustManager[] {new TrustsNobody(seen)}, null);
            try (Socket plain = way(address, proxy);
                    SSLSocket socket = secured(plain, address, nobody)) {
                socket.getSession();
            }
        } catch (IOException | GeneralSecurityException e) {
            // as it should be
        }
        return seen.get();
    }

    private record TrustsNobody(AtomicReference<@Nullable X509Certificate> seen) implements X509TrustManager {
        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            seen.set(chain[0]);
            throw new CertificateException("only looked at");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("this is a client");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static Socket way(URI address, Transport.@Nullable Proxy proxy) throws IOException {
        return proxy == null ? connected(address.getHost(), port(address)) : tunnel(proxy, address);
    }

    private static Socket connected(String host, int port) throws IOException {
        var socket = new Socket();
        try {
            socket.setSoTimeout((int) STEP.toMillis());
            socket.connect(new InetSocketAddress(host, port), (int) STEP.toMillis());
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** RFC 9110 section 9.3.6. */
    private static Socket tunnel(Transport.Proxy proxy, URI address) throws IOException {
        String target = address.getHost() + ":" + port(address);
        String head = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
        if (proxy.user() != null && proxy.password() != null) {
            String pair = proxy.user() + ":" + proxy.password().current().reveal();
            head += "Proxy-Authorization: Basic "
                    + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)) + "\r\n";
        }
        Socket socket = connected(proxy.host(), proxy.port());
        try {
            socket.getOutputStream().write((head + "\r\n").getBytes(StandardCharsets.UTF_8));
            var answer = new StringBuilder();
            while (answer.indexOf("\r\n\r\n", Math.max(0, answer.length() - 4)) < 0) {
                int next = answer.length() < 16 * 1024 ? socket.getInputStream().read() : -1;
                if (next < 0) {
                    throw new IOException("what answers there is no proxy");
                }
                answer.append((char) next);
            }
            String status = answer.indexOf("HTTP/1.") == 0 && answer.length() > 12 ? answer.substring(9, 12) : "";
            if (!status.startsWith("2")) {
                throw new Backchannel.ProxyRefusal(
                        proxy, ForeignText.isNumber(status, 3) ? Integer.parseInt(status) : 0);
            }
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static SSLSocket secured(Socket plain, URI address, SSLContext tls) throws IOException {
        var socket = (SSLSocket) tls.getSocketFactory().createSocket(plain, address.getHost(), port(address), true);
        try {
            var parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static int port(URI address) {
        return address.getPort() < 0 ? 443 : address.getPort();
    }

    private static String named(X509Certificate certificate) {
        return subject(certificate) + " by "
                + ForeignText.line(certificate.getIssuerX500Principal().getName(), 1000);
    }

    private static String subject(X509Certificate certificate) {
        return ForeignText.line(certificate.getSubjectX500Principal().getName(), 1000);
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
        if (!serverClock.heard()) {
            tell(CheckStep.ok("clock", "not compared: the authority does not say its time (Date)"));
            return;
        }
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
            return failed ? null : token;
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
                facts.put(claim.replaceFirst(".*/", ""), text.length() > 200 ? "(long)" : ForeignText.line(text));
            }
        }
        if (token.signer() != null) {
            facts.put("bound to", "the DPoP key " + token.signer().key().thumbprint());
        } else if (claims.get("cnf") instanceof Map<?, ?> confirmation && confirmation.get("x5t#S256") != null) {
            facts.put(
                    "bound to",
                    api.toApi().identity() == null
                            ? "the client certificate, which is not shown to the API (tls-certificate-for)"
                            : "the client certificate");
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
                                    ? CheckStep.failed("api", words + ". " + unauthorized(token, challenges))
                                    : answer.status() == 403
                                            ? CheckStep.failed(
                                                    "api",
                                                    words + ". The API knows the token and does not let it in: the"
                                                            + " scope or the organisation is not enough.")
                                            : CheckStep.warning(
                                                    "api",
                                                    words + ". The token was let in; the address may want more.");
                        case 5 -> CheckStep.warning("api", words + ". The API itself fails.");
                        default -> CheckStep.warning("api", words + ".");
                    });
        } catch (IOException e) {
            tell(CheckStep.failed("api", "GET " + target + ": " + Reason.of(e)));
        }
    }

    /** What a 401 of an API may come from: what its challenges ask for tells more than their error. */
    private String unauthorized(AccessToken token, List<Challenge> challenges) {
        boolean bearer =
                challenges.stream().anyMatch(challenge -> challenge.scheme().equalsIgnoreCase("Bearer"));
        boolean dpop =
                challenges.stream().anyMatch(challenge -> challenge.scheme().equalsIgnoreCase("DPoP"));
        if (token.proof() && bearer && !dpop) {
            return "The API asks for a Bearer token and does not know DPoP: set dpop = false, if the authority gives this"
                    + " client such tokens, or have the API take DPoP.";
        }
        if (!token.proof() && dpop && !bearer) {
            return "The API asks for a DPoP token: set dpop = true.";
        }
        if (challenges.stream().anyMatch(challenge -> "invalid_dpop_proof".equals(challenge.error()))) {
            return "The API refuses the proof: check this machine's clock and dpop-algorithm, and that the API knows itself"
                    + " by this address (a gateway may hide it).";
        }
        return "The API refuses the token: compare its audience and scope with what the API wants"
                + (token.proof() ? "" : ", and whether it wants DPoP")
                + (api.toAuthority().identity() != null && api.toApi().identity() == null
                        ? ", or this client's certificate (tls-certificate-for)"
                        : "")
                + ".";
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
        return ForeignText.isWord(error, 60) ? error : "(unclear)";
    }
}
