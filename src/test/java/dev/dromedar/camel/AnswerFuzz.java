package dev.dromedar.camel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * Any bytes as the answer of an API, over a socket and through a route: the call ends, its message is bounded, nothing goes
 * to another server, and the next call is as good as if it were the first. {@code HERE} and {@code ELSEWHERE} in the bytes
 * become the addresses of the API and of a server that must not hear of it. Of one thread.
 */
public final class AnswerFuzz {
    private static final int LARGEST = 256 * 1024;
    private static final byte[] FINE =
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TOKEN = ("HTTP/1.1 200 OK\r\nContent-Length: " + ApiConnectionsTest.TOKEN.length()
                    + "\r\n\r\n" + ApiConnectionsTest.TOKEN)
            .getBytes(StandardCharsets.US_ASCII);

    private static @Nullable AnswerFuzz started;

    private final Server api = new Server(FINE);
    private final Server elsewhere = new Server(FINE);
    private final Server authority = new Server(TOKEN);
    private final Worker worker = new Worker();

    private AnswerFuzz() throws Exception {
        worker.api(
                        "partner",
                        api.address() + "/base",
                        authority.address() + "/token",
                        "answer-size",
                        "256KB",
                        "call-time-limit",
                        "10s")
                .route("call", "process: {ref: partner}", "to: \"" + api.address() + "/base/x?followRedirects=true\"");
        worker.start();
    }

    /** The servers stay until the process ends: a fuzzer calls this some hundred times a second. */
    public static synchronized void answer(byte[] input) {
        try {
            if (started == null) {
                started = new AnswerFuzz();
            }
            started.run(input);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void run(byte[] input) {
        api.answer = pointed(input);
        Exchange hostile = worker.send("call");
        api.answer = FINE;
        api.heads.clear();
        Exchange next = worker.send("call");

        byte[] body = hostile.getException() == null ? hostile.getMessage().getBody(byte[].class) : null;
        check(body == null || body.length <= LARGEST, "a body without end");
        String failure = hostile.getProperty(Call.FAILURE, "", String.class) + hostile.getException();
        boolean told = new String(input, StandardCharsets.ISO_8859_1).contains("t0k3n"); // by the input itself
        check(told || !failure.contains("t0k3n"), "a token in a message");
        check(elsewhere.heads.isEmpty(), "a request to another server");
        check(next.getException() == null, "the next call failed: " + next.getException());
        check("fine".equals(next.getMessage().getBody(String.class)), "the next call got something else");
        check(api.heads.size() == 1, "the next call was made " + api.heads.size() + " times");
        check(!api.heads.get(0).toLowerCase(java.util.Locale.ROOT).contains("\r\ncookie:"), "a cookie");
        check(api.heads.get(0).contains("Authorization: Bearer t0k3n"), "the next call had no token");
        authority.heads.clear();
    }

    private byte[] pointed(byte[] input) {
        return new String(input, StandardCharsets.ISO_8859_1)
                .replace("ELSEWHERE", elsewhere.address())
                .replace("HERE", api.address())
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** Answers each request with the same bytes, and closes. */
    private static final class Server {
        final List<String> heads = new CopyOnWriteArrayList<>();
        volatile byte[] answer;
        private final ServerSocket socket;

        Server(byte[] answer) throws IOException {
            this.answer = answer;
            socket = new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
            var thread = new Thread(this::serve, "fuzz-server");
            thread.setDaemon(true);
            thread.start();
        }

        String address() {
            return "http://localhost:" + socket.getLocalPort();
        }

        private void serve() {
            while (!socket.isClosed()) {
                try (Socket connection = socket.accept()) {
                    var head = new ByteArrayOutputStream();
                    for (int next = connection.getInputStream().read();
                            next >= 0;
                            next = connection.getInputStream().read()) {
                        head.write(next);
                        if (head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                            break;
                        }
                    }
                    String text = head.toString(StandardCharsets.ISO_8859_1);
                    if (text.startsWith("POST ")) { // a token request: its body is read too, or closing would reset
                        int length = Integer.parseInt(text.replaceFirst("(?is).*content-length: (\\d+).*", "$1"));
                        connection.getInputStream().readNBytes(length);
                    }
                    if (!text.isEmpty()) {
                        heads.add(text);
                        connection.getOutputStream().write(answer);
                    }
                } catch (IOException e) {
                    // the other side has had enough
                }
            }
        }
    }
}
