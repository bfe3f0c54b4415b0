package dev.dromedar.oauth;

import static dev.dromedar.oauth.World.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.ProtectedApi;
import java.time.Duration;
import java.util.Collection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An outage is told once and its end once, whatever number of clients, tokens and calls it meets. */
class OutageTest {
    private static final World WORLD = new World();
    private static final ProtectedApi ONE = WORLD.api();
    private static final ProtectedApi TWO = WORLD.api();

    private final Collection<ApiClient> clients = WORLD.clients(
                    World.settings(ONE).build(), World.settings(TWO).build())
            .all();

    @BeforeEach
    void heal() {
        WORLD.authority.origin().heal();
    }

    /** A request on its way would meet the next test's faults. */
    @AfterEach
    void letRequestsEnd() {
        World.eventually(() ->
                clients.stream().noneMatch(client -> client.usual().state().asking()));
    }

    @AfterAll
    static void close() {
        WORLD.close();
    }

    private void everybodyCalls(int seconds) {
        for (int second = 0; second < seconds; second++) {
            for (ApiClient client : clients) {
                try {
                    token(client);
                } catch (OAuthException e) {
                    assertThat(e).hasMessageStartingWith(client.name() + ": ");
                }
            }
            WORLD.clock.advance(Duration.ofSeconds(1));
        }
    }

    @Test
    void ofAnAuthorityIsToldOnceForAllItsClients() {
        try (var logged = new Logged()) {
            WORLD.authority.origin().refuseConnections();
            everybodyCalls(300);
            WORLD.authority.origin().acceptConnections();
            everybodyCalls(100);

            assertThat(logged.told()).hasSize(3);
            assertThat(logged.told().get(0))
                    .startsWith("WARN records-")
                    .contains(": Cannot read the authority's metadata at ")
                    .contains("nothing answers there")
                    .containsPattern("Calls will fail until a token is obtained\\. Next try in \\d s\\.");
            assertThat(logged.told().get(1))
                    .matches("INFO records-\\d: no new token either, in the outage of http://localhost:\\d+");
            assertThat(logged.told().get(2))
                    .matches("INFO records-\\d, records-\\d: http://localhost:\\d+ answers again, after [56] min");
        }
    }

    @Test
    void isToldWithHowLongTheTokenInMemoryIsServedOn() {
        everybodyCalls(1);
        try (var logged = new Logged()) {
            WORLD.authority.origin().fault(Fault.status(503));
            WORLD.clock.advance(Duration.ofSeconds(300 - 40));

            everybodyCalls(20);
            // Two clients meet it at once: the line of the second may come first.
            World.eventually(() -> logged.told().stream()
                    .anyMatch(line ->
                            line.contains("HTTP 503") && line.contains("The token in memory stays in use until 20")));
        }
    }

    @Test
    void aRefusalIsToldOnceForEachClientAndOnceWhenItIsOver() {
        try (var logged = new Logged()) {
            var refusing = WORLD.authority
                    .origin()
                    .fault(Fault.error(400, "invalid_client").at("/connect"));
            everybodyCalls(1000);
            refusing.off();
            WORLD.clock.advance(Duration.ofMinutes(13));
            everybodyCalls(1);

            assertThat(logged.told()).hasSize(4);
            assertThat(logged.told().subList(0, 2)).allMatch(line -> line.contains("invalid_client"));
            assertThat(logged.told().subList(2, 4))
                    .allMatch(line -> line.contains("the authority issues tokens again, after"));
        }
    }

    @Test
    void aRefusalThatFollowsAnOutageIsTold() {
        try (var logged = new Logged()) {
            ApiClient client = clients.iterator().next();
            WORLD.authority.origin().fault(1, Fault.status(500).at("/connect"));
            assertThatThrownBy(() -> token(client)).isInstanceOf(AuthorityUnavailable.class);
            WORLD.authority.origin().fault(Fault.error(400, "invalid_client").at("/connect"));
            WORLD.clock.advance(Duration.ofSeconds(2));

            assertThatThrownBy(() -> token(client)).isInstanceOf(TokenRefused.class);

            assertThat(logged.told()).hasSize(3);
            assertThat(logged.told().get(1)).contains("answers again");
            assertThat(logged.told().get(2)).contains("invalid_client");
        }
    }
}
