package dev.dromedar.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.component.quartz.QuartzComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.service.ServiceHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.Trigger;
import org.quartz.listeners.TriggerListenerSupport;

/** Many schedules read and written at once: at the start, and when they fire. */
@Tag("long")
class BatchTest {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String FIRINGS = "SELECT count(*) FROM firing";
    private static final String NEVER = "cron=0+0+3+1+1+?";

    private static TestCluster cluster;

    private final List<DefaultCamelContext> contexts = new ArrayList<>();
    private final Properties own = new Properties();

    @BeforeAll
    static void startDatabase(@TempDir Path temp) throws Exception {
        cluster = new TestCluster(temp);
    }

    @AfterAll
    static void stopDatabase() throws Exception {
        cluster.close();
    }

    @BeforeEach
    void emptyDatabase() throws Exception {
        cluster.run("DROP SCHEMA public CASCADE");
        cluster.run("CREATE SCHEMA public");
        cluster.run("CREATE TABLE firing (route TEXT, slot BIGINT, node TEXT, begun TIMESTAMPTZ, done TIMESTAMPTZ)");
    }

    @AfterEach
    void end() {
        contexts.forEach(DefaultCamelContext::stop);
        cluster.endNodes();
    }

    /** Another node has replaced it, and the next firing of the new schedule is acquired too. */
    @Test
    void aFiringThatWasAcquiredBeforeItsScheduleWasReplacedDoesNotBegin() throws Exception {
        cluster.start("one", "routes=1", "count=0", "interval=4000", "work=1");
        cluster.awaitStarted("one");
        Await.until(
                "it waits for the next firing",
                LONG,
                () -> cluster.number(FIRINGS) > 0
                        && cluster.rows("SELECT state FROM dromedar_qrtz_fired_triggers")
                                .equals(List.of("ACQUIRED")));
        cluster.run("UPDATE dromedar_qrtz_triggers SET next_fire_time = next_fire_time + 1000");
        long moved = cluster.number("SELECT next_fire_time FROM dromedar_qrtz_triggers");
        Await.until("it fires by the new one", LONG, () -> cluster.number(FIRINGS + " WHERE slot >= " + moved) > 0);

        assertThat(cluster.number(FIRINGS + " WHERE slot = " + (moved - 1000))).isZero();
    }

    private DefaultCamelContext node(String node, int routes, String schedule) throws Exception {
        var context = new DefaultCamelContext();
        contexts.add(context);
        QuartzComponent quartz = context.getComponent("quartz", QuartzComponent.class);
        quartz.setAutoStartScheduler(false);
        quartz.setProperties(own);
        ClusterSetup.install(
                context,
                new ClusterSettings(
                        cluster.address(),
                        "postgres",
                        null,
                        "test",
                        node,
                        true,
                        Duration.ofSeconds(5),
                        true,
                        Set.of(),
                        4,
                        10));
        context.addRoutes(routes("work", routes, schedule));
        context.start();
        return context;
    }

    private static RouteBuilder routes(String name, int count, String schedule) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                for (int i = 0; i < count; i++) {
                    from("quartz:t/" + name + "-" + i + "?stateful=true&" + schedule)
                            .to("mock:x");
                }
            }
        };
    }

    /**
     * Columns of all tables of schedules, without names and times, of one route. And without its address in the job data, which
     * nobody reads: it goes when the job of a route that was added later is made recoverable.
     */
    private static List<String> columns(String route) throws Exception {
        return cluster.rows("SELECT j.description, job_class_name, is_durable, is_nonconcurrent, is_update_data,"
                + " requests_recovery, regexp_replace(convert_from(j.job_data, 'UTF8'), '#[^\n]*|CamelQuartzEndpoint=[^\n]*\n', '', 'g'),"
                + " t.description, prev_fire_time, priority, trigger_state, trigger_type, end_time, calendar_name,"
                + " misfire_instr, t.job_data, cron_expression, time_zone_id, repeat_count, repeat_interval,"
                + " times_triggered, next_fire_time - start_time >= 0, job_name = trigger_name"
                + " FROM dromedar_qrtz_job_details j JOIN dromedar_qrtz_triggers t USING (sched_name, job_name, job_group)"
                + " LEFT JOIN dromedar_qrtz_cron_triggers USING (sched_name, trigger_name, trigger_group)"
                + " LEFT JOIN dromedar_qrtz_simple_triggers USING (sched_name, trigger_name, trigger_group)"
                + " WHERE job_name = '" + route + "'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                NEVER,
                NEVER + "&trigger.timeZone=Europe/Oslo&trigger.misfireInstruction=2&durableJob=true",
                "trigger.repeatInterval=3600000&trigger.repeatCount=9",
                "trigger.repeatInterval=3600000&trigger.priority=7"
            })
    void whatIsStoredAtTheStartIsWhatQuartzStores(String schedule) throws Exception {
        DefaultCamelContext one = node("one", 1, schedule);
        one.addRoutes(routes("late", 1, schedule)); // by Quartz itself

        List<String> atStart = columns("work-0");
        assertThat(atStart).hasSize(1);
        List<String> late = columns("late-0");
        assertThat(late).isEqualTo(atStart);
    }

    @Test
    void aNodeThatFindsItsSchedulesWritesNone() throws Exception {
        node("one", 150, NEVER).stop();
        String versions = "SELECT trigger_name, t.xmin, j.xmin FROM dromedar_qrtz_triggers t"
                + " JOIN dromedar_qrtz_job_details j USING (job_name) ORDER BY trigger_name";
        List<String> before = cluster.rows(versions);
        assertThat(before).hasSize(150);

        node("two", 150, NEVER);

        assertThat(cluster.rows(versions)).isEqualTo(before);
    }

    @Test
    void aNodeWithAnotherScheduleAndOneMoreRouteStoresThese() throws Exception {
        node("one", 3, NEVER).stop();
        node("two", 4, "cron=0+0+4+1+1+?");

        assertThat(cluster.rows("SELECT trigger_name, cron_expression FROM dromedar_qrtz_cron_triggers ORDER BY 1"))
                .containsExactly(
                        "work-0 0 0 4 1 1 ?", "work-1 0 0 4 1 1 ?", "work-2 0 0 4 1 1 ?", "work-3 0 0 4 1 1 ?");
    }

    @Test
    void theUsersOwnBatchWins() throws Exception {
        own.setProperty("org.quartz.scheduler.batchTriggerAcquisitionMaxCount", "2");

        DefaultCamelContext one = node("one", 1, NEVER);

        Map<?, ?> quartz = one.getComponent("quartz", QuartzComponent.class).getProperties();
        assertThat(String.valueOf(quartz.get("org.quartz.scheduler.batchTriggerAcquisitionMaxCount")))
                .isEqualTo("2");
    }

    @Test
    void nodesShareWhatIsDueAtOnce() throws Exception {
        String[] options = {"routes=6", "cron=0/3+*+*+*+*+?", "work=1"};
        cluster.start("one", options);
        cluster.start("two", options);
        cluster.awaitStarted("one", "two");
        String both = "SELECT count(*) FROM (SELECT slot FROM firing GROUP BY slot"
                + " HAVING count(DISTINCT node) = 2 AND count(*) = 6) x";

        Await.until("they share, and all are run", LONG, () -> cluster.number(both) >= 4);
        cluster.stop("one");
        cluster.stop("two");

        assertThat(doubled()).isEmpty();
    }

    /** They were acquired together, and their routes stop before they are due. */
    @Test
    void aBatchGoesToAnotherNodeWhenItsRoutesStop() throws Exception {
        String[] options = {"routes=6", "cron=0/3+*+*+*+*+?", "work=1"};
        cluster.start("one", options);
        cluster.awaitStarted("one");
        var acquired = new AtomicLong();
        Await.until("all are acquired", LONG, () -> {
            // At once: on a busy machine they are over at the next look
            cluster.rows("SELECT max(sched_time) FROM dromedar_qrtz_fired_triggers WHERE state = 'ACQUIRED'"
                            + " AND sched_time > 1000 * extract(epoch FROM clock_timestamp()) + 500"
                            + " HAVING count(*) = 6")
                    .forEach(time -> acquired.set(Long.parseLong(time)));
            return acquired.get() > 0;
        });
        long due = acquired.get();
        cluster.stopRoutes("one");
        cluster.start("two", options);
        cluster.awaitStarted("two");

        Await.until(
                "the other works",
                LONG,
                () -> cluster.number("SELECT count(*) FROM firing WHERE node = 'two' AND slot > " + due) >= 12);
        cluster.stop("two");

        assertThat(doubled()).isEmpty();
        assertThat(cluster.number("SELECT count(*) FROM firing WHERE slot = " + due))
                .as("all of the batch are run")
                .isEqualTo(6);
        assertThat(Files.readString(cluster.log("one"))).doesNotContain("is lost");
    }

    /** Quartz has asked whether it may begin, and Camel drops what finds a closed consumer. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "cron=*+*+*+*+*+?",
                "trigger.repeatInterval=1000",
                "trigger.repeatInterval=1000&trigger.repeatCount=0"
            })
    void aFiringThatComesAsItsRouteStopsIsDueAgain(String schedule) throws Exception {
        DefaultCamelContext one = node("one", 1, schedule);
        List<Long> begun = new CopyOnWriteArrayList<>();
        one.getEndpoint("mock:x", MockEndpoint.class)
                .whenAnyExchangeReceived(exchange -> begun.add(exchange.getIn()
                        .getHeader("scheduledFireTime", Date.class)
                        .toInstant()
                        .toEpochMilli()));
        var due = new AtomicLong();
        Scheduler scheduler = one.getComponent("quartz", QuartzComponent.class).getScheduler();
        scheduler.getListenerManager().addTriggerListener(new TriggerListenerSupport() {
            @Override
            public String getName() {
                return "stops the route";
            }

            @Override
            public boolean vetoJobExecution(Trigger trigger, JobExecutionContext run) {
                if (due.compareAndSet(0, run.getScheduledFireTime().toInstant().toEpochMilli())) {
                    ServiceHelper.suspendService(one.getRoutes().get(0).getConsumer());
                }
                return false;
            }
        });
        scheduler.start();
        String again = "SELECT count(*) FROM dromedar_qrtz_triggers WHERE trigger_state = 'WAITING'"
                + " AND next_fire_time = ";
        Await.until("it is due again", LONG, () -> due.get() > 0 && cluster.number(again + due) == 1);
        assertThat(begun).doesNotContain(due.get());

        ServiceHelper.resumeService(one.getRoutes().get(0).getConsumer());

        Await.until("it runs", LONG, () -> begun.contains(due.get()));
        Await.until(
                "its schedule goes on, or is over",
                LONG,
                () -> begun.contains(due.get() + 1000)
                        || cluster.number("SELECT count(*) FROM dromedar_qrtz_triggers") == 0);
        assertThat(begun).doesNotHaveDuplicates();
        assertThat(cluster.number("SELECT count(*) FROM dromedar_qrtz_triggers"))
                .isEqualTo(schedule.contains("repeatCount") ? 0 : 1);
    }

    /** Camel skips the last firing, since it comes a moment after the end: not because its route has stopped. */
    @Test
    void aScheduleThatHasEndedIsRemoved() throws Exception {
        DefaultCamelContext one = node("one", 0, NEVER);
        Instant end = Instant.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(30);
        one.addRoutes(routes(
                "work", 1, "cron=*+*+*+*+*+?&trigger.endAt=" + end.toString().replace("Z", "UTC")));
        assertThat(cluster.number("SELECT count(*) FROM dromedar_qrtz_triggers"))
                .isEqualTo(1);

        one.getComponent("quartz", QuartzComponent.class).getScheduler().start();

        Await.until("it is over", LONG, () -> cluster.number("SELECT count(*) FROM dromedar_qrtz_triggers") == 0);
    }

    /** Nobody claims its schedule meanwhile, which is removed then; Camel does not store it again. */
    @Test
    void aRouteThatWasStoppedOnAllNodesFiresWhenItIsStartedAgain() throws Exception {
        cluster.start("one", "routes=1", "count=0", "interval=500", "work=1");
        cluster.awaitStarted("one");
        Await.until("it fires", LONG, () -> cluster.number(FIRINGS) > 0);
        cluster.stopRoutes("one");
        Await.until(
                "its schedule is removed",
                LONG,
                () -> cluster.number("SELECT count(*) FROM dromedar_qrtz_triggers") == 0);
        long before = cluster.number(FIRINGS);

        cluster.startRoutes("one");

        Await.until("it fires again", LONG, () -> cluster.number(FIRINGS) > before + 2);
        cluster.stop("one");
        assertThat(doubled()).isEmpty();
        assertThat(Files.readString(cluster.log("one"))).doesNotContain("is lost");
    }

    /** All of them are taken over, and none is run by both: a node is frozen when it has acquired several that are due later. */
    @Test
    void nothingIsDoubledOfABatchThatWasAcquiredAndNotBegun() throws Exception {
        String[] options = {"routes=8", "cron=0/4+*+*+*+*+?", "work=1"};
        cluster.start("one", options);
        cluster.start("two", options);
        cluster.awaitStarted("one", "two");

        for (int round = 0; round < 2; round++) {
            Await.until("a node has acquired several", LONG, () -> !batches().isEmpty());
            String frozen = batches().stream().findFirst().orElse("one");
            cluster.freeze(frozen);
            Await.until("they are taken over", LONG, () -> states(frozen) == 0);
            long taken = cluster.number(FIRINGS);
            Await.until("the other has fired", LONG, () -> cluster.number(FIRINGS) >= taken + 8);
            cluster.thaw(frozen);
            Await.until("it is back", LONG, () -> states(frozen) == 1);
            long before = cluster.number(FIRINGS);
            Await.until("work goes on", LONG, () -> cluster.number(FIRINGS) >= before + 24);
        }
        cluster.stop("one");
        cluster.stop("two");

        assertThat(doubled()).isEmpty();
        assertThat(cluster.rows("SELECT DISTINCT max(slot) - min(slot) - 4000 * (count(DISTINCT slot) - 1) FROM firing"
                        + " GROUP BY route"))
                .as("no slot between the first and the last of each route is missing")
                .containsExactly("0");
        assertThat(cluster.number("SELECT count(DISTINCT route) FROM firing")).isEqualTo(8);
    }

    private static List<String> batches() throws Exception {
        return cluster.rows("SELECT instance_name FROM dromedar_qrtz_fired_triggers WHERE state = 'ACQUIRED'"
                + " AND sched_time > 1000 * extract(epoch FROM clock_timestamp()) + 500"
                + " GROUP BY instance_name HAVING count(*) > 1");
    }

    private static long states(String node) throws Exception {
        return cluster.number(
                "SELECT count(*) FROM dromedar_qrtz_scheduler_state WHERE instance_name = '" + node + "'");
    }

    private static List<String> doubled() throws Exception {
        return cluster.rows("SELECT route, slot FROM firing GROUP BY route, slot HAVING count(*) > 1");
    }
}
