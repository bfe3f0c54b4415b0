package dev.dromedar.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What the worker does when it is asked to stop (SIGTERM, Ctrl-C): the first time it lets exchanges under way end, within
 * {@code camel.main.shutdownTimeout}; the second time it stops at once. A JVM alone would not hear the second. Signals in
 * the same second are one: a shell's {@code timeout} signals a process and then its whole group.
 */
final class Signals {
    private static final int TERMINATED = 143;
    private static final long SECOND = 1_000_000_000;

    private final AtomicReference<@Nullable Long> heard = new AtomicReference<>();

    private Signals() {}

    /** By reflection, since the JDK warns of these types at each use; where they are missing, the JVM does as it always does. */
    static void listen() {
        var signals = new Signals();
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, args) -> {
                        if (method.getName().equals("handle")) {
                            signals.told(exitStatus(args));
                            return null;
                        }
                        return method.getName().equals("equals")
                                ? (Object) (proxy == args[0])
                                : method.getName().equals("hashCode") ? (Object) 1 : "the worker's signals";
                    });
            for (String name : List.of("TERM", "INT")) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), ours);
            }
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            LoggerFactory.getLogger(Signals.class).debug("A second signal will not stop the worker at once", e);
        }
    }

    /** As a shell has it: 128 and the signal's number. */
    private static int exitStatus(Object[] args) throws IllegalAccessException, InvocationTargetException {
        try {
            return 128 + (int) args[0].getClass().getMethod("getNumber").invoke(args[0]);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("A signal has a number: " + Arrays.toString(args), e);
        }
    }

    private void told(int status) {
        long now = System.nanoTime();
        if (heard.compareAndSet(null, now)) {
            LoggerFactory.getLogger(Signals.class)
                    .info("Stopping: exchanges under way may end. A second signal stops at once.");
            new Thread(() -> System.exit(status == TERMINATED ? 0 : status), "dromedar-stop").start();
        } else if (now - Objects.requireNonNull(heard.get()) > SECOND) {
            LoggerFactory.getLogger(Signals.class).warn("Stopped at once: exchanges under way are cut off");
            Runtime.getRuntime().halt(status);
        }
    }
}
