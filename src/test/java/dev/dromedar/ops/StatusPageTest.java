package dev.dromedar.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dromedar.sandbox.Sandbox;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The status page in a real Chromium; aborted on a machine that has none. Pictures are left in {@code target/pictures}. */
@Tag("long")
class StatusPageTest {

    @Test
    void showsWhatIsWrongIsUsedByKeysAndFitsAPhone(@TempDir(cleanup = CleanupMode.NEVER) Path folder) throws Exception {
        Optional<Path> browser = Chromium.find();
        assumeTrue(browser.isPresent(), "there is no Chromium on this machine");
        try (Sandbox sandbox = Sandbox.start();
                Worker worker = new Worker(settings(sandbox), Map.of());
                Chromium chromium = new Chromium(browser.get(), folder)) {
            worker.call("health-records");
            worker.call("orders");
            chromium.look("light", 1280, 900);
            chromium.open("http://127.0.0.1:" + worker.port() + "/observe/status");
            chromium.await("document.querySelectorAll('#apis tr').length === 2");

            assertThat(chromium.value("document.querySelector('#summary').innerText")
                            .asText())
                    .isEqualTo("■ One thing needs attention");
            assertThat(chromium.value("document.querySelector('#attention').innerText")
                            .asText())
                    .startsWith("orders: no token for ")
                    .contains("invalid_client")
                    .contains("check client-id and client-secret");
            assertThat(chromium.value("document.querySelector('#apis tr').innerText")
                            .asText())
                    .as("what fails comes first")
                    .startsWith("orders")
                    .contains("failing");
            assertThat(chromium.value("document.querySelector('[role=meter]').getAttribute('aria-label')")
                            .asText())
                    .isEqualTo("life of the token of health-records");
            assertThat(chromium.value("parseFloat(document.querySelector('.bar i').style.width)")
                            .asDouble())
                    .isBetween(50.0, 100.0);
            assertThat(chromium.value("document.querySelector('#routes').innerText")
                            .asText())
                    .contains("call", "running", "failed");
            assertThat(chromium.value("document.title").asText()).startsWith("(1) ");

            int light = background(chromium, "light");
            chromium.look("dark", 1280, 900);
            chromium.await("matchMedia('(prefers-color-scheme: dark)').matches");
            int dark = background(chromium, "dark");
            assertThat(light & 0xff).isGreaterThan(200);
            assertThat(dark & 0xff).isLessThan(60);

            chromium.press("Tab", 9, "");
            chromium.await("document.activeElement.dataset.api === 'orders'");
            chromium.press("Enter", 13, "\r");
            chromium.await("document.querySelector('#more-orders')");
            assertThat(chromium.value("document.querySelector('#more-orders').innerText")
                            .asText())
                    .contains("client_secret_basic")
                    .contains("orders-worker");
            long calls = chromium.value("last.apis.find(api => api.name === 'orders').calls")
                    .asLong();
            worker.call("orders");
            chromium.await("last.apis.find(api => api.name === 'orders').calls > " + calls);
            assertThat(chromium.value("document.activeElement.dataset.api").asText())
                    .as("focus stays through a refresh")
                    .isEqualTo("orders");

            chromium.look("light", 390, 844);
            chromium.await("innerWidth === 390");
            background(chromium, "phone");
            assertThat(chromium.value("document.documentElement.scrollWidth").asInt())
                    .as("nothing beside the screen")
                    .isLessThanOrEqualTo(390);
            assertThat(chromium.complaints()).isEmpty();
        }
    }

    @Test
    void saysThatTheWorkerIsGone(@TempDir(cleanup = CleanupMode.NEVER) Path folder) throws Exception {
        Optional<Path> browser = Chromium.find();
        assumeTrue(browser.isPresent(), "there is no Chromium on this machine");
        try (Sandbox sandbox = Sandbox.start();
                Chromium chromium = new Chromium(browser.get(), folder)) {
            try (Worker worker = new Worker(Worker.apis(sandbox, "orders"), Map.of())) {
                worker.call("orders");
                chromium.open("http://127.0.0.1:" + worker.port() + "/observe/status");
                chromium.await("document.querySelector('#summary').innerText === '● All is well'");
            }

            chromium.await("document.querySelector('#summary').innerText.includes('does not answer')");
            assertThat(chromium.value("document.querySelector('#verdict').className")
                            .asText())
                    .isEqualTo("bad");
        }
    }

    private static Map<String, String> settings(Sandbox sandbox) {
        Map<String, String> apis = new HashMap<>(Worker.apis(sandbox, "health-records", "orders"));
        apis.put("dromedar.api.orders.client-secret", "not-this-one");
        return apis;
    }

    /** The colour in the page's corner, of a picture that is kept for people. */
    private static int background(Chromium chromium, String name) throws Exception {
        byte[] picture = chromium.picture();
        Path pictures = Files.createDirectories(Path.of("target/pictures"));
        Files.write(pictures.resolve("status-" + name + ".png"), picture);
        return ImageIO.read(new ByteArrayInputStream(picture)).getRGB(3, 3);
    }
}
