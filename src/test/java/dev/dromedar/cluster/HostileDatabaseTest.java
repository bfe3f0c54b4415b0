package dev.dromedar.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.dromedar.letters.StoreFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.quartz.QuartzComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.quartz.Calendar;
import org.quartz.Job;
import org.quartz.JobDataMap;
import org.quartz.JobExecutionContext;
import org.quartz.impl.calendar.AnnualCalendar;
import org.quartz.impl.calendar.BaseCalendar;
import org.quartz.impl.calendar.CronCalendar;
import org.quartz.impl.calendar.DailyCalendar;
import org.quartz.impl.calendar.HolidayCalendar;
import org.quartz.impl.calendar.MonthlyCalendar;
import org.quartz.impl.calendar.WeeklyCalendar;
import org.slf4j.LoggerFactory;

/** Whoever may write to the cluster's database writes what Quartz reads: it stays data, and the routes go on. */
@Tag("long")
class HostileDatabaseTest {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final AtomicInteger CODE_RUN = new AtomicInteger();

    private final TestCluster cluster = Objects.requireNonNull(shared);
    private final AtomicInteger fired = new AtomicInteger();
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    private static @Nullable TestCluster shared;

    /** Counts when it is read; a real one would load and run more. */
    private static final class Gadget implements Serializable {
        private void readObject(ObjectInputStream in) throws IOException {
            CODE_RUN.incrementAndGet();
        }
    }

    /** Hides a gadget in a collection that a filter by the outermost class would let through. */
    private static final class Hidden implements Comparable<Hidden>, Serializable {
        @Override
        public int compareTo(Hidden other) {
            CODE_RUN.incrementAndGet();
            return 0;
        }
    }

    /** Counts when it is initialized. */
    static final class ForeignJob implements Job {
        static {
            CODE_RUN.incrementAndGet();
        }

        @Override
        public void execute(JobExecutionContext context) {
            CODE_RUN.incrementAndGet();
        }
    }

    @BeforeAll
    static void startDatabase(@TempDir Path temp) throws Exception {
        shared = new TestCluster(temp);
    }

    @AfterAll
    static void stopAll() throws Exception {
        Objects.requireNonNull(shared).close();
    }

    @BeforeEach
    void begin() throws Exception {
        cluster.run("DROP SCHEMA public CASCADE");
        cluster.run("CREATE SCHEMA public");
        CODE_RUN.set(0);
        lines.list = new CopyOnWriteArrayList<>();
        lines.start();
        log().addAppender(lines);
        log().setLevel(Level.INFO);
    }

    @AfterEach
    void end() {
        log().detachAppender(lines);
        log().setLevel(null);
    }

    private static Logger log() {
        return (Logger) LoggerFactory.getLogger(Cluster.class);
    }

    static List<Map.Entry<String, List<String>>> changes() throws IOException {
        String gadget = "'\\x" + hex(new Gadget()) + "'";
        String hidden = "'\\x" + hex(new HashMap<>(Map.of("x", new Gadget()))) + "'";
        String calendar = "INSERT INTO dromedar_qrtz_calendars VALUES ('test', 'evil', '\\x";
        String useIt = "UPDATE dromedar_qrtz_triggers SET calendar_name = 'evil'";
        return List.of(
                Map.entry(
                        "a gadget in a job's data",
                        List.of("The job data", "UPDATE dromedar_qrtz_job_details SET job_data = " + gadget)),
                Map.entry(
                        "a gadget in a trigger's data",
                        List.of("The job data", "UPDATE dromedar_qrtz_triggers SET job_data = " + gadget)),
                Map.entry(
                        "a gadget in a map",
                        List.of("The job data", "UPDATE dromedar_qrtz_triggers SET job_data = " + hidden)),
                Map.entry(
                        "a class of the database's choice",
                        List.of(
                                "The database names the class",
                                "UPDATE dromedar_qrtz_job_details SET job_class_name = '" + ForeignJob.class.getName()
                                        + "'")),
                Map.entry(
                        "a gadget as a calendar",
                        List.of("A calendar", calendar + hex(new Gadget()) + "') ON CONFLICT DO NOTHING", useIt)),
                Map.entry(
                        "a gadget in a calendar",
                        List.of(
                                "A calendar",
                                calendar + hex(holidays(new Hidden())) + "') ON CONFLICT DO NOTHING",
                                useIt)),
                Map.entry("no calendar at all", List.of("A calendar", calendar + "00') ON CONFLICT DO NOTHING", useIt)),
                Map.entry(
                        "a gadget as a trigger",
                        List.of(
                                "Schedule t/x",
                                "INSERT INTO dromedar_qrtz_blob_triggers SELECT sched_name, trigger_name, trigger_group, "
                                        + gadget + " FROM dromedar_qrtz_triggers ON CONFLICT DO NOTHING",
                                "UPDATE dromedar_qrtz_triggers SET trigger_type = 'BLOB'")),
                Map.entry(
                        "a trigger of no kind",
                        List.of("Schedule t/x", "UPDATE dromedar_qrtz_triggers SET trigger_type = 'NONE'")),
                Map.entry(
                        "a trigger without its part",
                        List.of("Schedule t/x", "UPDATE dromedar_qrtz_triggers SET trigger_type = 'BLOB'")));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void whatTheDatabaseHoldsIsNotLoadedButReportedAndTheRouteGoesOn(Map.Entry<String, List<String>> change)
            throws Exception {
        List<String> sql = change.getValue();
        try (var context = started()) {
            Await.until("it fires", LONG, () -> fired.get() > 0);

            // Again and again: Quartz writes back the schedule that it has just fired
            Await.until("it is reported", LONG, () -> {
                // At one moment: the worker removes the schedule and creates it again meanwhile
                cluster.run("BEGIN ISOLATION LEVEL REPEATABLE READ; " + String.join("; ", sql.subList(1, sql.size()))
                        + "; COMMIT");
                return reported(sql.get(0));
            });
            int before = fired.get();
            Await.until("the route goes on", LONG, () -> fired.get() > before + 3);
            context.stop();
        }

        assertThat(CODE_RUN).hasValue(0);
        assertThat(lines.list.stream()
                        .filter(line -> line.getFormattedMessage().contains("Cluster: " + sql.get(0)))
                        .count())
                .as("once")
                .isEqualTo(1);
        fired.set(0);
        try (var again = started()) {
            Await.until("and after a restart", LONG, () -> fired.get() > 2);
            again.stop();
        }
        assertThat(CODE_RUN).hasValue(0);
    }

    private boolean reported(String beginning) {
        return lines.list.stream().anyMatch(line -> line.getFormattedMessage().startsWith("Cluster: " + beginning));
    }

    /** Camel would make the endpoint that the row names, with any object in its options. */
    @Test
    void anAddressInTheDatabaseBecomesNoEndpoint() throws Exception {
        try (var context = started()) {
            Await.until("it fires", LONG, () -> fired.get() > 0);
            String data = "CamelQuartzEndpoint=quartz:evil?customCalendar=#class:" + ForeignJob.class.getName()
                    + "\nCamelQuartzCamelContextName=other\nCamelHttpUri=http://evil.example\n";
            cluster.run("UPDATE dromedar_qrtz_job_details SET job_data = '\\x" + hex(data) + "'");
            cluster.run("UPDATE dromedar_qrtz_triggers SET job_data = '\\x" + hex(data) + "'");
            cluster.run("INSERT INTO dromedar_qrtz_job_details SELECT sched_name, 'y', 'RECOVERING_JOBS', description,"
                    + " job_class_name, is_durable, is_nonconcurrent, is_update_data, requests_recovery, job_data"
                    + " FROM dromedar_qrtz_job_details");
            // One statement: the worker would run a trigger without its simple trigger, and take the row away.
            cluster.run("WITH planted AS (INSERT INTO dromedar_qrtz_triggers SELECT sched_name, 'recover_two_1',"
                    + " 'RECOVERING_JOBS', 'y', 'RECOVERING_JOBS', description, next_fire_time, prev_fire_time, priority,"
                    + " 'WAITING', 'SIMPLE', start_time, end_time, calendar_name, misfire_instr, job_data"
                    + " FROM dromedar_qrtz_triggers RETURNING sched_name)"
                    + " INSERT INTO dromedar_qrtz_simple_triggers SELECT sched_name, 'recover_two_1', 'RECOVERING_JOBS',"
                    + " 0, 0, 0 FROM planted");

            Await.until(
                    "the row's own run was tried",
                    LONG,
                    () -> cluster.number("SELECT count(*) FROM"
                                    + " dromedar_qrtz_triggers WHERE trigger_name = 'recover_two_1'")
                            == 0);
            int before = fired.get();
            Await.until("the route goes on", LONG, () -> fired.get() > before + 3);

            assertThat(context.getEndpoints())
                    .extracting(endpoint -> endpoint.getEndpointUri())
                    .noneMatch(uri -> uri.contains("evil"));
        }
        assertThat(CODE_RUN).hasValue(0);
    }

    @Test
    void jobDataOfAnOlderVersionIsTakenOver() throws Exception {
        try (var context = started()) {
            Await.until("it fires", LONG, () -> fired.get() > 0);
            context.stop();
        }
        var old = new JobDataMap(Map.of("CamelQuartzEndpoint", "quartz://t/x", "CamelQuartzTriggerType", "simple"));
        cluster.run("UPDATE dromedar_qrtz_job_details SET job_data = '\\x" + hex(old) + "'");
        fired.set(0);

        try (var context = started()) {
            Await.until("it fires", LONG, () -> fired.get() > 2);
            context.stop();
        }

        assertThat(cluster.number("SELECT count(*) FROM dromedar_qrtz_job_details WHERE job_data IS NOT NULL"
                        + " AND substring(job_data FROM 1 FOR 2) = '\\xaced'"))
                .isZero();
        assertThat(lines.list).noneMatch(line -> line.getFormattedMessage().contains("Find out who wrote it"));
    }

    @Test
    void nodesAndLeadersOfNamesThatNoNodeHasAreNotKnown() throws Exception {
        try (var context = new DefaultCamelContext()) {
            Cluster node = ClusterSetup.install(context, settings());
            cluster.run("INSERT INTO dromedar_node VALUES ('test', E'a\\r\\nERROR forged', 2, now() + interval '1"
                    + " hour', ''), ('test', '\u202Eevil', 3, now() + interval '1 hour', ''), ('test', 'two', 4, now()"
                    + " + interval '1 hour', '')");
            context.start();

            Await.until("two is known", LONG, () -> node.nodes().size() > 1);
            assertThat(node.nodes()).extracting(Node::name).containsExactly("one", "two");
        }
    }

    @Test
    void theRightsOfTheReadmeAreEnoughAndNoMore() throws Exception {
        cluster.run("DROP ROLE IF EXISTS dromedar");
        cluster.run("CREATE ROLE dromedar LOGIN");
        cluster.run(DatabaseTables.sql(0));
        String readme = Files.readString(Path.of("README-cluster.md"));
        String rights = readme.substring(readme.indexOf("REVOKE CREATE ON SCHEMA"));
        cluster.run(rights.substring(0, rights.indexOf("```")));
        var limited = new ClusterSettings(
                cluster.address(), "dromedar", null, "test", "one", false, Duration.ofSeconds(1), true, Set.of(), 4, 4);

        try (var context = started(limited)) {
            Await.until("it fires", LONG, () -> fired.get() > 2);
            context.stop();
        }
        try (var database = new Database(limited, Duration.ofSeconds(30))) {
            database.probe();
            for (String statement : List.of(
                    "CREATE TABLE x (y INTEGER)",
                    "ALTER TABLE dromedar_qrtz_triggers ADD COLUMN x INTEGER",
                    "UPDATE dromedar_format SET version = 9")) {
                assertThatThrownBy(() -> database.run(statement))
                        .as(statement)
                        .hasMessageFindingMatch("permission denied|must be owner");
            }
        }
        cluster.run("DROP OWNED BY dromedar");
        cluster.run("DROP ROLE dromedar");
    }

    @Test
    void anAnswerThatWouldExhaustTheMemoryIsRefused() throws Exception {
        var small = new ClusterSettings(
                cluster.address() + "?maxResultBuffer=1M",
                "postgres",
                null,
                "test",
                "one",
                true,
                Duration.ofSeconds(1),
                true,
                Set.of(),
                4,
                4);
        try (var database = new Database(small, Duration.ofSeconds(30))) {
            assertThat(database.driverProperties("5", "20"))
                    .as("unless the address says otherwise, a quarter of the heap")
                    .containsEntry("maxResultBuffer", "25p");
            assertThatThrownBy(() -> database.all("SELECT repeat('x', 2000000)", row -> row.getString(1)))
                    .isInstanceOf(StoreFailure.class)
                    .hasMessageContaining("maxResultBuffer");
            assertThat(database.<Integer>one("SELECT 1", row -> row.getInt(1))).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("calendars")
    void quartzsOwnCalendarsAreRead(Calendar calendar) throws Exception {
        Calendar read = QuartzRows.calendar(serialized(calendar));

        assertThat(read).isInstanceOf(calendar.getClass());
        assertThat(read.getDescription()).isEqualTo("of a test");
        long now = 1_800_000_000_000L;
        assertThat(read.getNextIncludedTime(now)).isEqualTo(calendar.getNextIncludedTime(now));
    }

    static List<Calendar> calendars() throws Exception {
        var annual = new AnnualCalendar();
        annual.setDayExcluded(new GregorianCalendar(2026, java.util.Calendar.MAY, 17), true);
        var holidays = new HolidayCalendar();
        holidays.addExcludedDate(Date.from(Instant.ofEpochMilli(1_800_000_000_000L)));
        var monthly = new MonthlyCalendar(annual);
        monthly.setDayExcluded(3, true);
        List<Calendar> all = List.of(
                annual,
                holidays,
                monthly,
                new BaseCalendar(holidays, java.util.TimeZone.getTimeZone("Europe/Oslo")),
                new CronCalendar("* * 0-7 ? * *"),
                new DailyCalendar("08:00", "17:00"),
                new WeeklyCalendar());
        all.forEach(calendar -> calendar.setDescription("of a test"));
        return all;
    }

    @ParameterizedTest
    @CsvSource({
        "'CamelQuartzTriggerType=cron\nx=y', {CamelQuartzTriggerType=cron}",
        "CamelQuartzEndpoint=file:/etc, {}",
        "QRTZ_FAILED_JOB_ORIG_TRIGGER_SCHEDULED_FIRETIME_IN_MILLISECONDS_AS_STRING=9999999999999999999, {}",
        "QRTZ_FAILED_JOB_ORIG_TRIGGER_SCHEDULED_FIRETIME_IN_MILLISECONDS_AS_STRING=17, {QRTZ_FAILED_JOB_ORIG_TRIGGER_SCHEDULED_FIRETIME_IN_MILLISECONDS_AS_STRING=17}",
        "CamelQuartzTriggerCronExpression=a\\u001b[2Jb, {}",
        "'', {}"
    })
    void ofJobDataOnlyWhatIsKnownIsRead(String column, String known) throws Exception {
        assertThat(QuartzRows.jobData(column.getBytes(StandardCharsets.ISO_8859_1)))
                .hasToString(known);
    }

    @ParameterizedTest
    @CsvSource({"x=\\u00g0", "LONG"})
    void jobDataThatIsNoneIsRefused(String column) {
        byte[] bytes = (column.equals("LONG") ? "x=" + "y".repeat(70_000) : column).getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> QuartzRows.jobData(bytes)).isInstanceOf(IOException.class);
    }

    private DefaultCamelContext started() throws Exception {
        return started(settings());
    }

    private DefaultCamelContext started(ClusterSettings settings) throws Exception {
        var context = new DefaultCamelContext();
        var late = new Properties();
        late.setProperty("org.quartz.jobStore.misfireThreshold", "3600000");
        context.getComponent("quartz", QuartzComponent.class).setProperties(late);
        ClusterSetup.install(context, settings);
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("quartz:t/x?trigger.repeatInterval=200").routeId("x").process(exchange -> fired.incrementAndGet());
            }
        });
        context.start();
        return context;
    }

    private ClusterSettings settings() {
        return new ClusterSettings(
                cluster.address(), "postgres", null, "test", "one", true, Duration.ofSeconds(1), true, Set.of(), 4, 4);
    }

    private static HolidayCalendar holidays(Object hidden) {
        var calendar = new HolidayCalendar();
        try {
            var dates = HolidayCalendar.class.getDeclaredField("dates");
            dates.setAccessible(true);
            dates.set(calendar, new TreeSet<>(List.of(hidden)));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
        return calendar;
    }

    private static String hex(Object object) throws IOException {
        return HexFormat.of()
                .formatHex(
                        object instanceof String text
                                ? text.getBytes(StandardCharsets.ISO_8859_1)
                                : serialized(object));
    }

    private static byte[] serialized(Object object) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        return bytes.toByteArray();
    }
}
