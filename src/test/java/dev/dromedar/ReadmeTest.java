package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows is true: its blocks are read as a reader would use them. */
class ReadmeTest {
    private static final String README = read("README.md");

    @Test
    void itsRouteLoads() throws Exception {
        try (var context = new DefaultCamelContext()) {
            for (String yaml : blocks("yaml")) {
                if (yaml.startsWith("- test:")) {
                    continue; // TestCommandTest runs it
                }
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
        assertThat(blocks("sh"))
                .startsWith("./run\n")
                .endsWith("mvn verify\n")
                .hasSize(3); // SiteCommandsTest runs the other
        assertThat(Path.of("run")).isExecutable();
        assertThat(read(".ci/run")).contains("mvn -B -ntp verify");
    }

    @Test
    void itsJavaCompiles(@TempDir Path folder) throws IOException {
        String imports = """
                import dev.dromedar.*; import dev.dromedar.spring.ApiInterceptor;
                import java.net.URI; import java.net.http.HttpRequest; import java.net.http.HttpResponse.BodyHandlers;
                import java.nio.file.*; import java.util.Properties;
                import org.apache.camel.CamelConfiguration; import org.apache.camel.CamelContext; import org.apache.camel.builder.RouteBuilder;
                import org.apache.camel.impl.DefaultCamelContext; import org.apache.camel.main.Main;
                import dev.dromedar.sandbox.*; import org.junit.jupiter.api.Test; import org.junit.jupiter.api.extension.RegisterExtension;
                import static org.junit.jupiter.api.Assertions.assertEquals; import org.apache.camel.RoutesBuilder;
                import org.apache.camel.component.mock.MockEndpoint; import org.apache.camel.test.junit5.CamelTestSupport;
                import org.springframework.context.annotation.*; import org.springframework.web.client.RestClient;
                """;
        List<String> files = new ArrayList<>(List.of("-d", folder.toString(), "-proc:none", "-nowarn"));
        for (String block : blocks("java")) {
            Path own = Files.createDirectories(folder.resolve("block" + files.size()));
            String name = Pattern.compile("class (\\w+)")
                    .matcher(block)
                    .results()
                    .findFirst()
                    .orElseThrow()
                    .group(1);
            files.add(Files.writeString(own.resolve(name + ".java"), imports + block)
                    .toString());
        }
        var words = new ByteArrayOutputStream();

        int status = ToolProvider.getSystemJavaCompiler().run(null, words, words, files.toArray(String[]::new));

        assertThat(status).as(words.toString(StandardCharsets.UTF_8)).isZero();
        assertThat(files).hasSize(4 + 5);
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
