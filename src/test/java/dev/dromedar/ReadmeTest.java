package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;

/** What the README shows is true: its blocks are read as a reader would use them. */
class ReadmeTest {
    private static final String README = read("README.md");

    @Test
    void itsRouteLoads() throws Exception {
        try (var context = new DefaultCamelContext()) {
            for (String yaml : blocks("yaml")) {
                PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString("readme.yaml", yaml));
            }

            assertThat(context.getRouteDefinitions())
                    .extracting(route -> route.getRouteId())
                    .containsExactly("changed-patients", "deliveries", "changed-deliveries");
        }
    }

    @Test
    void itsPropertiesAreAllInTheTable() throws IOException {
        var keys = new TreeSet<String>();
        for (String block : blocks("properties")) {
            var properties = new Properties();
            properties.load(new StringReader(block));
            properties
                    .stringPropertyNames()
                    .forEach(key -> keys.add(key.replaceFirst("dromedar\\.api\\.[^.]+\\.", "")));
        }

        assertThat(table("dromedar.api.<name>.")).containsAll(keys);
    }

    @Test
    void itsTwoCommandsAreThere() {
        assertThat(blocks("sh")).containsExactly("./run\n", "mvn verify\n");
        assertThat(Path.of("run")).isExecutable();
        assertThat(read(".ci/run")).contains("mvn -B -ntp verify");
    }

    private static List<String> table(String after) {
        String part = README.substring(README.indexOf(after));
        part = part.substring(part.indexOf("| key |"), part.indexOf("\n\n", part.indexOf("| key |")));
        return Pattern.compile("(?m)^\\| `([^`]+)`")
                .matcher(part)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private static List<String> blocks(String language) {
        return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                .matcher(README)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
