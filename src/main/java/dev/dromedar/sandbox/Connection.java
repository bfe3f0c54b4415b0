package dev.dromedar.sandbox;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 on one connection (RFC 9112), by hand so that an answer can be broken at any byte. */
final class Connection implements Runnable {
    private static final int MAX_LINE = 64 * 1024;
    private static final int MAX_BODY = 64 * 1024 * 1024;

    private final Server server;
    private final Socket raw;
    private final Socket socket;

    /**
     * What a connection serves.
     *
     * @param answers to each request
     * @param calledAs the origin by the name in the {@code Host} header
     * @param date for the header {@code Date}
     * @param closed counted down when the server stops
     */
    record Server(
            Fault.Server answers,
            Function<@Nullable String, String> calledAs,
            Supplier<String> date,
            CountDownLatch closed) {}

    /** @param socket the raw one, or TLS over it */
    Connection(Server server, Socket raw, Socket socket) {
        this.server = server;
        this.raw = raw;
        this.socket = socket;
    }

    @Override
    public void run() {
        try (raw;
                var in = new BufferedInputStream(socket.getInputStream(), 8192);
                var out = socket.getOutputStream()) {
            Request request = read(in, out);
            while (request != null) {
                boolean last = "close".equalsIgnoreCase(request.header("Connection"));
                if (!write(request, server.answers().answer(request), in, out) || last) {
                    return;
                }
                request = read(in, out);
            }
        } catch (IOException | IllegalArgumentException e) {
            // The caller has gone, or speaks no HTTP; there is no one to inform
        }
    }

    /** Asked for at each request: the handshake is done by then. */
    private @Nullable String certificate() {
        if (socket instanceof SSLSocket tls) {
            try {
                return Certificates.thumbprint(
                        tls.getSession().getPeerCertificates()[0].getEncoded());
            } catch (SSLPeerUnverifiedException | CertificateEncodingException e) {
                return null;
            }
        }
        return null;
    }

    private @Nullable Request read(InputStream in, OutputStream out) throws IOException {
        String line = line(in);
        while (line != null && line.isEmpty()) {
            line = line(in);
        }
        if (line == null) {
            return null;
        }
        String[] start = line.split(" ", -1);
        if (start.length != 3) {
            throw new IOException("not a request line");
        }
        var headers = new ArrayList<Header>();
        for (String field = line(in); field != null && !field.isEmpty(); field = line(in)) {
            int colon = field.indexOf(':');
            if (colon < 1) {
                throw new IOException("not a header field");
            }
            headers.add(new Header(
                    field.substring(0, colon), field.substring(colon + 1).strip()));
        }
        var head = new Request(start[0], "", start[1], headers, new byte[0], null);
        if ("100-continue".equalsIgnoreCase(head.header("Expect"))) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }
        return new Request(
                start[0],
                server.calledAs().apply(head.header("Host")),
                start[1],
                headers,
                body(head, in),
                certificate());
    }

    private static byte[] body(Request head, InputStream in) throws IOException {
        String coding = head.header("Transfer-Encoding");
        if (coding != null && coding.toLowerCase(Locale.ROOT).contains("chunked")) {
            return chunks(in);
        }
        String length = head.header("Content-Length");
        return length == null ? new byte[0] : exactly(in, Integer.parseInt(length));
    }

    private static byte[] chunks(InputStream in) throws IOException {
        var body = new ByteArrayOutputStream();
        while (true) {
            String size = line(in);
            if (size == null) {
                throw new EOFException();
            }
            int length = Integer.parseInt(size.split(";", 2)[0].strip(), 16);
            body.writeBytes(exactly(in, length));
            if (length == 0) {
                for (String trailer = line(in); trailer != null && !trailer.isEmpty(); trailer = line(in)) {}
                return body.toByteArray();
            }
            line(in);
        }
    }

    private static byte[] exactly(InputStream in, int length) throws IOException {
        if (length < 0 || length > MAX_BODY) {
            throw new IOException("body of " + length + " bytes");
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return bytes;
    }

    /** The next line without its end, or null at the end of the stream. */
    private static @Nullable String line(InputStream in) throws IOException {
        var line = new StringBuilder(80);
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                return null;
            }
            if (line.length() >= MAX_LINE) {
                throw new IOException("line too long");
            }
            line.append((char) c);
        }
        int end = line.length();
        return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
    }

    /** False if the connection is at its end. */
    private boolean write(Request request, Answer answer, InputStream in, OutputStream out) throws IOException {
        pause(answer.delay());
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        byte[] head = head(answer, body.length);
        var all = new ByteArrayOutputStream(head.length + body.length);
        all.writeBytes(head);
        if (!request.method().equals("HEAD")) {
            all.writeBytes(body);
        }
        switch (answer.delivery()) {
            case WHOLE -> out.write(all.toByteArray());
            case DRIP -> drip(all.toByteArray(), answer, out);
            case RESET_MID_BODY -> {
                out.write(all.toByteArray(), 0, head.length + body.length / 2);
                out.flush();
                raw.setSoLinger(true, 0);
                raw.close();
            }
            case CLOSE -> raw.close();
            case NEVER -> in.transferTo(OutputStream.nullOutputStream());
        }
        if (answer.delivery() != Answer.Delivery.WHOLE && answer.delivery() != Answer.Delivery.DRIP) {
            return false;
        }
        out.flush();
        return true;
    }

    /** Waits in real time, until the server is closed at most. */
    private void pause(Duration time) throws IOException {
        try {
            if (!time.isZero() && server.closed().await(time.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private void drip(byte[] bytes, Answer answer, OutputStream out) throws IOException {
        for (byte b : bytes) {
            out.write(b);
            out.flush();
            pause(answer.pace());
        }
    }

    private byte[] head(Answer answer, int length) {
        var head = new StringBuilder(256)
                .append("HTTP/1.1 ")
                .append(answer.status())
                .append(" \r\nDate: ")
                .append(server.date().get())
                .append("\r\n");
        for (Header header : List.copyOf(answer.headers())) {
            head.append(header.name()).append(": ").append(header.value()).append("\r\n");
        }
        if (!Set.of(204, 304).contains(answer.status())) {
            head.append("Content-Length: ").append(length).append("\r\n");
        }
        return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
