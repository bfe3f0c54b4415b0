package dev.dromedar.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Forwards TCP connections to a server of this machine, until it is cut: then all stay open, and no byte passes. */
final class CuttableProxy implements AutoCloseable {
    private final int port;
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final CountDownLatch cut = new CountDownLatch(1);
    private volatile @Nullable String cutAfter;
    private @Nullable CountDownLatch healed;

    CuttableProxy(int port) throws IOException {
        this.port = port;
        start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private static void start(Runnable work) {
        var thread = new Thread(work, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                sockets.add(client);
                var server = new Socket(InetAddress.getLoopbackAddress(), port);
                sockets.add(server);
                start(() -> forward(client, server, true));
                start(() -> forward(server, client, false));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void forward(Socket from, Socket to, boolean toServer) {
        byte[] bytes = new byte[8192];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                awaitHealed();
                out.write(bytes, 0, count);
                String last = cutAfter;
                if (toServer
                        && last != null
                        && new String(bytes, 0, count, StandardCharsets.ISO_8859_1).contains(last)) {
                    cut();
                }
            }
            awaitHealed();
        } catch (IOException e) {
            // the other side has closed it
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitHealed() throws InterruptedException {
        CountDownLatch waiting;
        synchronized (this) {
            waiting = healed;
        }
        if (waiting != null) {
            waiting.await();
        }
    }

    synchronized void cut() {
        if (healed == null) {
            healed = new CountDownLatch(1);
            cutAfter = null;
            cut.countDown();
        }
    }

    /** Cuts once a client has sent something that contains these words, which are still passed on, and waits for it. */
    void cutAfter(String words) throws InterruptedException {
        cutAfter = words;
        cut.await();
    }

    synchronized void heal() {
        if (healed != null) {
            healed.countDown();
            healed = null;
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        heal();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
