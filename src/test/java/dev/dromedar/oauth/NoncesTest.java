package dev.dromedar.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NoncesTest {
    private final Nonces nonces = new Nonces();

    @Test
    void keepsTheNewestOfEachOriginApart() {
        nonces.learn("https://one", "n-1");
        nonces.learn("https://one", "n-2");
        nonces.learn("https://two", "m-1");

        assertThat(nonces.of("https://one")).isEqualTo("n-2");
        assertThat(nonces.of("https://two")).isEqualTo("m-1");
        assertThat(nonces.of("https://three")).isNull();
    }

    @Test
    void anAnswerWithoutOneOrWithAnAbsurdOneChangesNothing() {
        nonces.learn("https://one", "n-1");

        nonces.learn("https://one", null);
        nonces.learn("https://one", "");
        nonces.learn("https://one", "x".repeat(1025));

        assertThat(nonces.of("https://one")).isEqualTo("n-1");
    }

    @Test
    void keepsThoseOfTheOriginsUsedLast() {
        nonces.learn("https://first", "n-1");
        for (int i = 0; i < 1000; i++) {
            nonces.learn("https://origin-" + i, "n-" + i);
            if (i < 950) {
                assertThat(nonces.of("https://first")).isEqualTo("n-1"); // used, and so kept
            }
        }

        nonces.learn("https://one-more", "n");
        for (int i = 0; i < 100; i++) {
            nonces.learn("https://later-" + i, "n");
        }

        assertThat(nonces.of("https://first")).isNull();
        assertThat(nonces.of("https://origin-999")).isNull();
        assertThat(nonces.of("https://later-99")).isEqualTo("n");
    }
}
