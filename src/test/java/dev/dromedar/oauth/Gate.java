package dev.dromedar.oauth;

import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Request;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Holds back the answers of a server until it is opened. */
final class Gate implements Fault {
    private final Semaphore arrived = new Semaphore(0);
    private final CountDownLatch open = new CountDownLatch(1);

    private final boolean after;
    private final @Nullable Fault then;

    Gate() {
        this(false, null);
    }

    private Gate(boolean after, @Nullable Fault then) {
        this.after = after;
        this.then = then;
    }

    /** Answers with a fault once it is open. */
    static Gate thenFault(Fault then) {
        return new Gate(false, then);
    }

    /** Lets the request in, and holds back what the server has answered. */
    static Gate afterTheServer() {
        return new Gate(true, null);
    }

    @Override
    public Answer answer(Request request, Server server) {
        Answer answered = after ? server.answer(request) : null;
        arrived.release();
        try {
            open.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (then != null) {
            return then.answer(request, server);
        }
        return answered == null ? server.answer(request) : answered;
    }

    @Override
    public boolean concerns(Request request) {
        return request.path().equals("/connect/token");
    }

    /** Waits until a request stands before the gate. */
    void awaitRequest() throws InterruptedException {
        if (!arrived.tryAcquire(60, TimeUnit.SECONDS)) {
            throw new AssertionError("no request came");
        }
    }

    void open() {
        open.countDown();
    }
}
