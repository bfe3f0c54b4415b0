package dev.dromedar.cluster;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.function.UnaryOperator;
import org.apache.camel.component.quartz.CamelJob;
import org.apache.camel.component.quartz.QuartzEndpoint;
import org.apache.camel.component.quartz.StatefulCamelJob;
import org.jspecify.annotations.Nullable;
import org.quartz.CronScheduleBuilder;
import org.quartz.CronTrigger;
import org.quartz.Job;
import org.quartz.JobDetail;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.TriggerKey;
import org.quartz.impl.matchers.GroupMatcher;
import org.quartz.spi.OperableTrigger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the schedules in the database up to date with this node's routes where Camel does not, and takes out those that no node
 * has a route for. Reads all of them at once, and goes through Quartz only for those that are to change. For one thread.
 */
final class ScheduleUpkeep {
    private static final Logger LOG = LoggerFactory.getLogger("dev.dromedar.cluster.Cluster");

    private static final long MOST_NANOS = 1_000_000_000;
    /** Longer than Quartz waits for its lock. */
    private static final Duration SOON = Duration.ofSeconds(15);

    private final RoutesHere routes;
    private final Database database;
    private final InstantSource clock;
    private final UnaryOperator<String> cleaned;
    private final Set<TriggerKey> suspects = new HashSet<>();
    /** Schedules that could not be stored again, and why. */
    private final Map<TriggerKey, String> failed = new HashMap<>();

    private record StoredJob(String type, boolean recovers) {}

    private record StoredCron(@Nullable String zone, int missed) {}

    /**
     * @param clock this machine's, which Quartz goes by
     * @param cleaned a text that the database holds, for the log
     */
    ScheduleUpkeep(RoutesHere routes, Database database, InstantSource clock, UnaryOperator<String> cleaned) {
        this.clock = clock;
        this.routes = routes;
        this.database = database;
        this.cleaned = cleaned;
    }

    /** What Camel does not bring up to date in a job that is in the database already. */
    void updateJobs() throws SchedulerException {
        Scheduler scheduler = routes.scheduler();
        // Job data of older versions, which nobody reads any more
        database.run(
                "UPDATE dromedar_qrtz_job_details SET job_data = NULL WHERE sched_name = ? AND job_data IS NOT NULL"
                        + " AND substring(job_data FROM 1 FOR 2) = '\\xaced'::bytea",
                database.cluster());
        if (scheduler == null) {
            return;
        }
        Set<TriggerKey> broken = new HashSet<>(database.all(
                "SELECT trigger_name, trigger_group FROM dromedar_qrtz_triggers WHERE sched_name = ?"
                        + " AND trigger_state = 'ERROR'",
                row -> TriggerKey.triggerKey(row.getString(1), row.getString(2)),
                database.cluster()));
        Map<JobKey, StoredJob> jobs = new HashMap<>();
        database.all(
                "SELECT job_name, job_group, job_class_name, requests_recovery FROM dromedar_qrtz_job_details"
                        + " WHERE sched_name = ?",
                row -> jobs.put(
                        JobKey.jobKey(row.getString(1), row.getString(2)),
                        new StoredJob(row.getString(3), row.getBoolean(4))),
                database.cluster());
        Map<TriggerKey, StoredCron> crons = new HashMap<>();
        database.all(
                "SELECT trigger_name, trigger_group, time_zone_id, misfire_instr FROM dromedar_qrtz_cron_triggers"
                        + " JOIN dromedar_qrtz_triggers USING (sched_name, trigger_name, trigger_group)"
                        + " WHERE sched_name = ?",
                row -> crons.put(
                        TriggerKey.triggerKey(row.getString(1), row.getString(2)),
                        new StoredCron(row.getString(3), row.getInt(4))),
                database.cluster());
        for (QuartzEndpoint endpoint : routes.endpoints().toList()) {
            TriggerKey key = endpoint.getTriggerKey();
            if (broken.contains(key)) {
                scheduler.resetTriggerFromErrorState(key);
            }
            JobKey name = JobKey.jobKey(key.getName(), key.getGroup());
            updateJob(scheduler, name, jobs.get(name), endpoint.isStateful());
            updateCron(scheduler, key, crons.get(key));
        }
    }

    private static void updateJob(Scheduler scheduler, JobKey name, @Nullable StoredJob stored, boolean stateful)
            throws SchedulerException {
        Class<? extends Job> wanted = stateful ? StatefulCamelJob.class : CamelJob.class;
        if (stored == null || stored.type().equals(wanted.getName()) && stored.recovers()) {
            return;
        }
        JobDetail job = scheduler.getJobDetail(name);
        if (job != null && (job.getJobClass() != wanted || !job.requestsRecovery())) {
            scheduler.addJob(
                    job.getJobBuilder().ofType(wanted).requestRecovery(true).build(), true, true);
        }
    }

    /** Time zone, and what is done about missed firings. Camel looks at the expression alone. */
    @SuppressWarnings("JavaUtilDate") // Quartz speaks in these
    private void updateCron(Scheduler scheduler, TriggerKey key, @Nullable StoredCron stored)
            throws SchedulerException {
        if (stored == null) {
            return;
        }
        Map<String, Object> wanted = routes.parameters(key);
        Object zoneId = wanted.get("timeZone");
        Object policy = wanted.get("misfireInstruction");
        TimeZone zone = zoneId == null ? TimeZone.getDefault() : TimeZone.getTimeZone(zoneId.toString());
        int missed = policy != null && policy.toString().matches("-?\\d")
                ? Integer.parseInt(policy.toString())
                : stored.missed();
        boolean sameZone = zone.getID().equals(stored.zone())
                || zoneId == null && stored.zone() != null && zone.hasSameRules(TimeZone.getTimeZone(stored.zone()));
        if (sameZone && stored.missed() == missed || !(scheduler.getTrigger(key) instanceof CronTrigger cron)) {
            return;
        }
        Date next = cron.getNextFireTime();
        Instant now = clock.instant();
        if (next == null || next.before(Date.from(now.plus(SOON)))) {
            changeOnly(key, zone, missed);
            return;
        }
        Date soon = Date.from(now.plusSeconds(1)); // Quartz begins with the second before
        CronTrigger changed = cron.getTriggerBuilder()
                // Not from its first start: all firings since would count as missed
                .startAt(cron.getStartTime().before(soon) ? soon : cron.getStartTime())
                .withSchedule(CronScheduleBuilder.cronSchedule(cron.getCronExpression())
                        .inTimeZone(zone))
                .build();
        ((OperableTrigger) changed).setMisfireInstruction(missed);
        scheduler.rescheduleJob(cron.getKey(), changed);
    }

    /** What is due stays due, what may begin before Quartz's lock is ours is not done twice, and what is over stays over. */
    private void changeOnly(TriggerKey key, TimeZone zone, int missed) {
        String which = " WHERE sched_name = ? AND trigger_name = ? AND trigger_group = ?";
        database.run(
                "UPDATE dromedar_qrtz_cron_triggers SET time_zone_id = ?" + which,
                zone.getID(),
                database.cluster(),
                key.getName(),
                key.getGroup());
        database.run(
                "UPDATE dromedar_qrtz_triggers SET misfire_instr = ?" + which,
                missed,
                database.cluster(),
                key.getName(),
                key.getGroup());
    }

    /**
     * Stores schedules of running routes again that are gone. One that cannot be stored is tried again later, and keeps neither
     * the others nor this node from working. After a second the rest is left to the next call: the node signals in between that
     * it lives.
     *
     * @throws SchedulerException if the database is away
     */
    void restore(Scheduler scheduler) throws SchedulerException {
        List<QuartzEndpoint> damaged = routes.damaged();
        if (damaged.isEmpty()) {
            return;
        }
        long begun = System.nanoTime();
        Set<TriggerKey> stored = scheduler.getTriggerKeys(GroupMatcher.anyTriggerGroup());
        for (QuartzEndpoint quartz : damaged) {
            TriggerKey key = quartz.getTriggerKey();
            try {
                if (!stored.contains(key)) {
                    if (isLong(begun)) {
                        continue;
                    }
                    quartz.stop();
                    quartz.start();
                    LOG.info("{}: its schedule was not in the database, and is stored again", routes.words(key));
                }
                failed.remove(key);
            } catch (Exception e) { // Camel's services declare nothing less
                if (DatabaseFailures.isAway(e)) {
                    throw new SchedulerException(e.getMessage(), e);
                }
                String why = DatabaseFailures.root(e);
                if (!why.equals(failed.put(key, why))) {
                    LOG.warn(
                            "{}: its schedule is not in the database and could not be stored there: {}. The route does not"
                                    + " fire until then; this is retried.",
                            routes.words(key),
                            why);
                }
            }
            routes.restored(key);
        }
    }

    private static boolean isLong(long begun) {
        return System.nanoTime() - begun > MOST_NANOS;
    }

    /**
     * Takes the schedules out of the database that no living node has a route for, at the second look.
     *
     * @return false if some are left after a second: call again when the node has signalled that it lives
     */
    boolean removeOrphans(Scheduler scheduler) throws SchedulerException {
        long begun = System.nanoTime();
        failed.keySet().forEach(routes::removed);
        Set<String> claimed = new HashSet<>();
        database.all(
                        "SELECT left(triggers, 2000000) FROM dromedar_node WHERE cluster = ? AND seen > now() - interval '10"
                                + " minutes' LIMIT " + Membership.MOST_NODES,
                        row -> row.getString(1),
                        database.cluster())
                .forEach(triggers -> claimed.addAll(List.of(triggers.split("\n"))));
        Set<TriggerKey> orphans = new HashSet<>();
        database.all(
                "SELECT trigger_name, trigger_group, job_name, job_group FROM dromedar_qrtz_triggers WHERE sched_name = ?",
                row -> {
                    TriggerKey key = TriggerKey.triggerKey(row.getString(1), row.getString(2));
                    TriggerKey own = key.getGroup().equals(Scheduler.DEFAULT_RECOVERY_GROUP)
                            ? TriggerKey.triggerKey(row.getString(3), row.getString(4))
                            : key;
                    return !claimed.contains(RoutesHere.text(own)) && orphans.add(key);
                },
                database.cluster());
        for (TriggerKey key : orphans) {
            if (!suspects.contains(key)) {
                continue;
            }
            if (isLong(begun)) {
                return false;
            }
            if (scheduler.unscheduleJob(key)) {
                LOG.info(
                        "Schedule {} removed: no node has a route for it any more",
                        cleaned.apply(RoutesHere.text(key)));
            }
        }
        suspects.clear();
        suspects.addAll(orphans);
        database.run(
                "DELETE FROM dromedar_node WHERE cluster = ? AND seen < now() - interval '1 hour'", database.cluster());
        return true;
    }
}
