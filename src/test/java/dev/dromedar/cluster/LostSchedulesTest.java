package dev.dromedar.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Schedules that are no longer in the database while their routes run. */
@Tag("long")
class LostSchedulesTest {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String NEVER = "cron=0+0+3+1+1+?";
    private static final String SCHEDULES = "SELECT trigger_name FROM dromedar_qrtz_triggers ORDER BY 1";
    private static final String LOST = "TRUNCATE dromedar_qrtz_triggers CASCADE";

    private static TestCluster cluster;

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeAll
    static void startDatabase(@TempDir Path temp) throws Exception {
        cluster = new TestCluster(temp);
    }

    @AfterAll
    static void stopDatabase() throws Exception {
        cluster.close();
    }

    @BeforeEach
    void begin() throws Exception {
        cluster.run("DROP SCHEMA public CASCADE");
        cluster.run("CREATE SCHEMA public");
        log.list = new CopyOnWriteArrayList<>();
        log.start();
        logger().addAppender(log);
        logger().setLevel(Level.INFO);
    }

    @AfterEach
    void end() {
        context.stop();
        logger().detachAppender(log);
        logger().setLevel(null);
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(Cluster.class);
    }

    private long reported(String part) {
        return log.list.stream()
                .filter(line -> line.getFormattedMessage().contains(part))
                .count();
    }

    private Cluster install(Duration checkIn) throws Exception {
        return ClusterSetup.install(
                context,
                new ClusterSettings(
                        cluster.address(), "postgres", null, "test", "one", true, checkIn, true, Set.of(), 4, 2));
    }

    private void routes(String name, int count, String schedule) throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                for (int i = 0; i < count; i++) {
                    from("quartz:t/" + name + "-" + i + "?" + schedule)
                            .routeId(name + "-" + i)
                            .to("mock:" + name + "-" + i);
                }
            }
        });
    }

    private void restart(String route) throws Exception {
        context.getRouteController().stopRoute(route);
        context.getRouteController().startRoute(route);
    }

    /** Nor does its job, which is durable and still there, keep a route from getting its schedule back. */
    @Test
    void aScheduleThatCannotBeStoredAgainIsThatRoutesAlone() throws Exception {
        Cluster node = install(Duration.ofSeconds(2));
        routes("work", 3, NEVER + "&durableJob=true");
        context.start();
        cluster.run(LOST);
        assertThat(cluster.number("SELECT count(*) FROM dromedar_qrtz_job_details"))
                .isEqualTo(3);
        cluster.run("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " RAISE EXCEPTION 'not this one'; END $$");
        cluster.run("CREATE TRIGGER refuse BEFORE INSERT ON dromedar_qrtz_triggers FOR EACH ROW"
                + " WHEN (NEW.trigger_name = 'work-0') EXECUTE FUNCTION refuse()");
        cluster.run("CREATE SEQUENCE beats");
        cluster.run("CREATE FUNCTION beat() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " PERFORM nextval('beats'); RETURN NEW; END $$");
        cluster.run("CREATE TRIGGER beat BEFORE UPDATE ON dromedar_node FOR EACH ROW EXECUTE FUNCTION beat()");

        restart("work-0");
        restart("work-1");
        restart("work-2");

        Await.until("the others are back", LONG, () -> cluster.rows(SCHEDULES).equals(List.of("work-1", "work-2")));
        long now = cluster.number("SELECT last_value FROM beats");
        Await.until("it goes on", LONG, () -> cluster.number("SELECT last_value FROM beats") > now + 25);
        assertThat(node.fault()).isNull();
        assertThat(reported("Route work-0: its schedule is not in the database and could not be stored there"))
                .isEqualTo(1);
        cluster.run("DROP TRIGGER refuse ON dromedar_qrtz_triggers");
        Await.until(
                "it is back too", LONG, () -> cluster.rows(SCHEDULES).equals(List.of("work-0", "work-1", "work-2")));
        Await.until("that is reported", LONG, () -> reported("Route work-0: its schedule was not in") == 1);
    }

    /** As after a large edit while the database is slow: all at once would take ten seconds, and the node count as dead. */
    @Test
    void aNodeSignalsThatItLivesHoweverManySchedulesItStoresOrRemoves() throws Exception {
        install(Duration.ofSeconds(2));
        routes("work", 40, NEVER);
        context.start();
        cluster.run(LOST + "; TRUNCATE dromedar_qrtz_job_details CASCADE");
        cluster.run("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " PERFORM pg_sleep(0.25); RETURN NULL; END $$");
        cluster.run("CREATE TRIGGER slow AFTER INSERT OR DELETE ON dromedar_qrtz_triggers FOR EACH ROW"
                + " EXECUTE FUNCTION slow()");
        cluster.run("CREATE TABLE life (at TIMESTAMPTZ)");
        cluster.run("CREATE FUNCTION life() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " INSERT INTO life VALUES (clock_timestamp()); RETURN NULL; END $$");
        cluster.run("CREATE TRIGGER life AFTER UPDATE ON dromedar_node FOR EACH ROW EXECUTE FUNCTION life()");
        for (int i = 0; i < 40; i++) {
            restart("work-" + i);
        }
        String schedules = "SELECT count(*) FROM dromedar_qrtz_triggers";

        Await.until("all are stored", LONG, () -> cluster.number(schedules) == 40);
        for (int i = 0; i < 40; i++) {
            context.getRouteController().stopRoute("work-" + i);
        }
        Await.until("all are removed", LONG, () -> cluster.number(schedules) == 0);
        long signals = cluster.number("SELECT count(*) FROM life");
        Await.until("it signals", LONG, () -> cluster.number("SELECT count(*) FROM life") > signals);

        assertThat(cluster.rows("SELECT at FROM (SELECT at, at - lag(at) OVER (ORDER BY at) AS silent FROM life) l"
                        + " WHERE silent > interval '6 seconds'"))
                .isEmpty();
    }

    /** As after a failover to a server that lacks it, or when another node has removed it while this one was cut off. */
    @Test
    void aScheduleThatIsLostWhileItsRouteRunsIsStoredAgain() throws Exception {
        install(Duration.ofSeconds(1));
        routes("cron", 1, "cron=0/2+*+*+*+*+?&trigger.timeZone=Europe/Oslo");
        routes("interval", 1, "trigger.repeatInterval=3600000&trigger.repeatCount=-1");
        routes("once", 1, "trigger.repeatInterval=1000&trigger.repeatCount=0");
        routes("counted", 1, "trigger.repeatInterval=3600000&trigger.repeatCount=9");
        routes("ending", 1, NEVER + "&trigger.endAt=2098-01-01T00:00:00UTC");
        routes("begun", 1, NEVER + "&trigger.startAt=2020-01-01T00:00:00UTC");
        routes("years", 1, NEVER + "+2097-2098");
        routes("stopped", 1, NEVER);
        routes("suspended", 1, NEVER);
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("quartz:t/manual?" + NEVER)
                        .routeId("manual")
                        .autoStartup(false)
                        .to("mock:manual");
            }
        });
        List<Date> fired = new CopyOnWriteArrayList<>();
        MockEndpoint cron = context.getEndpoint("mock:cron-0", MockEndpoint.class);
        cron.whenAnyExchangeReceived(
                exchange -> fired.add(exchange.getIn().getHeader("scheduledFireTime", Date.class)));
        MockEndpoint once = context.getEndpoint("mock:once-0", MockEndpoint.class);
        context.start();
        Await.until("they fire", LONG, () -> once.getReceivedCounter() > 0 && !fired.isEmpty());
        context.getRouteController().stopRoute("stopped-0");
        context.getRouteController().suspendRoute("suspended-0");

        cluster.run(LOST + "; TRUNCATE dromedar_qrtz_job_details CASCADE");
        int before = fired.size();

        Await.until("two are back", LONG, () -> cluster.rows(SCHEDULES).equals(List.of("cron-0", "interval-0")));
        Await.until("it fires", LONG, () -> fired.size() > before + 8); // for longer than from one look to the next
        assertThat(cluster.rows(SCHEDULES)).containsExactly("cron-0", "interval-0");
        assertThat(cluster.number(
                        "SELECT count(*) FROM dromedar_qrtz_cron_triggers WHERE time_zone_id = 'Europe/Oslo'"))
                .isEqualTo(1);
        assertThat(fired).doesNotHaveDuplicates();
        assertThat(once.getReceivedCounter()).isEqualTo(1);
        assertThat(reported("its schedule was not in the database, and is stored again"))
                .isEqualTo(2);
    }

    /** Camel stores its schedule when it is added, and the nodes remove that, since no route claims it. */
    @Test
    void aRouteThatIsStartedLongAfterItWasAddedFires() throws Exception {
        install(Duration.ofSeconds(18));
        routes("work", 1, NEVER);
        context.start();
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("quartz:late?trigger.repeatCount=0")
                        .routeId("late")
                        .autoStartup(false)
                        .to("mock:late");
            }
        });
        cluster.run("DELETE FROM dromedar_qrtz_simple_triggers WHERE trigger_name = 'late'");
        cluster.run("DELETE FROM dromedar_qrtz_triggers WHERE trigger_name = 'late'");

        context.getRouteController().startRoute("late");

        MockEndpoint late = context.getEndpoint("mock:late", MockEndpoint.class);
        Await.until("it fires", LONG, () -> late.getReceivedCounter() > 0);
    }

    /** It has fired and is over before the node looks whether the schedule of a route that has started is there. */
    @Test
    void aRouteThatIsAddedAndFiresOnceFiresOnce() throws Exception {
        install(Duration.ofSeconds(18));
        routes("work", 1, NEVER);
        context.start();
        MockEndpoint once = context.getEndpoint("mock:once-0", MockEndpoint.class);
        routes("once", 1, "trigger.repeatCount=0");
        Await.until("it fires", LONG, () -> once.getReceivedCounter() > 0);
        cluster.run("CREATE SEQUENCE beats");
        cluster.run("CREATE FUNCTION beat() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " PERFORM nextval('beats'); RETURN NEW; END $$");
        cluster.run("CREATE TRIGGER beat BEFORE UPDATE ON dromedar_node FOR EACH ROW EXECUTE FUNCTION beat()");

        Await.until("it has looked", LONG, () -> cluster.number("SELECT last_value FROM beats") > 2);

        assertThat(once.getReceivedCounter()).isEqualTo(1);
    }
}
