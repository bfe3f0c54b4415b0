package dev.dromedar.camel;

import dev.dromedar.oauth.ForeignText;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Consumer;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.impl.engine.DefaultRoute;
import org.apache.camel.processor.MulticastProcessor;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.DefaultThreadPoolFactory;
import org.apache.camel.support.RoutePolicySupport;
import org.apache.camel.support.UnitOfWorkHelper;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an {@link Error} in a route, such as a stack overflow or a class that is missing, a failure of its exchange. Camel
 * catches exceptions alone: an error would end the thread of a timer, a queue or a poll, leave a file locked and an exchange
 * without an end. Here the step that threw it fails, and its error handling, dead letters, counters and log see it as they
 * see an exception (as the cause of a {@code CamelExecutionException}). Where the error handling itself threw it, the step or
 * route around it fails. Polls on a schedule go on after one. Being around each step, it also sees to the {@link FailureWords}.
 *
 * <p>Memory that is exhausted ends a process of ours ({@link #whenMemoryIsExhausted}); in an application that embeds the
 * APIs it is a failure like the others, since the process is not ours to end. Thread-safe.
 */
public final class CaughtErrors implements InterceptStrategy, RoutePolicyFactory {
    private static final Logger LOG = LoggerFactory.getLogger("dromedar.failures");
    /** Exchange property: the innermost step or route that the exchange is in. */
    private static final String INNERMOST = "dromedar.innermost";

    private volatile @Nullable Consumer<OutOfMemoryError> memoryExhausted;

    private CaughtErrors() {}

    /** Call once, before routes are added. */
    static void install(CamelContext context) {
        var errors = new CaughtErrors();
        var extension = context.getCamelContextExtension();
        extension.addInterceptStrategy(errors);
        context.addRoutePolicyFactory(errors);
        context.getRegistry().bind("dromedar-caught-errors", errors);
        var threads = context.getExecutorServiceManager().getThreadPoolFactory();
        if (threads == null || threads.getClass() == DefaultThreadPoolFactory.class) {
            var ours = new CaughtTasks(errors::lookAtMemory);
            ours.setCamelContext(context);
            context.getExecutorServiceManager().setThreadPoolFactory(ours);
        }
    }

    /** What to do when a route of this context runs out of memory, before anything else is tried. */
    public static void whenMemoryIsExhausted(CamelContext context, Consumer<OutOfMemoryError> action) {
        CaughtErrors errors = context.getRegistry().findSingleByType(CaughtErrors.class);
        if (errors != null) {
            errors.memoryExhausted = action;
        }
    }

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, @Nullable Processor nextTarget) {
        GuardedAggregation.guardRecipients(target, this::lookAtMemory);
        MulticastProcessor multicast = GuardedAggregation.multicast(target);
        return multicast == null ? new Guarded(target, null) : new Aggregating(target, multicast);
    }

    @Override
    public RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode definition) {
        return new RoutePolicySupport() {
            @Override
            public void onInit(Route route) {
                if (route instanceof DefaultRoute whole
                        && whole.getProcessor() instanceof DelegateAsyncProcessor inside
                        && !(inside.getProcessor() instanceof Guarded)) {
                    // Inside, so that what Camel does at an exchange's end is done; and outside, for that and the
                    // beginning
                    AsyncProcessor steps = new Guarded(inside.getProcessor(), null);
                    inside.setProcessor(steps);
                    whole.setProcessor(new Guarded(inside, routeId));
                }
            }
        };
    }

    private void lookAtMemory(Error error) {
        Consumer<OutOfMemoryError> action = memoryExhausted;
        if (action != null && error instanceof OutOfMemoryError memory && isExhausted(memory)) {
            action.accept(memory);
        }
    }

    /** A thread that cannot be had, or an array longer than arrays can be, leaves memory for others. */
    private static boolean isExhausted(OutOfMemoryError error) {
        String message = String.valueOf(error.getMessage());
        return !message.contains("native thread") && !message.contains("limit") || message.contains("GC overhead");
    }

    /** A step or route that an exchange is in. */
    private static final class Entered implements AsyncCallback {
        private static final AtomicIntegerFieldUpdater<Entered> LEFT =
                AtomicIntegerFieldUpdater.newUpdater(Entered.class, "left");

        private final Exchange exchange;
        private final AsyncCallback callback;
        private final @Nullable Entered outer;
        private final @Nullable String route;

        @SuppressWarnings("unused") // by LEFT
        private volatile int left;
        /** Whether the exchange came into this whole route from no other. */
        private final boolean first;
        /** The thread that is in the step, or null. Only that thread can find itself here. */
        private @Nullable Thread working;

        private boolean ended;
        private boolean endedSync;

        private Entered(Exchange exchange, AsyncCallback callback, @Nullable Entered outer, @Nullable String route) {
            this.exchange = exchange;
            this.callback = callback;
            this.outer = outer;
            this.route = route;
            this.first = route != null && exchange.getUnitOfWork() == null;
        }

        static Entered enter(Exchange exchange, AsyncCallback callback, @Nullable String route) {
            var entered = new Entered(exchange, callback, innermost(exchange), route);
            exchange.setProperty(INNERMOST, entered);
            return entered;
        }

        /** That which would go on if nothing had failed; null if nothing waits for the exchange, as for a new copy of one. */
        static @Nullable Entered innermost(Exchange exchange) {
            Entered entered = exchange.getProperty(INNERMOST, Entered.class);
            while (entered != null && entered.isLeft()) {
                entered = entered.outer;
            }
            return entered != null && entered.exchange == exchange ? entered : null;
        }

        /**
         * While the step itself is at work its end waits for what it does last: Camel ends a step that throws an error as if it
         * had succeeded, and lets the error go on.
         */
        @Override
        public void done(boolean doneSync) {
            if (working == Thread.currentThread()) {
                ended = true;
                endedSync = doneSync;
            } else {
                leave(doneSync);
            }
        }

        void work() {
            working = Thread.currentThread();
        }

        void worked() {
            working = null;
            if (ended) {
                leave(endedSync);
            }
        }

        /** The first time counts: after an error what was interrupted may come to its end as well. */
        private void leave(boolean doneSync) {
            if (LEFT.compareAndSet(this, 0, 1)) {
                if (outer == null) {
                    exchange.removeProperty(INNERMOST);
                }
                FailureWords.ofFailed(exchange);
                callback.done(doneSync);
            }
        }

        private boolean isLeft() {
            return left != 0;
        }

        void fail(Error error) {
            working = null;
            exchange.setException(error);
            if (route != null) {
                LOG.error(
                        "Route {}: failed outside of its steps: {}",
                        ForeignText.line(route, 200),
                        error.getClass().getSimpleName());
            }
            if (first) {
                release();
            }
            leave(false);
        }

        /** What waits for the exchange's end, such as a file that is locked. */
        private void release() {
            if (exchange.getUnitOfWork() != null) {
                UnitOfWorkHelper.doneUow(exchange.getUnitOfWork(), exchange);
            } else {
                UnitOfWorkHelper.doneSynchronizations(
                        exchange, exchange.getExchangeExtension().handoverCompletions());
            }
        }

        @Override
        public String toString() {
            return "Entered";
        }
    }

    /** A step, or the steps of a route, or a route with all that Camel does around its steps. */
    private class Guarded extends DelegateAsyncProcessor {
        private final @Nullable String route;

        /** @param route for a whole route, its id */
        Guarded(Processor target, @Nullable String route) {
            super(target);
            this.route = route;
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            FailureWords.ofHandled(exchange);
            Entered entered = Entered.enter(exchange, callback, route);
            try {
                entered.work();
                boolean sync = super.process(exchange, entered);
                entered.worked();
                return sync;
            } catch (Error error) {
                entered.working = null;
                lookAtMemory(error);
                fail(entered, error);
                return false;
            }
        }

        /** An error that a failure leads to, as of a stack that is still too deep, fails what is around it. */
        private static void fail(Entered entered, Error first) {
            Error error = first;
            while (true) {
                Entered waiting = Entered.innermost(entered.exchange);
                if (waiting == null && !entered.isLeft()) {
                    waiting = entered;
                }
                if (waiting == null) {
                    throw error;
                }
                try {
                    waiting.fail(error);
                    return;
                } catch (Error another) {
                    error = another;
                }
            }
        }
    }

    /** A step that puts the results of its parts together. */
    private final class Aggregating extends Guarded {
        private final MulticastProcessor multicast;

        Aggregating(Processor target, MulticastProcessor multicast) {
            super(target, null);
            this.multicast = multicast;
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            GuardedAggregation.guard(multicast, exchange, CaughtErrors.this::lookAtMemory);
            return super.process(exchange, callback);
        }
    }
}
