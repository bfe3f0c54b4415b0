package dev.dromedar.oauth;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Looks at the way to a server: its name, the proxy, and TLS. */
final class NetworkCheck {
    private final CheckReport report;
    private final CertificateDates dates;
    private final Transport.@Nullable Proxy proxy;
    private final boolean legacy;
    private final SSLContext tls;

    /** @param tls whom to trust, and the certificate to show */
    NetworkCheck(CheckReport report, CertificateDates dates, Transport transport, SSLContext tls) {
        this.report = report;
        this.dates = dates;
        this.proxy = transport.proxy();
        this.legacy = transport.legacy();
        this.tls = tls;
    }

    void run(URI address) {
        String host = proxy == null ? address.getHost() : proxy.host();
        String what = proxy == null ? "dns" : "proxy";
        InetAddress[] found;
        try {
            found = InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            report.tell(CheckStep.failed(
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
            report.tell(CheckStep.ok("dns", host + " is " + addresses));
        } else {
            try {
                (secure ? Sockets.through(proxy, address) : Sockets.to(host, proxy.port())).close();
                report.tell(CheckStep.ok(
                        "proxy",
                        proxy + " (" + addresses + ") takes connections; it looks " + address.getHost() + " up"));
            } catch (IOException e) {
                report.tell(CheckStep.failed("proxy", proxy + " cannot be reached: " + NetworkFailure.of(e)));
                return;
            }
        }
        if (!secure) {
            report.tell(CheckStep.ok("tls", "none: plain http to this machine itself"));
            return;
        }
        handshake(address);
    }

    private void handshake(URI address) {
        try (Socket plain = Sockets.way(address, proxy);
                SSLSocket socket = Sockets.secured(plain, address, tls, legacy)) {
            var session = socket.getSession();
            X509Certificate[] chain = (X509Certificate[]) session.getPeerCertificates();
            X509Certificate first = Arrays.stream(chain)
                    .min(Comparator.comparing(X509Certificate::getNotAfter))
                    .orElseThrow();
            dates.check(
                    "tls",
                    session.getProtocol() + ", " + CertificateDates.named(chain[0]) + " (" + chain.length
                            + " in the chain"
                            + (first.equals(chain[0])
                                    ? ""
                                    : ", of which " + CertificateDates.subject(first) + " ends first")
                            + "),",
                    first,
                    "Tell the operator of " + address.getHost() + ".");
        } catch (IOException e) {
            X509Certificate shown = NetworkFailure.isOfCertificate(e) ? shown(address) : null;
            report.tell(CheckStep.failed(
                    "tls",
                    "no TLS connection to " + address.getHost() + ":" + Sockets.port(address) + ": "
                            + NetworkFailure.of(e)
                            + (shown == null
                                    ? ""
                                    : " It shows " + CertificateDates.named(shown) + ", valid until "
                                            + shown.getNotAfter().toInstant() + ".")));
        }
    }

    /** The certificate that a server shows to somebody who trusts nobody: nothing but the handshake is sent. */
    private @Nullable X509Certificate shown(URI address) {
        var seen = new AtomicReference<@Nullable X509Certificate>();
        try {
            var nobody = SSLContext.getInstance("TLS");
            nobody.init(null, new TrustManager[] {new TrustsNobody(seen)}, null);
            try (Socket plain = Sockets.way(address, proxy);
                    SSLSocket socket = Sockets.secured(plain, address, nobody, legacy)) {
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
}
