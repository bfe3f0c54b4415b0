package dev.dromedar.oauth;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.jspecify.annotations.Nullable;

/** Connections that are only looked at: nothing but a handshake is sent. Pure functions of the network. */
final class Sockets {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private Sockets() {}

    static Socket way(URI address, Transport.@Nullable Proxy proxy) throws IOException {
        return proxy == null ? to(address.getHost(), port(address)) : through(proxy, address);
    }

    static Socket to(String host, int port) throws IOException {
        var socket = new Socket();
        try {
            socket.setSoTimeout((int) LIMIT.toMillis());
            socket.connect(new InetSocketAddress(host, port), (int) LIMIT.toMillis());
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** RFC 9110 section 9.3.6. */
    static Socket through(Transport.Proxy proxy, URI address) throws IOException {
        String target = address.getHost() + ":" + port(address);
        String head = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
        if (proxy.user() != null && proxy.password() != null) {
            String pair = proxy.user() + ":" + proxy.password().current().reveal();
            head += "Proxy-Authorization: Basic "
                    + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)) + "\r\n";
        }
        Socket socket = to(proxy.host(), proxy.port());
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
                throw new ProxyRefusal(proxy, ForeignText.isNumber(status, 3) ? Integer.parseInt(status) : 0);
            }
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** @param legacy whether weak TLS is accepted; see {@link TlsRules} */
    static SSLSocket secured(Socket plain, URI address, SSLContext tls, boolean legacy) throws IOException {
        return TlsRules.strategy(tls, legacy)
                .upgrade(plain, address.getHost(), port(address), null, HttpClientContext.create());
    }

    static int port(URI address) {
        return address.getPort() < 0 ? 443 : address.getPort();
    }
}
