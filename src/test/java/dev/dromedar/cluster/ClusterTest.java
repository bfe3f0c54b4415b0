package dev.dromedar.cluster;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.dromedar.letters.DeadLetterSettings;
import dev.dromedar.letters.DeadLetterStore;
import dev.dromedar.letters.FeedPositions;
import dev.dromedar.letters.Feeds;
import dev.dromedar.letters.KeptMessage;
import dev.dromedar.letters.Letter;
import dev.dromedar.letters.StoreFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.cluster.CamelClusterService;
import org.apache.camel.cluster.CamelClusterView;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.component.quartz.QuartzComponent;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.ProcessorEndpoint;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Tag("long")
class ClusterTest {
    private static final String FIRING =
            "CREATE TABLE firing (route TEXT, slot BIGINT, node TEXT, begun TIMESTAMPTZ, done TIMESTAMPTZ)";
    private static final Duration LONG = Duration.ofMinutes(3);

    private final TestCluster cluster = Objects.requireNonNull(shared);

    private static @Nullable TestCluster shared;

    @BeforeAll
    static void startDatabase(@TempDir Path temp) throws Exception {
        shared = new TestCluster(temp);
    }

    @AfterAll
    static void stopAll() throws Exception {
        Objects.requireNonNull(shared).close();
    }

    @BeforeEach
    void emptyDatabase() throws Exception {
        cluster.run("DROP SCHEMA public CASCADE");
        cluster.run("CREATE SCHEMA public");
        cluster.run("GRANT ALL ON SCHEMA public TO PUBLIC");
        cluster.run(FIRING);
        cluster.run("CREATE TABLE held (node TEXT)");
    }

    @AfterEach
    void endNodes() {
        cluster.endNodes();
    }

    /** Nothing here depends on how fast it goes: runs are held until what a test waits for has come about. */
    @Test
    void everyFiringRunsThoughANodeIsKilledAndTheDatabaseRestarts() throws Exception {
        cluster.run("INSERT INTO held VALUES ('one'), ('two')");
        cluster.start("one", "routes=4", "count=0", "checkIn=3", "holdable=yes");
        cluster.start("two", "routes=4", "count=0", "checkIn=3", "holdable=yes");
        cluster.awaitStarted("one", "two");
        while (running("one") == 0 || running("two") == 0) {
            letWorkAndHold("one");
            letWorkAndHold("two"); // may get all that the other has let go of
        }

        cluster.stopDatabase();
        long away = System.nanoTime();
        Await.until("longer than a node may be silent", LONG, () -> System.nanoTime() - away > 10_000_000_000L);
        cluster.startDatabase();
        cluster.run("DELETE FROM held");
        long begun = cluster.number("SELECT count(*) FROM firing");
        Await.until("work goes on", LONG, () -> cluster.number("SELECT count(*) FROM firing") > begun + 40);

        assertThat(doubled("TRUE"))
                .as("nobody is taken for dead when the database was away from all")
                .isEmpty();

        cluster.run("INSERT INTO held VALUES ('one')");
        long held = cluster.number("SELECT 1000000 * extract(epoch FROM clock_timestamp())");
        Await.until(
                "one has a run that is held",
                LONG,
                () -> cluster.number("SELECT count(*) FROM firing WHERE done IS NULL AND node = 'one'"
                                + " AND 1000000 * extract(epoch FROM begun) > " + held)
                        > 0);
        cluster.kill("one");
        // Interrupted is what the dead node had not told the database of: its work may be done all the same, or not
        // begun. So what is done twice lies between what has no end and what was interrupted
        long interrupted = cluster.number("SELECT count(*) FROM dromedar_qrtz_fired_triggers"
                + " WHERE instance_name = 'one' AND state = 'EXECUTING'");
        String undone = "SELECT count(*) FROM firing a WHERE node = 'one' AND done IS NULL";
        Await.until(
                "what was interrupted is repeated",
                LONG,
                () -> cluster.number(undone + " AND NOT EXISTS (SELECT 1 FROM firing b WHERE a.route = b.route"
                                + " AND a.slot = b.slot AND b.node = 'two' AND b.done IS NOT NULL)")
                        == 0);
        assertThat(Files.readString(cluster.log("two")))
                .containsPattern(
                        "Route work-\\d: its run of \\S+Z was interrupted when node one died, .* begins again here");
        cluster.stop("two");

        assertThat(interrupted).isBetween(1L, 4L);
        assertThat(cluster.number(undone)).isPositive();
        assertThat(doubled("TRUE")).hasSizeBetween((int) cluster.number(undone), (int) interrupted);
        assertThat(doubled("(count(*) FILTER (WHERE node = 'one') <> 1 OR count(*) <> 2)"))
                .isEmpty();
        assertThat(cluster.rows("SELECT route, max(slot) - min(slot) - 250 * (count(DISTINCT slot) - 1) FROM firing"
                        + " WHERE done IS NOT NULL GROUP BY route ORDER BY route"))
                .as("no slot between the first and the last is missing")
                .containsExactly("work-0 0", "work-1 0", "work-2 0", "work-3 0");
    }

    /** Both nodes are held; lets one of them work until it holds a run, when the other has runs too. */
    private void letWorkAndHold(String node) throws Exception {
        String other = node.equals("one") ? "two" : "one";
        if (running(node) > 0) {
            return;
        }
        cluster.run("DELETE FROM held WHERE node = '" + other + "'");
        Await.until(node + " has got a run", LONG, () -> running(node) > 0);
        cluster.run("INSERT INTO held VALUES ('" + other + "')");
    }

    private long running(String node) throws Exception {
        return cluster.number("SELECT count(*) FROM firing WHERE done IS NULL AND node = '" + node + "'");
    }

    /** Slots that were run more than once, of which something else is true too. */
    private List<String> doubled(String and) throws Exception {
        return cluster.rows(
                "SELECT route, slot, string_agg(node || ' ' || begun, ', ') FROM firing GROUP BY route, slot"
                        + " HAVING count(*) > 1 AND " + and);
    }

    @Test
    void twoWorkersOfOneNameAreNotBothLetIn() throws Exception {
        cluster.start("one", "routes=0");
        cluster.awaitStarted("one");

        try (var context = new DefaultCamelContext()) {
            // A node on a busy machine may be silent for a while
            assertThatThrownBy(() -> ClusterSetup.install(context, settings("one", true, Duration.ofSeconds(5))))
                    .isInstanceOf(StoreFailure.class)
                    .hasMessageStartingWith("dromedar.cluster.node: another worker of the cluster is named 'one'");
        }
        cluster.kill("one");
        try (var context = new DefaultCamelContext()) {
            Cluster restarted = ClusterSetup.install(context, settings("one", true));
            context.start();

            assertThat(restarted.nodes()).extracting(Node::name).containsExactly("one");
            Await.until("it says that it lives", LONG, () -> restarted.fault() == null);
            Map<?, ?> quartz =
                    context.getComponent("quartz", QuartzComponent.class).getProperties();
            assertThat(String.valueOf(quartz.get("org.quartz.jobStore.acquireTriggersWithinLock")))
                    .as("or a firing is now and then done twice: quartz-scheduler/quartz#107")
                    .isEqualTo("true");
        }
    }

    @Test
    void aRunThatIsNotToBeRepeatedBecomesADeadLetterAndTheLeaderMovesOn() throws Exception {
        cluster.start("one", "routes=0", "never=1", "leader=yes");
        cluster.awaitStarted("one");
        Await.until(
                "the run has begun",
                LONG,
                () -> cluster.number("SELECT count(*) FROM firing WHERE route = 'never-0'") == 1);
        cluster.start("two", "routes=0", "never=1", "leader=yes");
        cluster.awaitStarted("two");
        Await.until("one leads", LONG, () -> cluster.number("SELECT count(*) FROM firing WHERE route = 'tick'") > 3);
        assertThat(cluster.rows("SELECT DISTINCT node FROM firing WHERE route = 'tick'"))
                .containsExactly("one");

        cluster.kill("one");
        Await.until("the letter is there", LONG, () -> cluster.number("SELECT count(*) FROM dromedar_letter") == 1);
        Await.until(
                "two leads",
                LONG,
                () -> cluster.number("SELECT count(*) FROM firing WHERE route = 'tick' AND node = 'two'") > 0);

        assertThat(cluster.rows("SELECT state FROM dromedar_letter")).containsExactly("interrupted");
        assertThat(cluster.rows("SELECT convert_from(cause, 'UTF8') FROM dromedar_letter"))
                .singleElement(as(InstanceOfAssertFactories.STRING))
                .contains("was interrupted when node one died");
        assertThat(cluster.number("SELECT count(*) FROM firing WHERE route = 'never-0'"))
                .isEqualTo(1);
    }

    @Test
    void theLetterOfAnInterruptedRunWaitsForADatabaseThatIsAway() throws Exception {
        dieInARunThatIsNotToBeRepeated();
        cluster.run("CREATE SEQUENCE tries");
        cluster.run("CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS"
                + " $$BEGIN PERFORM nextval('tries'); RAISE EXCEPTION 'starting up' USING ERRCODE = '57P03'; END$$");
        cluster.run("CREATE TRIGGER away BEFORE INSERT ON dromedar_letter FOR EACH ROW EXECUTE FUNCTION away()");
        cluster.start("two", "routes=0", "never=1");
        Await.until("it tries", LONG, () -> cluster.number("SELECT last_value FROM tries") > 1);
        assertThat(cluster.rows("SELECT state FROM dromedar_qrtz_fired_triggers WHERE instance_name = 'two'"))
                .as("of another node, if this one dies too")
                .containsExactly("EXECUTING");

        cluster.run("DROP TRIGGER away ON dromedar_letter");

        Await.until("the letter is there", LONG, () -> cluster.number("SELECT count(*) FROM dromedar_letter") == 1);
        Await.until(
                "the run is completed",
                LONG,
                () -> cluster.number("SELECT count(*) FROM dromedar_qrtz_fired_triggers") == 0);
        assertThat(cluster.rows("SELECT state FROM dromedar_letter")).containsExactly("interrupted");
    }

    @Test
    void anInterruptedRunThatCannotBeKeptIsReported() throws Exception {
        dieInARunThatIsNotToBeRepeated();

        cluster.start("two", "routes=0", "never=1", "bytes=1");

        Await.until("it is reported", LONG, () -> Files.readString(cluster.log("two"))
                .contains("could not be kept as a dead letter"));
        assertThat(Files.readString(cluster.log("two")))
                .containsPattern("ERROR .* Route never-0: its run of \\S+Z was interrupted when node one died, and may"
                        + " have done its work, wholly or in part. It is not repeated by itself, and could not be kept"
                        + " as a dead letter: find out what it has done, and do the rest by hand: The dead letter store"
                        + " is full");
    }

    private void dieInARunThatIsNotToBeRepeated() throws Exception {
        cluster.start("one", "routes=0", "never=1");
        cluster.awaitStarted("one");
        Await.until(
                "the run has begun",
                LONG,
                () -> cluster.number("SELECT count(*) FROM firing WHERE route = 'never-0'") == 1);
        cluster.kill("one");
    }

    @Test
    void aLeaderWhoseConsumerDoesNotStartLeavesTheLeaseAndTriesAgain(@TempDir Path temp) throws Exception {
        Path mount = temp.resolve("mount");
        cluster.start("one", "routes=0", "leader=file:" + mount + "?autoCreate=false&startingDirectoryMustExist=true");
        cluster.awaitStarted("one");
        Await.until("it is reported", LONG, () -> Files.readString(cluster.log("one"))
                .contains("Route tick could not start its consumer as the leader of only-one"));
        cluster.start("two", "routes=0", "leader=yes");
        cluster.awaitStarted("two");
        String ticks = "SELECT count(*) FROM firing WHERE node = '%s'";
        Await.until("two leads and works", LONG, () -> cluster.number(ticks.formatted("two")) > 0);

        cluster.stop("two");
        Files.createDirectory(mount);
        Files.writeString(mount.resolve("file"), "content");

        Await.until("one leads and works", LONG, () -> cluster.number(ticks.formatted("one")) > 0);
    }

    /** Camel does not try at all later than five seconds after the lease was taken. */
    @Test
    void aLeaderThatWasFrozenBeforeItsConsumerStartedStartsIt() throws Exception {
        cluster.start("one", "routes=0", "leader=yes", "checkIn=20");
        Await.until(
                "one leads", LONG, () -> Files.readString(cluster.log("one")).contains("Leader of only-one: one"));
        cluster.freeze("one");
        long frozen = System.nanoTime();
        Await.until("too late for Camel", LONG, () -> System.nanoTime() - frozen > 6_000_000_000L);
        cluster.thaw("one");

        Await.until("one works", LONG, () -> cluster.number("SELECT count(*) FROM firing") > 0);
    }

    /** Camel does not look who leads when it starts the consumer, a second or more after it was told. */
    @Test
    void aRouteWhoseConsumerDoesNotStartDoesNotStopOthersOfItsName() throws Exception {
        var lines = new ListAppender<ILoggingEvent>();
        lines.list = new CopyOnWriteArrayList<>();
        var log = (Logger) LoggerFactory.getLogger(DatabaseLeases.class);
        lines.start();
        log.setLevel(Level.INFO);
        log.addAppender(lines);
        try (var context = new DefaultCamelContext()) {
            ClusterSetup.install(context, settings("one", true));
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("master:inbox:file:not-there?autoCreate=false&startingDirectoryMustExist=true")
                            .routeId("broken")
                            .to("mock:broken");
                    from("master:inbox:timer:tick?period=50").routeId("works").to("mock:works");
                }
            });
            context.start();
            MockEndpoint works = context.getEndpoint("mock:works", MockEndpoint.class);
            Await.until("it is reported", LONG, () -> lines.list.stream()
                    .anyMatch(line -> line.getFormattedMessage().startsWith("Route broken could not start")));
            long before = cluster.number("SELECT count(*) FROM dromedar_lease WHERE expires > now()");
            int done = works.getReceivedCounter();
            Await.until("the other works on", LONG, () -> works.getReceivedCounter() > done + 40);

            assertThat(before).isEqualTo(1);
            assertThat(lines.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .noneMatch(line -> line.startsWith("Leader of inbox: no node"));
        } finally {
            log.setLevel(null);
            log.detachAppender(lines);
        }
    }

    @Test
    void aConsumerThatStartsAfterTheLeaseWasLostIsStopped() throws Exception {
        var starts = new CountDownLatch(1);
        var lost = new CountDownLatch(1);
        var runs = new AtomicReference<@Nullable Boolean>();
        try (var context = new DefaultCamelContext()) {
            ClusterSetup.install(context, settings("one", true));
            context.addComponent("late", new DefaultComponent() {
                @Override
                protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
                    return new ProcessorEndpoint(uri, this, exchange -> {}) {
                        @Override
                        public Consumer createConsumer(Processor processor) throws Exception {
                            starts.countDown();
                            lost.await();
                            return new DefaultConsumer(this, processor) {
                                @Override
                                protected void doStart() {
                                    runs.set(true);
                                }

                                @Override
                                protected void doStop() {
                                    runs.set(false);
                                }
                            };
                        }
                    };
                }
            });
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("master:only-one:late:x").to("mock:x");
                }
            });
            context.start();
            starts.await();
            cluster.run("UPDATE dromedar_lease SET holder = 'two', term = term + 1,"
                    + " expires = clock_timestamp() + interval '5 seconds'");
            CamelClusterView view =
                    context.hasService(CamelClusterService.class).getView("only-one");
            Await.until("two leads", LONG, () -> view.getLeader()
                    .filter(leader -> leader.getId().equals("two"))
                    .isPresent());
            lost.countDown();

            Await.until("it is stopped", LONG, () -> Boolean.FALSE.equals(runs.get()));
            Await.until("one leads again, and starts it", LONG, () -> Boolean.TRUE.equals(runs.get()));
        }
    }

    /** Quartz looks for missed firings as often as they are late at most, here once an hour. */
    @Test
    void aMissedFiringIsFoundLongBeforeQuartzLooksForIt() throws Exception {
        cluster.start("one", "routes=1", "count=1000", "interval=36000000");
        cluster.awaitStarted("one");
        Await.until("the first is done", LONG, () -> cluster.number("SELECT count(done) FROM firing") == 1);
        Await.until(
                "and Quartz knows",
                LONG,
                () -> cluster.number(
                                "SELECT count(*) FROM dromedar_qrtz_triggers"
                                        + " WHERE trigger_state = 'WAITING' AND next_fire_time > 1000 * extract(epoch FROM clock_timestamp())")
                        == 1);

        cluster.run("UPDATE dromedar_qrtz_triggers SET next_fire_time = next_fire_time - 2 * 36000000");

        Await.until("the missed one is done", LONG, () -> cluster.number("SELECT count(done) FROM firing") == 2);
    }

    @Test
    void aChangedTimeZoneAndAnotherPolicyForMissedFiringsTakeEffect() throws Exception {
        startAndStop("trigger.timeZone=Europe/Oslo&trigger.misfireInstruction=2");
        assertThat(cluster.rows("SELECT time_zone_id, misfire_instr FROM dromedar_qrtz_cron_triggers"
                        + " JOIN dromedar_qrtz_triggers USING (trigger_name)"))
                .containsExactly("Europe/Oslo 2");

        // As of a schedule that has fired for years
        cluster.run("UPDATE dromedar_qrtz_triggers SET start_time = start_time - 3 * 365 * 86400000::bigint");
        startAndStop("trigger.timeZone=Europe/London&trigger.misfireInstruction=1");

        assertThat(cluster.rows("SELECT time_zone_id, misfire_instr FROM dromedar_qrtz_cron_triggers"
                        + " JOIN dromedar_qrtz_triggers USING (trigger_name)"))
                .containsExactly("Europe/London 1");
        assertThat(cluster.number("SELECT count(*) FROM dromedar_qrtz_triggers"
                        + " WHERE next_fire_time > 1000 * extract(epoch FROM clock_timestamp())"))
                .as("not what it has done since its first start")
                .isEqualTo(1);

        // 3 o'clock in Paris on this year's first day
        cluster.run("UPDATE dromedar_qrtz_triggers SET next_fire_time ="
                + " 1000 * extract(epoch FROM date_trunc('year', now(), 'UTC') + interval '2 hours')");
        startAndStop("trigger.timeZone=Europe/Paris&trigger.misfireInstruction=1");

        assertThat(cluster.number("SELECT count(*) FROM dromedar_qrtz_triggers WHERE prev_fire_time > 0"
                        + " OR next_fire_time < 1000 * extract(epoch FROM clock_timestamp())"))
                .as("what is due stays due, or has begun")
                .isEqualTo(1);
    }

    @Test
    void zonesOfAnotherNameWithTheSameRulesAreTheSame() throws Exception {
        TimeZone before = TimeZone.getDefault();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("Europe/Oslo"));
            startAndStop("stateful=true");
            TimeZone.setDefault(TimeZone.getTimeZone("Europe/Berlin"));
            startAndStop("stateful=true");
        } finally {
            TimeZone.setDefault(before);
        }

        assertThat(cluster.rows("SELECT time_zone_id FROM dromedar_qrtz_cron_triggers"))
                .containsExactly("Europe/Oslo");
    }

    /** They fire by the one that was written last; the other node says so, once, until all have the same. */
    @Test
    void theSameRouteWithAnotherScheduleOnAnotherNodeIsReported() throws Exception {
        cluster.start("one", "routes=1", "count=0", "interval=3600000");
        cluster.awaitStarted("one");
        cluster.start("two", "routes=1", "count=0", "interval=7200000");
        cluster.awaitStarted("two");

        String told =
                "Route work-0: this node's schedule is an interval of 3600000 ms, and the cluster fires by an interval"
                        + " of 7200000 ms";
        Await.until("one reports it", LONG, () -> Files.readString(cluster.log("one"))
                .contains(told));
        cluster.stop("two");
        cluster.start("three", "routes=1", "count=0", "interval=3600000");
        Await.until("all have the same", LONG, () -> Files.readString(cluster.log("one"))
                .contains("Route work-0: this node and the cluster have the same schedule again"));

        assertThat(Files.readAllLines(cluster.log("one")))
                .filteredOn(line -> line.contains(told))
                .hasSize(1);
        assertThat(Files.readString(cluster.log("two"))).doesNotContain("this node's schedule is");
    }

    private void startAndStop(String parameters) throws Exception {
        try (var context = new DefaultCamelContext()) {
            ClusterSetup.install(context, settings("one", true));
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("quartz:t/x?cron=0+0+3+1+1+?&" + parameters).to("mock:x");
                }
            });
            context.start();
        }
    }

    /** While it is away nobody can say that it lives. The others get the time to, when it is back. */
    @Test
    void aDatabaseThatWasAwayMakesNoNodeDead() throws Exception {
        try (var context = new DefaultCamelContext()) {
            Cluster node = ClusterSetup.install(context, settings("one", true, Duration.ofSeconds(4)));
            cluster.run("INSERT INTO dromedar_node VALUES ('test', 'two', 2, now() + interval '10 seconds', '')");
            context.start();
            Await.until("two is known", LONG, () -> node.nodes().size() == 2);

            cluster.run("ALTER TABLE dromedar_node RENAME TO elsewhere");
            Await.until(
                    "it is told",
                    LONG,
                    () -> node.fault() != null && node.membership().wasAway());
            cluster.run("UPDATE elsewhere SET seen = now() - interval '30 minutes' WHERE node = 'two'");
            cluster.run("ALTER TABLE elsewhere RENAME TO dromedar_node");
            Await.until("it has looked again", LONG, () -> node.nodes().stream().anyMatch(two -> two.seen()
                    .isBefore(Instant.now(java.time.Clock.systemUTC()).minusSeconds(600))));

            assertThat(node.fault()).isNull();
            assertThat(node.nodes()).allMatch(Node::alive);
            Await.until(
                    "but it has had its time", LONG, () -> node.nodes().stream().anyMatch(two -> !two.alive()));
        }
    }

    @Test
    void aClockThatIsWrongIsToldUntilItIsRight() throws Exception {
        var ahead = new AtomicReference<>(Duration.ofSeconds(30));
        try (var context = new DefaultCamelContext()) {
            Cluster node = ClusterSetup.install(context, settings("one", true), () -> InstantSource.system()
                    .instant()
                    .plus(ahead.get()));
            context.start();

            Await.until("it is told", LONG, () -> String.valueOf(node.clockFault())
                    .startsWith("This machine's clock is 30 s ahead of the database's"));
            assertThat(new ClusterHealth(node).call().getState()).isEqualTo(HealthCheck.State.DOWN);
            assertThat(node.nodes()).as("it lives all the same").allMatch(Node::alive);
            ahead.set(Duration.ofSeconds(-30));
            Await.until("the other way is told", LONG, () -> String.valueOf(node.clockFault())
                    .startsWith("This machine's clock is 30 s behind the database's"));
            ahead.set(Duration.ZERO);
            Await.until("it is over", LONG, () -> new ClusterHealth(node).call().getState() == HealthCheck.State.UP);
        }
    }

    @Test
    void aDatabaseThatForbidsQuartzItsTablesIsToldInHealthAndInTheLog() throws Exception {
        var lines = new ListAppender<ILoggingEvent>();
        var log = (Logger) LoggerFactory.getLogger(Cluster.class);
        lines.list = new CopyOnWriteArrayList<>();
        lines.start();
        log.addAppender(lines);
        log.setLevel(Level.INFO);
        try (var context = new DefaultCamelContext()) {
            Cluster node = ClusterSetup.install(context, settings("one", true));
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("quartz:t/x?trigger.repeatInterval=3600000").to("mock:x");
                }
            });
            context.start();
            cluster.run("ALTER TABLE dromedar_qrtz_scheduler_state RENAME TO elsewhere");

            Await.until("it is told", LONG, () -> String.valueOf(node.fault())
                    .contains("Quartz cannot work on its tables in the database"));
            Await.until("in the log too", LONG, () -> told(lines, "Cluster: Quartz cannot work on its tables") == 1);
            cluster.run("ALTER TABLE elsewhere RENAME TO dromedar_qrtz_scheduler_state");

            Await.until("it is over", LONG, () -> node.fault() == null);
            Await.until("in the log too", LONG, () -> told(lines, "Quartz works on its tables") == 1);
            assertThat(told(lines, "Cluster: Quartz cannot")).as("once").isEqualTo(1);
        } finally {
            log.detachAppender(lines);
            log.setLevel(null);
        }
    }

    private static long told(ListAppender<ILoggingEvent> lines, String beginning) {
        return lines.list.stream()
                .filter(line -> line.getFormattedMessage().startsWith(beginning))
                .count();
    }

    @Test
    void aRemovedRouteLeavesNoTriggerAndTheTablesTellTheirVersion() throws Exception {
        cluster.start("one", "routes=2", "count=1000", "interval=60000");
        cluster.awaitStarted("one");
        assertThat(cluster.rows("SELECT requests_recovery FROM dromedar_qrtz_job_details"))
                .containsExactly("t", "t");
        cluster.kill("one");
        cluster.start("two", "routes=1", "count=500", "interval=70000");
        cluster.awaitStarted("two");

        assertThat(cluster.rows(
                        "SELECT repeat_interval FROM dromedar_qrtz_simple_triggers WHERE trigger_name = 'work-0'"))
                .containsExactly("70000");
        cluster.run("UPDATE dromedar_node SET seen = seen - interval '1 hour' WHERE node = 'one'");
        Await.until("the trigger is gone", LONG, () -> cluster.rows("SELECT trigger_name FROM dromedar_qrtz_triggers")
                .equals(List.of("work-0")));

        cluster.run("UPDATE dromedar_format SET version = 99");
        try (var database = new Database(settings("three", true), Duration.ofSeconds(30))) {
            assertThatThrownBy(database.tables()::prepare)
                    .hasMessageContaining("have version 99, which a newer Dromedar has made");
        }
    }

    /** Its name is the same as before, so it lives when it looks for what it was doing. */
    @Test
    void aReplayThatANodeDidNotEndIsFoundByItsNextLife() throws Exception {
        try (var database = new Database(settings("one", true), Duration.ofSeconds(30))) {
            database.tables().prepare();
            var store = new DeadLetterStore(database, deadLetters(), one -> {});
            store.add(letter(1), new KeptMessage(Map.of(), KeptMessage.Kind.NONE, new byte[0]));
        }
        cluster.run("UPDATE dromedar_letter SET state = 'running', node = 'one', claim = 1");

        cluster.start("one", "routes=1", "count=1");
        cluster.awaitStarted("one");

        assertThat(cluster.rows("SELECT state FROM dromedar_letter")).containsExactly("interrupted");
    }

    /** As of a machine on which several workers start at once, or a server without a connection to spare. */
    @Test
    void theFirstSignOfLifeMayComeLate() throws Exception {
        try (var database = new Database(settings("other", true), Duration.ofSeconds(30))) {
            database.tables().prepare();
        }
        cluster.run("DROP ROLE IF EXISTS late");
        cluster.run("CREATE ROLE late LOGIN CONNECTION LIMIT 1"); // the pool's
        cluster.run("GRANT ALL ON ALL TABLES IN SCHEMA public TO late");
        var settings = new ClusterSettings(
                cluster.address(), "late", null, "test", "one", true, Duration.ofSeconds(1), true, Set.of(), 2, 2);
        var executor = Executors.newSingleThreadExecutor();
        try (var context = new DefaultCamelContext()) {
            var thread = new AtomicReference<Thread>();
            Future<Cluster> node = executor.submit(() -> {
                thread.set(Thread.currentThread());
                return ClusterSetup.install(context, settings);
            });
            Await.until("it tries again", LONG, () -> node.isDone() || waitsIn(Cluster.class, thread.get()));
            cluster.run("ALTER ROLE late CONNECTION LIMIT -1");

            assertThat(node.get().nodes()).extracting(Node::name).containsExactly("one");
        } finally {
            executor.shutdownNow();
        }
        cluster.run("DROP OWNED BY late");
        cluster.run("DROP ROLE late");
    }

    private static boolean waitsIn(Class<?> type, @Nullable Thread thread) {
        StackTraceElement[] stack = thread == null ? new StackTraceElement[0] : thread.getStackTrace();
        for (int i = 1; i < stack.length; i++) {
            if (stack[i].getClassName().equals(type.getName())) {
                return stack[i - 1].getClassName().equals(LockSupport.class.getName());
            }
        }
        return false;
    }

    /** Quartz rolls back what it has written when it waits too long for its second lock, the node's own row too. */
    @Test
    void aNodeWhoseFirstCheckInIsRolledBackWasNotConsideredDead() throws Exception {
        startAndStop("trigger.timeZone=Europe/Oslo"); // for the tables, and the rows of the locks
        cluster.run("DELETE FROM dromedar_qrtz_scheduler_state");
        cluster.run("INSERT INTO dromedar_qrtz_scheduler_state VALUES ('test', 'dead', 0, 1000)");
        String lock =
                "SELECT count(*) FROM (SELECT 1 FROM dromedar_qrtz_locks WHERE lock_name = '%s' FOR UPDATE%s) held";
        String free = lock.formatted("STATE_ACCESS", " SKIP LOCKED");
        try (Connection first = DriverManager.getConnection(cluster.address(), "postgres", "");
                Connection second = DriverManager.getConnection(cluster.address(), "postgres", "");
                var state = first.createStatement();
                var trigger = second.createStatement()) {
            first.setAutoCommit(false);
            second.setAutoCommit(false);
            state.executeQuery(lock.formatted("STATE_ACCESS", ""));
            cluster.start("one", "routes=1");
            Await.until(
                    "it checks in",
                    LONG,
                    () -> cluster.number("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                    + " AND query ILIKE '%dromedar_qrtz_locks%FOR UPDATE%'")
                            > 0);
            trigger.executeQuery(lock.formatted("TRIGGER_ACCESS", ""));
            first.rollback();
            Await.until("it has the first lock", LONG, () -> cluster.number(free) == 0);
            Await.until("it is rolled back", LONG, () -> cluster.number(free) == 1);
            second.rollback();
        }
        cluster.awaitStarted("one");
        String seen = "SELECT coalesce(max(last_checkin_time), 0) FROM dromedar_qrtz_scheduler_state"
                + " WHERE instance_name = 'one'";
        for (int checkIns = 0; checkIns < 3; checkIns++) {
            long before = cluster.number(seen);
            Await.until("it checks in again", LONG, () -> cluster.number(seen) > before);
        }
        assertThat(Files.readString(cluster.log("one"))).doesNotContain("was considered dead");
        cluster.run("DELETE FROM dromedar_qrtz_scheduler_state WHERE instance_name = 'one'");
        Await.until(
                "later it is", LONG, () -> Files.readString(cluster.log("one")).contains("was considered dead"));
    }

    @Test
    void aNodeThatStartsWhileAnotherMakesTheTablesWaitsForThem() throws Exception {
        var executor = Executors.newSingleThreadExecutor();
        try (var other = DriverManager.getConnection(cluster.address(), "postgres", "");
                var statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT pg_advisory_xact_lock(" + DatabaseTables.LOCK + ")");
            cluster.run("CREATE TABLE dromedar_migration (installed_rank INT)"); // Flyway's, with nothing in it yet
            Future<Integer> letters = executor.submit(() -> {
                try (var database = new Database(settings("second", true), Duration.ofSeconds(30))) {
                    database.tables().prepare();
                    return database.one("SELECT count(*) FROM dromedar_letter", row -> row.getInt(1));
                }
            });
            Await.until(
                    "the second waits",
                    LONG,
                    () -> letters.isDone()
                            || cluster.number(
                                            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                                    > 0);
            cluster.run(DatabaseTables.sql(0));
            other.commit();

            assertThat(letters.get()).isZero();
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void aUserWhoMayNotCreateTablesIsToldTheCommandThatPrintsTheSql() throws Exception {
        cluster.run("CREATE USER limited");
        cluster.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        var limited = new ClusterSettings(
                cluster.address(), "limited", null, "test", "n", true, Duration.ofSeconds(1), true, Set.of(), 4, 4);
        try (var database = new Database(limited, Duration.ofSeconds(30))) {
            assertThatThrownBy(database.tables()::prepare)
                    .isInstanceOf(StoreFailure.class)
                    .hasMessageContaining("permission denied")
                    .hasMessageContaining("./run cluster sql 0");

            cluster.run(DatabaseTables.sql(0));
            cluster.run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO limited");
            database.tables().prepare();
            int letters = database.one("SELECT count(*) FROM dromedar_letter", row -> row.getInt(1));
            assertThat(letters).isZero();
        }
    }

    @Test
    void lettersOfTheClusterAreReplayedOnceThoughANodeDies() throws Exception {
        cluster.run("INSERT INTO held VALUES ('one')");
        cluster.start("one", "routes=0", "work=20", "holdable=yes");
        cluster.awaitStarted("one");
        int letters = 100;
        try (var database = new Database(settings("writer", true), Duration.ofSeconds(30))) {
            var store = new DeadLetterStore(database, deadLetters(), one -> {});
            for (int i = 0; i < letters; i++) {
                store.add(
                        letter(i),
                        new KeptMessage(
                                Map.of(),
                                KeptMessage.Kind.JSON,
                                String.valueOf(i).getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            }
            cluster.start("two", "routes=0", "work=20");
            cluster.awaitStarted("two");
            store.list(null, "", 1000)
                    .forEach(letter -> assertThat(store.ask(letter.id())).isTrue());
            assertThat(store.ask("letter-0")).isFalse();

            Await.until(
                    "node one replays",
                    LONG,
                    () -> cluster.number("SELECT count(*) FROM firing WHERE node = 'one'") > 0);
            cluster.kill("one");
            Await.until(
                    "the rest is done, and the interrupted one told", LONG, () -> store.list(null, "", 1000).stream()
                            .allMatch(letter -> letter.state() == Letter.State.INTERRUPTED));

            assertThat(store.list(null, "", 1000)).hasSize(1);
            assertThat(cluster.number("SELECT count(DISTINCT slot) FROM firing"))
                    .as("none is lost")
                    .isEqualTo(letters);
            assertThat(cluster.number("SELECT count(*) FROM firing"))
                    .as("none is replayed twice")
                    .isEqualTo(letters);
        }
    }

    /** Nodes are upgraded one after another: those of the first version go on with its table. */
    @Test
    void lettersOfTheFirstVersionAreTakenOverWhileItsNodesStillRun() throws Exception {
        String sql = DatabaseTables.sql(0);
        cluster.run(sql.substring(0, sql.indexOf("-- Letters in columns")) + "COMMIT;");
        cluster.run("INSERT INTO dromedar_node VALUES ('test', 'old', 1, now() + interval '1 hour', '')");
        formerRow("a", "kept", null);
        formerRow("b", "running", "old");
        formerRow("c", "running", "dead");
        cluster.run("INSERT INTO dromedar_dead_letter VALUES ('test', 'd', now(), 'kept', NULL, 'x', 'x')");
        cluster.run("INSERT INTO dromedar_feed VALUES ('test', 'events', 7, now())");

        try (var database = new Database(settings("new", true), Duration.ofSeconds(30))) {
            database.tables().prepare();
            var former = new FormerRows(database);
            var store = new DeadLetterStore(database, deadLetters(), former::moveInto);
            former.moveInto(store);

            assertThat(store.list(null, "", 10)).extracting(Letter::id).containsExactly("a", "c");
            assertThat(store.message(Objects.requireNonNull(store.find("a"))).bodyText())
                    .isEqualTo("the body");
            assertThat(cluster.rows("SELECT id FROM dromedar_dead_letter ORDER BY id"))
                    .as("what an old node replays, and what cannot be read, stays")
                    .containsExactly("b", "d");
            cluster.run("UPDATE dromedar_dead_letter SET state = 'kept', node = NULL WHERE id = 'b'");
            former.moveInto(store);
            assertThat(store.list("in", "", 10)).extracting(Letter::id).containsExactly("a", "b", "c");
            assertThat(new FeedPositions(database).all()).containsEntry("events", 7L);
        }
    }

    @Test
    void aFeedWhosePositionIsATextGoesOnAtAnotherNodeAndARewindWins() throws Exception {
        String highest = "c/1 æ\u00f8\u20ac" + "x".repeat(990);
        var rewound = new AtomicBoolean();
        try (var database = new Database(settings("by hand", true), Duration.ofSeconds(30))) {
            database.tables().prepare();
            var positions = new FeedPositions(database);
            try (var one = feed("one", positions, rewound)) {
                assertThat(read(one, "0-1")).as("from").isEqualTo("0");
                assertThat(read(one, highest)).isEqualTo("0-1");
            }
            assertThat(positions.texts()).isEqualTo(Map.of("events", highest));
            try (var two = feed("two", positions, rewound)) {
                assertThat(read(two, "")).as("an empty page").isEqualTo(highest);
                assertThat(read(two, "0-3")).isEqualTo(highest);

                rewound.set(true);
                read(two, "0-4");

                assertThat(positions.texts()).as("not the page's").isEqualTo(Map.of("events", "0-2"));
                rewound.set(false);
                assertThat(read(two, "0-5")).isEqualTo("0-2");
                assertThatThrownBy(() -> read(two, "a\nb")).hasStackTraceContaining("The position stays");
            }
            assertThat(cluster.rows("SELECT name, position, position_text FROM dromedar_feed"))
                    .containsExactly("events 0 0-5");
            positions.set("events", 7);
            assertThat(positions.texts()).isEmpty();
            assertThat(positions.all()).isEqualTo(Map.of("events", 7L));
        }
    }

    /** A node with a route that reads a page; it gives where the page began. */
    private DefaultCamelContext feed(String node, FeedPositions positions, AtomicBoolean rewound) throws Exception {
        var context = new DefaultCamelContext();
        Store.install(
                context,
                new StoreSettings(deadLetters(), Path.of("unused"), settings(node, true)),
                exchange -> null,
                exchange -> null);
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:page")
                        .setProperty("last", body())
                        .to("dromedar:feed/events?position=text&start=0")
                        .process(exchange -> {
                            if (rewound.get()) {
                                positions.set("events", "0-2");
                            }
                        })
                        .setBody(header(Feeds.FROM))
                        .setHeader(Feeds.LAST, exchangeProperty("last"))
                        .to("dromedar:feed/events?advance=true&position=text&start=0");
            }
        });
        context.start();
        return context;
    }

    private static String read(DefaultCamelContext context, String last) {
        return context.createProducerTemplate().requestBody("direct:page", last, String.class);
    }

    private void formerRow(String id, String state, @Nullable String node) throws Exception {
        String line = "{\"version\":1,\"id\":\"" + id + "\",\"route\":\"in\",\"api\":null,"
                + "\"firstFailed\":\"2026-01-01T00:00:00Z\",\"failed\":\"2026-01-01T00:00:00Z\",\"attempts\":1,"
                + "\"key\":null,\"cause\":\"why\"}";
        String content = "convert_to('" + line + "', 'UTF8') || '\\x0a000000027b7d000454455854'::bytea"
                + " || convert_to('the body', 'UTF8')";
        cluster.run("INSERT INTO dromedar_dead_letter VALUES ('test', '" + id + "', now(), '" + state + "', "
                + (node == null ? "NULL" : "'" + node + "'") + ", convert_to('" + line + "', 'UTF8'), " + content
                + ")");
    }

    private static Letter letter(int number) {
        Instant now = Instant.now(java.time.Clock.systemUTC());
        return new Letter("letter-" + number, "replayed", null, now, now, 1, Letter.State.KEPT, "why");
    }

    private static DeadLetterSettings deadLetters() {
        return new DeadLetterSettings(Path.of("x"), Duration.ofDays(1), 500_000_000, null, false, 0, Duration.ZERO);
    }

    private ClusterSettings settings(String node, boolean migrate) {
        return settings(node, migrate, Duration.ofSeconds(1));
    }

    private ClusterSettings settings(String node, boolean migrate, Duration checkIn) {
        return new ClusterSettings(
                cluster.address(), "postgres", null, "test", node, migrate, checkIn, true, Set.of(), 4, 4);
    }
}
