package dev.dromedar.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ConcurrentModificationException;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;

/** Answers any GET with 1 KiB of JSON after a while, on one thread, and looks at nothing: the call alone is measured. */
public final class FastServer implements AutoCloseable {
    private static final byte[] ANSWER = answer();
    private static final long IDLE = 100_000_000;

    private record Due(SocketChannel channel, long at) {}

    private final Selector selector = Selector.open();
    private final ServerSocketChannel listener = ServerSocketChannel.open();
    private final Queue<SocketChannel> channels = new ConcurrentLinkedQueue<>();
    private final long delay;
    private final Deque<Due> due = new ArrayDeque<>(); // in order: all wait equally long
    private final LongAdder answered = new LongAdder();
    private final Queue<Double> bursts = new ConcurrentLinkedQueue<>();
    private long begun;
    private long last;

    public FastServer(Duration delay) throws IOException {
        this.delay = delay.toNanos();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        var thread = new Thread(this::serve, "fast-server");
        thread.setDaemon(true);
        thread.start();
    }

    public String address() throws IOException {
        return "http://127.0.0.1:" + ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    public long answered() {
        return answered.sum();
    }

    /** Seconds from the first request to the last answer of each burst of requests, with nothing to do before and after it. */
    public List<Double> bursts() {
        return List.copyOf(bursts);
    }

    private static byte[] answer() {
        String body = "{\"records\":\"" + "x".repeat(1024 - 14) + "\"}";
        return ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
                        + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private void serve() {
        var buffer = ByteBuffer.allocate(64 * 1024);
        try {
            while (selector.isOpen()) {
                Due next = due.peek();
                if (next == null) {
                    selector.select();
                } else {
                    long left = (next.at() - System.nanoTime()) / 1_000_000;
                    if (left > 0) {
                        selector.select(left);
                    } else {
                        selector.selectNow();
                    }
                }
                var keys = selector.selectedKeys().iterator();
                while (keys.hasNext()) {
                    SelectionKey key = keys.next();
                    keys.remove();
                    handle(key, buffer);
                }
                answerDue();
            }
        } catch (IOException
                | ClosedSelectorException
                | ConcurrentModificationException e) { // closed by another thread
            if (listener.isOpen()) {
                throw new UncheckedIOException(new IOException(e));
            }
        }
    }

    private void handle(SelectionKey key, ByteBuffer buffer) throws IOException {
        if (key.isAcceptable()) {
            SocketChannel channel = listener.accept();
            if (channel != null) {
                channels.add(channel);
                channel.configureBlocking(false);
                channel.socket().setTcpNoDelay(true);
                channel.register(selector, SelectionKey.OP_READ);
            }
            return;
        }
        var channel = (SocketChannel) key.channel();
        buffer.clear();
        try {
            int read = channel.read(buffer);
            if (read < 0) {
                channel.close();
            } else if (read >= 4
                    && buffer.get(read - 1) == '\n'
                    && buffer.get(read - 3) == '\n') { // a head's last bytes
                long now = System.nanoTime();
                if (due.isEmpty() && now - last > IDLE) {
                    if (begun != 0) {
                        bursts.add((last - begun) / 1e9);
                    }
                    begun = now;
                }
                due.add(new Due(channel, now + delay));
            }
        } catch (IOException e) {
            channel.close();
        }
    }

    private void answerDue() throws IOException {
        while (!due.isEmpty() && due.element().at() - System.nanoTime() <= 0) {
            SocketChannel channel = due.remove().channel();
            try {
                var answer = ByteBuffer.wrap(ANSWER);
                while (answer.hasRemaining()) {
                    channel.write(answer);
                }
                answered.increment();
                last = System.nanoTime();
            } catch (IOException e) {
                channel.close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        selector.close();
        for (SocketChannel channel : channels) {
            channel.close();
        }
    }
}
