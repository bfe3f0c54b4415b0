package dev.dromedar.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterTest {
    private static final String FIRING =
            "CREATE TABLE firing (route TEXT, slot BIGINT, node TEXT, begun TIMESTAMPTZ, done TIMESTAMPTZ)";
    private static final Duration LONG = Duration.ofSeconds(60);

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
    }

    @AfterEach
    void endNodes() {
        cluster.endNodes();
    }

    /**
     * Each slot at least once, and more than once only where the killed node had begun it: at most one a route, since runs of
     * a route do not overlap.
     */
    @Test
    void everyFiringRunsThoughANodeIsKilledAndTheDatabaseRestarts() throws Exception {
        int firings = 4 * 40;
        cluster.start("one", "count=40");
        cluster.start("two", "count=40");
        cluster.awaitStarted("one", "two");
        Await.until("both nodes work", LONG, () -> cluster.number("SELECT count(DISTINCT node) FROM firing") == 2);
        Await.until(
                "node one works now",
                LONG,
                () -> cluster.number("SELECT count(*) FROM firing WHERE node = 'one' AND done IS NULL") > 0);

        cluster.kill("one");
        Await.until(
                "the interrupted run is repeated",
                LONG,
                () -> cluster.number(
                                "SELECT count(*) FROM firing a JOIN firing b USING (route, slot) WHERE a.node = 'one'"
                                        + " AND a.done IS NULL AND b.node = 'two'")
                        > 0);
        cluster.stopDatabase();
        cluster.startDatabase();
        Await.until(
                "all are done",
                LONG,
                () -> cluster.number(
                                "SELECT count(*) FROM (SELECT DISTINCT route, slot FROM firing WHERE done IS NOT NULL) x")
                        >= firings);

        assertThat(cluster.number("SELECT count(*) FROM (SELECT DISTINCT route, slot FROM firing) x"))
                .isEqualTo(firings);
        assertThat(cluster.rows(
                        "SELECT route, slot, string_agg(node || ' ' || begun, ', ') FROM firing GROUP BY route, slot"
                                + " HAVING count(*) > 1 AND count(*) FILTER (WHERE node = 'one') <> 1"))
                .isEmpty();
        assertThat(cluster.rows("SELECT route FROM firing GROUP BY route, slot HAVING count(*) > 1"))
                .doesNotHaveDuplicates();
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
        Await.until(
                "the letter is there", LONG, () -> cluster.number("SELECT count(*) FROM dromedar_dead_letter") == 1);
        Await.until(
                "two leads",
                LONG,
                () -> cluster.number("SELECT count(*) FROM firing WHERE route = 'tick' AND node = 'two'") > 0);

        assertThat(cluster.rows("SELECT state FROM dromedar_dead_letter")).containsExactly("interrupted");
        assertThat(cluster.number("SELECT count(*) FROM firing WHERE route = 'never-0'"))
                .isEqualTo(1);
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
        try (var database = new Database(settings("three", true))) {
            assertThatThrownBy(database::prepare)
                    .hasMessageContaining("have version 99, which a newer Dromedar has made");
        }
    }

    @Test
    void aUserWhoMayNotCreateTablesIsToldTheCommandThatPrintsTheSql() throws Exception {
        cluster.run("CREATE USER limited");
        cluster.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        var limited = new ClusterSettings(
                cluster.address(), "limited", null, "test", "n", true, Duration.ofSeconds(1), true, Set.of(), 4, 4);
        try (var database = new Database(limited)) {
            assertThatThrownBy(database::prepare)
                    .isInstanceOf(StoreFailure.class)
                    .hasMessageContaining("permission denied")
                    .hasMessageContaining("./run cluster sql 0");

            cluster.run(Database.sql(0));
            cluster.run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO limited");
            database.prepare();
            int letters = database.one("SELECT count(*) FROM dromedar_dead_letter", row -> row.getInt(1));
            assertThat(letters).isZero();
        }
    }

    @Test
    void lettersOfTheClusterAreReplayedOnceThoughANodeDies() throws Exception {
        cluster.start("one", "routes=0", "work=20");
        cluster.awaitStarted("one");
        int letters = 100;
        try (var database = new Database(settings("writer", true))) {
            var store = new DatabaseLetters(database, settings("writer", true), deadLetters());
            for (int i = 0; i < letters; i++) {
                store.add(
                        letter(i),
                        new Input(
                                Map.of(),
                                Input.Kind.JSON,
                                String.valueOf(i).getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            }
            cluster.start("two", "routes=0", "work=20");
            cluster.awaitStarted("two");
            store.list().forEach(letter -> assertThat(store.ask(letter.id())).isTrue());
            assertThat(store.ask("letter-0")).isFalse();

            Await.until(
                    "node one replays",
                    LONG,
                    () -> cluster.number("SELECT count(*) FROM firing WHERE node = 'one'") > 5);
            cluster.kill("one");
            Await.until("the rest is done, and the interrupted one told", LONG, () -> store.list().stream()
                    .allMatch(letter -> letter.state() == Letter.State.INTERRUPTED));

            assertThat(store.list().size()).isLessThanOrEqualTo(1);
            assertThat(cluster.number("SELECT count(DISTINCT slot) FROM firing"))
                    .isBetween(letters - 1L, (long) letters);
            assertThat(cluster.number("SELECT count(*) FROM firing")).isBetween(letters - 1L, (long) letters);
        }
    }

    private static Letter letter(int number) {
        Instant now = Instant.now(java.time.Clock.systemUTC());
        return new Letter("letter-" + number, "replayed", null, now, now, 1, Letter.State.KEPT, "why");
    }

    private static DeadLetterSettings deadLetters() {
        return new DeadLetterSettings(Path.of("x"), Duration.ofDays(1), 500_000_000, null, false, 0, Duration.ZERO);
    }

    private ClusterSettings settings(String node, boolean migrate) {
        return new ClusterSettings(
                cluster.address(),
                "postgres",
                null,
                "test",
                node,
                migrate,
                Duration.ofSeconds(1),
                true,
                Set.of(),
                4,
                4);
    }
}
