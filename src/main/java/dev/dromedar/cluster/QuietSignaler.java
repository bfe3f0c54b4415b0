package dev.dromedar.cluster;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.quartz.JobKey;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.spi.SchedulerSignaler;

/** Passes on what Quartz's store reports to the scheduler, but for failures while the database is away. */
final class QuietSignaler implements SchedulerSignaler {
    private final SchedulerSignaler scheduler;
    private final BooleanSupplier isAway;
    private final Consumer<Trigger> missed;

    /** @param missed receives each trigger whose firings were missed */
    QuietSignaler(SchedulerSignaler scheduler, BooleanSupplier isAway, Consumer<Trigger> missed) {
        this.scheduler = scheduler;
        this.isAway = isAway;
        this.missed = missed;
    }

    @Override
    public void notifySchedulerListenersError(String words, SchedulerException e) {
        if (!isAway.getAsBoolean()) {
            scheduler.notifySchedulerListenersError(words, e);
        }
    }

    @Override
    public void notifyTriggerListenersMisfired(Trigger trigger) {
        missed.accept(trigger);
        scheduler.notifyTriggerListenersMisfired(trigger);
    }

    @Override
    public void notifySchedulerListenersFinalized(Trigger trigger) {
        scheduler.notifySchedulerListenersFinalized(trigger);
    }

    @Override
    public void notifySchedulerListenersJobDeleted(JobKey job) {
        scheduler.notifySchedulerListenersJobDeleted(job);
    }

    @Override
    public void signalSchedulingChange(long nextTime) {
        scheduler.signalSchedulingChange(nextTime);
    }
}
