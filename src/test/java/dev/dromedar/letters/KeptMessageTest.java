package dev.dromedar.letters;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

/** What a dead letter keeps of headers that say whom a call is for. */
class KeptMessageTest {
    private static final String PERSON = "13858390057";

    @Test
    void aPersonThatACallIsForStandsAsStarsSoThatAReplayIsRefused() throws Exception {
        try (var context = new DefaultCamelContext()) {
            var kept = KeptMessage.of(
                    "body",
                    Map.of(
                            "CamelDromedarCitizen",
                            PERSON,
                            "CamelDromedarClaims",
                            "{\"sub\":\"" + PERSON + "\"}",
                            "CamelDromedarScope",
                            "a",
                            "X-Api-Key",
                            "k"),
                    new DefaultExchange(context));

            assertThat(kept.headers())
                    .isEqualTo(Map.of(
                            "CamelDromedarCitizen", "***",
                            "CamelDromedarClaims", "***",
                            "CamelDromedarScope", "a"));
        }
    }
}
