package dev.dromedar;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A server on loopback that answers with bytes of the test's own choosing, right or wrong, and keeps what it was sent. */
public final class RawServer implements AutoCloseable {
    private final ServerSocket socket;
    private final Function<Received, InputStream> answers;
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    /** One request, the head letter for letter. */
    public record Received(String head, byte[] body) {
        public String method() {
            return head.substring(0, head.indexOf(' '));
        }

        /** As sent: path and query. */
        public String target() {
            int start = head.indexOf(' ') + 1;
            return head.substring(start, head.indexOf(' ', start));
        }

        public String path() {
            return target().replaceFirst("\\?.*", "");
        }

        public @Nullable String header(String name) {
            return head.lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElse(null);
        }

        public List<String> headerNames() {
            return head.lines()
                    .skip(1)
                    .filter(line -> line.contains(":"))
                    .map(line -> line.substring(0, line.indexOf(':')))
                    .toList();
        }
    }

    /** @param answers what is sent for each request; the connection is closed after an answer that says so, or is empty */
    public RawServer(Function<Received, InputStream> answers) {
        this.answers = answers;
        try {
            socket = new ServerSocket(0, 200, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        daemon(this::accept);
    }

    public static InputStream bytes(String head, byte[] body) {
        var all = new ByteArrayOutputStream();
        all.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
        all.writeBytes(body);
        return new ByteArrayInputStream(all.toByteArray());
    }

    public static InputStream text(String answer) {
        return bytes(answer, new byte[0]);
    }

    /** What never comes, until the server is closed. */
    public static InputStream never() {
        return new InputStream() {
            private final CountDownLatch closed = new CountDownLatch(1);

            @Override
            public int read() {
                try {
                    closed.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return -1;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                return read();
            }
        };
    }

    /** The same again and again, without end. */
    public static InputStream endless(String again) {
        byte[] bytes = again.getBytes(StandardCharsets.ISO_8859_1);
        return new InputStream() {
            private int at;

            @Override
            public int read() {
                byte next = bytes[at];
                at = (at + 1) % bytes.length;
                return next & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                for (int i = 0; i < length; i++) {
                    into[offset + i] = (byte) read();
                }
                return length;
            }
        };
    }

    /** An answer as it should be. */
    public static InputStream answer(int status, String headers, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return bytes("HTTP/1.1 " + status + " X\r\n" + headers + "Content-Length: " + bytes.length + "\r\n\r\n", bytes);
    }

    public URI uri() {
        return URI.create("http://localhost:" + socket.getLocalPort());
    }

    /** What was received so far is no longer kept. */
    public void forget() {
        received.clear();
    }

    public List<Received> received() {
        return received;
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                open.add(connection);
                daemon(() -> serve(connection));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            var in = connection.getInputStream();
            for (Received request = read(in); request != null; request = read(in)) {
                received.add(request);
                var sent = new ByteArrayOutputStream();
                try (InputStream answer = answers.apply(request)) {
                    byte[] buffer = new byte[8192];
                    for (int n = answer.read(buffer); n >= 0; n = answer.read(buffer)) {
                        connection.getOutputStream().write(buffer, 0, n);
                        if (sent.size() < 100_000) {
                            sent.write(buffer, 0, n);
                        }
                    }
                }
                String told = sent.toString(StandardCharsets.ISO_8859_1);
                if (told.isEmpty() || told.startsWith("HTTP/1.0") || told.contains("Connection: close")) {
                    return;
                }
            }
        } catch (IOException e) {
            // the other side has had enough
        }
    }

    private static @Nullable Received read(InputStream in) throws IOException {
        var head = new ByteArrayOutputStream();
        for (int last = 0; last != 0x0d0a0d0a; ) {
            int next = in.read();
            if (next < 0) {
                return null;
            }
            head.write(next);
            last = last << 8 | next;
        }
        var request = new Received(head.toString(StandardCharsets.ISO_8859_1), new byte[0]);
        String length = request.header("Content-Length");
        byte[] body = length != null
                ? in.readNBytes(Integer.parseInt(length))
                : request.header("Transfer-Encoding") != null ? chunks(in) : new byte[0];
        return new Received(request.head(), body);
    }

    private static byte[] chunks(InputStream in) throws IOException {
        var body = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line(in), 16);
            body.writeBytes(in.readNBytes(size));
            line(in);
            if (size == 0) {
                return body.toByteArray();
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.append((char) next);
        }
        return line.toString().strip();
    }

    private static void daemon(Runnable work) {
        var thread = new Thread(work, "raw-server");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            socket.close();
            for (Socket connection : open) {
                connection.close();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
