package dev.dromedar.cluster;

import java.util.function.BooleanSupplier;
import org.quartz.JobKey;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.spi.SchedulerSignaler;

/** Passes on what Quartz's store reports to the scheduler, but for failures while the database is away. */
final class QuietSignaler implements SchedulerSignaler {
    private final SchedulerSignaler scheduler;
    private final BooleanSupplier isAway;

    QuietSignaler(SchedulerSignaler scheduler, BooleanSupplier isAway) {
        this.scheduler = scheduler;
        this.isAway = isAway;
    }

    @Override
    public void notifySchedulerListenersError(String words, SchedulerException e) {
        if (!isAway.getAsBoolean()) {
            scheduler.notifySchedulerListenersError(words, e);
        }
    }

    @Override
    public void notifyTriggerListenersMisfired(Trigger trigger) {
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
