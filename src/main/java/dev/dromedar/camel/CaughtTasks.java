package dev.dromedar.camel;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.camel.spi.ThreadPoolProfile;
import org.apache.camel.support.DefaultThreadPoolFactory;
import org.apache.camel.util.concurrent.SizedScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Camel's threads, but that what is to run again and again runs again after an {@link Error}; see {@link CaughtErrors}. */
final class CaughtTasks extends DefaultThreadPoolFactory {
    private static final Logger LOG = LoggerFactory.getLogger("dromedar.failures");

    private final Consumer<Error> onError;

    /** @param onError gets each error before it is logged */
    CaughtTasks(Consumer<Error> onError) {
        this.onError = onError;
    }

    @Override
    public ScheduledExecutorService newScheduledThreadPool(ThreadPoolProfile profile, ThreadFactory factory) {
        ScheduledExecutorService made = super.newScheduledThreadPool(profile, factory);
        return made instanceof SizedScheduledExecutorService sized
                ? new Schedule(sized.getScheduledThreadPoolExecutor(), profile.getMaxQueueSize())
                : made instanceof ScheduledThreadPoolExecutor unbounded ? new Schedule(unbounded, 0) : made;
    }

    private final class Schedule extends SizedScheduledExecutorService {
        Schedule(ScheduledThreadPoolExecutor threads, long queueSize) {
            super(threads, queueSize);
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long first, long period, TimeUnit unit) {
            return super.scheduleAtFixedRate(caught(task), first, period, unit);
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long first, long delay, TimeUnit unit) {
            return super.scheduleWithFixedDelay(caught(task), first, delay, unit);
        }

        private Runnable caught(Runnable task) {
            return () -> {
                try {
                    task.run();
                } catch (Error error) {
                    onError.accept(error);
                    LOG.error(
                            "A scheduled task failed, and will run again: {}",
                            error.getClass().getSimpleName());
                }
            };
        }
    }
}
