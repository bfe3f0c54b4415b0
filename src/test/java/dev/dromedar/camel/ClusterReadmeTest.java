package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.cluster.StoreSettings;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.settings.Settings;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the chapter on two machines, dead letters and feeds shows is what the worker takes. */
class ClusterReadmeTest {
    private final String text;

    ClusterReadmeTest() throws Exception {
        text = Files.readString(Path.of("README-cluster.md"));
    }

    @Test
    void itsPropertiesMakeACluster(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("database"), "a secret");
        var loaded = new Properties();
        for (String block : blocks("properties")) {
            loaded.load(new StringReader(block));
        }
        Map<String, String> properties = new LinkedHashMap<>();
        loaded.stringPropertyNames()
                .forEach(key -> properties.put(
                        key, loaded.getProperty(key).replace("secretfile:secrets/", "secretfile:" + folder + "/")));

        StoreSettings store =
                Settings.read(properties, Worker.placeholders(properties)).store();

        assertThat(Objects.requireNonNull(store.cluster()).node()).isEqualTo("server-a");
    }

    @Test
    void everyKeyThatItNamesIsKnown() {
        var keys = new TreeSet<String>();
        var row = Pattern.compile("(?m)^\\| `(dromedar\\.[a-z.-]+)`(?:, `(\\.[a-z-]+)`)?")
                .matcher(text);
        while (row.find()) {
            keys.add(row.group(1));
            if (row.group(2) != null) {
                keys.add(row.group(1).substring(0, row.group(1).lastIndexOf('.')) + row.group(2));
            }
        }

        assertThat(keys).hasSizeGreaterThan(15);
        for (String key : keys) {
            assertThat(faults(key)).as(key).noneMatch(fault -> fault.contains("unknown key"));
        }
        assertThat(faults("dromedar.cluster.nod")).anyMatch(fault -> fault.contains("unknown key"));
    }

    private static List<String> faults(String key) {
        try {
            Settings.read(Map.of(key, "x"), Worker.placeholders(Map.of()));
            return List.of();
        } catch (InvalidSettings e) {
            return e.faults();
        }
    }

    @Test
    void itsRoutesLoad() throws Exception {
        try (var context = new DefaultCamelContext()) {
            for (String yaml : blocks("yaml")) {
                PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString("readme.yaml", yaml));
            }

            assertThat(context.getRouteDefinitions())
                    .extracting(route -> route.getRouteId())
                    .containsExactly(
                            "inbox",
                            "orders-nightly",
                            "register-events",
                            "altinn-events",
                            "edi-notifications",
                            "parties",
                            "patients-changed",
                            "deliveries-changed",
                            "patients-export",
                            "patients-export-file");
        }
    }

    private List<String> blocks(String language) {
        return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }
}
