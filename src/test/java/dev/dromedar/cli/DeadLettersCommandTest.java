package dev.dromedar.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.Dromedar;
import dev.dromedar.cli.Terminal.Said;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dead-letters} and {@code feed} beside a worker that runs on the same folder. */
@Tag("long")
class DeadLettersCommandTest {
    private final Terminal terminal;
    private final DefaultCamelContext worker;
    private final AtomicBoolean broken = new AtomicBoolean(true);

    DeadLettersCommandTest(@TempDir Path folder) throws Exception {
        this.terminal = new Terminal(folder);
        Files.writeString(
                folder.resolve("application.properties"),
                "dromedar.dead-letters.folder = " + slashes(folder.resolve("letters")) + "\n"
                        + "dromedar.feed.folder = " + slashes(folder.resolve("feeds")) + "\n");
        this.worker = new Folder(folder).context();
    }

    private static String slashes(Path path) {
        return path.toString().replace('\\', '/');
    }

    @BeforeEach
    void start() throws Exception {
        Dromedar.install(worker);
        worker.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(deadLetterChannel("dromedar:dead-letters"));
                for (String route : List.of("orders", "invoices")) {
                    from("direct:" + route).routeId(route).process(exchange -> {
                        if (broken.get()) {
                            throw new IllegalStateException("broken");
                        }
                    });
                }
                from("direct:page")
                        .routeId("page")
                        .to("dromedar:feed/events?start=100")
                        .process(exchange -> {
                            exchange.getIn().setHeader("DromedarFeedCount", 1);
                            exchange.getIn().setHeader("DromedarFeedLast", 109);
                        })
                        .to("dromedar:feed/events?advance=true&start=100");
            }
        });
        worker.start();
    }

    @AfterEach
    void stop() {
        worker.stop();
    }

    private void fail(String route, String body) throws Exception {
        try (var template = worker.createProducerTemplate()) {
            template.sendBodyAndHeader("direct:" + route, body, "patient", "p-1");
        }
    }

    private List<String> ids(String... route) {
        String[] line = Stream.concat(Stream.of("dead-letters", "list"), Stream.of(route))
                .toArray(String[]::new);
        return terminal.run(line)
                .out()
                .lines()
                .filter(text -> text.contains("attempt(s)"))
                .map(text -> text.substring(0, text.indexOf(' ')))
                .toList();
    }

    @Test
    void discardsOnlyTheLettersOfTheRouteWhenBothAllAndARouteAreSaid() throws Exception {
        fail("orders", "1");
        fail("invoices", "2");
        fail("orders", "3");

        Said said = terminal.run("dead-letters", "discard", "--all", "--route", "orders");

        assertThat(said).isEqualTo(new Said(0, "2 dead letter(s) discarded." + System.lineSeparator(), ""));
        assertThat(ids("orders")).isEmpty();
        assertThat(ids("invoices")).hasSize(1);
    }

    @Test
    void leavesALetterOfAnotherRouteThanTheOneSaidBesideItsId() throws Exception {
        fail("invoices", "1");
        String id = ids().get(0);

        Said said = terminal.run("dead-letters", "discard", id, "--route=orders");

        assertThat(said.out()).startsWith("There is no dead letter of a route 'orders'. There are of: invoices (1).");
        assertThat(said.status()).isEqualTo(1);
        assertThat(ids()).containsExactly(id);
    }

    @Test
    void saysThatNothingWasFoundAndEndsWithOne() throws Exception {
        for (String verb : List.of("discard", "replay")) {
            assertThat(terminal.run("dead-letters", verb, "--all"))
                    .isEqualTo(new Said(1, "There is no dead letter." + System.lineSeparator(), ""));
        }
        fail("orders", "1");

        String nothing =
                "There is no dead letter of a route 'ordres'. There are of: orders (1)." + System.lineSeparator();
        for (String verb : List.of("discard", "replay")) {
            assertThat(terminal.run("dead-letters", verb, "--route", "ordres")).isEqualTo(new Said(1, nothing, ""));
        }
        assertThat(terminal.run("dead-letters", "list", "ordres")).isEqualTo(new Said(1, nothing, ""));
        assertThat(terminal.run("dead-letters", "show", "20260101-000000-abcdef")
                        .status())
                .isEqualTo(1);
        assertThat(terminal.run("dead-letters", "show", "../../etc/passwd").out())
                .contains("There is no dead letter ../../etc/passwd.");
        assertThat(ids()).hasSize(1);
    }

    @Test
    void showsALetterAndItsBodyOnlyWhenToldTo() throws Exception {
        fail("orders", "the \u001b[2Jbody");
        String id = ids().get(0);

        Said without = terminal.run("dead-letters", "show", id);
        Said with = terminal.run("dead-letters", "show", "--body", id);

        assertThat(without.out())
                .contains("id            " + id, "header        patient: p-1")
                .doesNotContain("[2J");
        assertThat(with.out()).startsWith(without.out()).contains("the \\u001b[2Jbody");
        assertThat(with.status()).isZero();
    }

    @Test
    void theWorkerReplaysWhatIsRequested() throws Exception {
        fail("orders", "1");
        fail("orders", "2");
        broken.set(false);

        Said said = terminal.run("dead-letters", "replay", "--route", "orders");

        assertThat(said.out()).startsWith("2 replay(s) requested. A worker starts them within seconds");
        assertThat(said.status()).isZero();
        long end = System.nanoTime() + 60_000_000_000L;
        while (!ids().isEmpty() && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(ids()).isEmpty();
    }

    @Test
    void showsAndRewindsFeeds() throws Exception {
        assertThat(terminal.run("feed", "show").out()).startsWith("No feed has been read yet.");
        fail("page", "");

        assertThat(terminal.run("feed", "show")).isEqualTo(new Said(0, "events  109" + System.lineSeparator(), ""));
        assertThat(terminal.run("feed", "show", "event"))
                .isEqualTo(new Said(
                        1, "There is no feed 'event' yet. Did you mean 'events'?" + System.lineSeparator(), ""));
        assertThat(terminal.run("feed", "rewind", "event", "1").status()).isEqualTo(1);
        assertThat(terminal.run("feed", "rewind", "events", "50").out()).startsWith("events is at 50 now.");
        assertThat(terminal.run("feed", "show").out()).startsWith("events  50");
    }

    @Test
    void saysThatThereIsNoCluster() {
        Said said = terminal.run("cluster", "nodes");

        assertThat(said.out()).startsWith("This worker is not in a cluster: dromedar.cluster.address is not set.");
        assertThat(said.status()).isEqualTo(1);
        assertThat(terminal.run("cluster", "sql").out()).contains("BEGIN;", "CREATE TABLE");
    }
}
