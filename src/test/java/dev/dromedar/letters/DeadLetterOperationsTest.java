package dev.dromedar.letters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.letters.DeadLetterOperations.Selection;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a selection selects, and what is said where it selects nothing. */
class DeadLetterOperationsTest {
    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");

    private final StringBuilder out = new StringBuilder();
    private final DeadLetterStore store;
    private final DeadLetterOperations operations;

    DeadLetterOperationsTest(@TempDir Path temp) {
        store = DeadLetterStore.forWorker(StoreProcess.settings(temp));
        operations = new DeadLetterOperations(store, line -> out.append(line).append('\n'));
    }

    /** Two of orders and two of records; of each the second is running. */
    @BeforeEach
    void keep() {
        for (String id : new String[] {"orders-1", "orders-2", "records-1", "records-2"}) {
            store.add(
                    new Letter(id, id.substring(0, id.indexOf('-')), null, THEN, THEN, 1, Letter.State.KEPT, "why"),
                    new KeptMessage(Map.of(), KeptMessage.Kind.NONE, new byte[0]));
        }
        store.ask("orders-2");
        store.claims().claim();
        store.ask("records-2");
        store.claims().claim();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // ids, all, route, what is left, done, said
                "-, true, orders, orders-2 records-1 records-2, true, 1 dead letter(s) discarded.",
                "-, false, orders, orders-2 records-1 records-2, true, 1 dead letter(s) discarded.",
                "-, true, -, orders-2 records-2, true, 2 dead letter(s) discarded.",
                "orders-1, false, -, orders-2 records-1 records-2, true, 1 dead letter(s) discarded.",
                "orders-1, true, -, orders-2 records-1 records-2, true, 1 dead letter(s) discarded.",
                "orders-1 orders-1, false, orders, orders-2 records-1 records-2, true, 1 dead letter(s) discarded.",
                "orders-1 records-1, false, orders, orders-2 records-1 records-2, false, 'records-1: not discarded: it is of route records.'",
                "orders-2, false, -, orders-1 orders-2 records-1 records-2, false, 'orders-2: not discarded: its replay is running.'",
                "orders-3, false, -, orders-1 orders-2 records-1 records-2, false, 'orders-3: not discarded: it is gone, or never was.'",
                "-, true, ordesr, orders-1 orders-2 records-1 records-2, false, 'no dead letter of a route ''ordesr''. There are of: orders (2), records (2).'",
                "-, false, ordesr, orders-1 orders-2 records-1 records-2, false, 'no dead letter of a route ''ordesr''.'",
                "orders-1, false, ordesr, orders-1 orders-2 records-1 records-2, false, 'no dead letter of a route ''ordesr''.'",
            })
    void allConditionsOfASelectionHold(
            @Nullable String ids, boolean all, @Nullable String route, String left, boolean done, String said) {
        List<String> named = ids == null ? List.of() : Arrays.asList(ids.split(" "));

        assertThat(operations.discard(new Selection(named, all, route))).isEqualTo(done);

        assertThat(out.toString()).contains(said);
        assertThat(store.list(10).stream().map(Letter::id).collect(Collectors.joining(" ")))
                .isEqualTo(left);
    }

    @Test
    void nothingToDoIsSaidAndIsNotSuccess() {
        assertThat(operations.discard(new Selection(List.of(), true, null))).isTrue();

        assertThat(operations.discard(new Selection(List.of(), true, null))).isFalse();
        assertThat(operations.replay(new Selection(List.of(), true, "orders"))).isFalse();
        assertThat(out.toString())
                .contains("No dead letter was changed (not discarded): list shows their states.")
                .contains("No dead letter of route orders was changed (not replayed)");
        assertThat(operations.list("ordesr")).isFalse();
        assertThat(operations.list("orders")).isTrue();
        assertThat(out.toString()).endsWith("1 dead letter(s): 1 running\n");
    }

    @Test
    void aRoutesReplaysAreRequestedAlone() {
        assertThat(operations.replay(new Selection(List.of(), true, "records"))).isTrue();

        assertThat(out.toString()).contains("1 replay(s) requested. A worker starts them");
        assertThat(store.list(10))
                .extracting(letter -> letter.id() + " " + letter.state().word())
                .containsExactly("orders-1 kept", "orders-2 running", "records-1 asked", "records-2 running");
        assertThat(operations.replay(new Selection(List.of("records-1"), false, null)))
                .isFalse();
        assertThat(out.toString()).contains("records-1: not replayed: its replay is requested already.");
    }

    @Test
    void listsInPages() {
        for (int i = 0; i < 1200; i++) {
            store.add(
                    new Letter(String.format("z-%05d", i), "many", null, THEN, THEN, 1, Letter.State.KEPT, "why"),
                    new KeptMessage(Map.of(), KeptMessage.Kind.NONE, new byte[0]));
        }

        assertThat(operations.list(null)).isTrue();
        assertThat(out.toString().lines()).hasSize(1205).endsWith("1204 dead letter(s): 1202 kept, 2 running");
    }
}
