package dev.dromedar.cluster;

import org.quartz.JobExecutionContext;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.listeners.TriggerListenerSupport;
import org.quartz.spi.OperableTrigger;

/** Asks {@link Firings} before each run begins. Quartz makes the instance, by the class's name, and gives it its name. */
public final class FiringGuard extends TriggerListenerSupport {
    private volatile String name = "dromedar";

    public void setName(String name) {
        this.name = name;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public boolean vetoJobExecution(Trigger trigger, JobExecutionContext run) {
        try {
            Firings firings = Firings.ofNode(run.getScheduler().getSchedulerInstanceId());
            return firings != null
                    && trigger instanceof OperableTrigger firing
                    && !firings.mayBegin(
                            firing, run.getScheduledFireTime(), run.getPreviousFireTime(), () -> isStopping(run));
        } catch (SchedulerException e) {
            throw new IllegalStateException("Quartz does not know its own name", e);
        }
    }

    private static boolean isStopping(JobExecutionContext run) {
        try {
            return run.getScheduler().isInStandbyMode();
        } catch (SchedulerException e) {
            return true;
        }
    }
}
