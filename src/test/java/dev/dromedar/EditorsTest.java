package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What editors know of the components, and that the READMEs' routes are as Camel's own schema has them. The JSON of the
 * components is made by the build from their annotations: {@code mvn process-classes}.
 */
@Tag("long")
class EditorsTest {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final CamelCatalog CATALOG = catalog();

    private static CamelCatalog catalog() {
        var catalog = new DefaultCamelCatalog();
        catalog.addComponent("api", "dev.dromedar.camel.ApiComponent");
        catalog.addComponent("dromedar", "dev.dromedar.letters.StoreComponent");
        return catalog;
    }

    /** A block of a README. */
    record Block(String file, int number, JsonNode yaml) {
        @Override
        public String toString() {
            return file + " " + number;
        }
    }

    static List<Block> blocks() throws IOException {
        List<Block> blocks = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("."))) {
            for (Path file : files.filter(file -> file.getFileName().toString().matches("README.*\\.md"))
                    .sorted()
                    .toList()) {
                int number = 0;
                for (var match : Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
                        .matcher(Files.readString(file))
                        .results()
                        .toList()) {
                    JsonNode yaml = YAML.readTree(match.group(1));
                    if (yaml.isArray() && !yaml.get(0).has("test")) {
                        blocks.add(new Block(file.getFileName().toString(), ++number, yaml));
                    }
                }
            }
        }
        return blocks;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("blocks")
    void aBlockIsValidByCamelsSchema(Block block) throws IOException {
        try (InputStream file = Objects.requireNonNull(
                EditorsTest.class.getClassLoader().getResourceAsStream("schema/camelYamlDsl.json"))) {
            JsonSchema schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4)
                    .getSchema(new ObjectMapper().readTree(file));
            // A block of single steps stands for those of a route
            boolean steps = !block.yaml().get(0).has("route");
            JsonNode routes = steps
                    ? YAML.readTree("[{route: {from: {uri: 'direct:x', steps: " + block.yaml() + "}}}]")
                    : block.yaml();

            assertThat(schema.validate(routes)).isEmpty();
        }
    }

    @Test
    void theCatalogListsTheComponents() {
        assertThat(CATALOG.findComponentNames()).contains("api", "dromedar");
        assertThat(CATALOG.componentJSonSchema("api")).contains("idempotencyKey", "\"path.\"");
        assertThat(CATALOG.componentJSonSchema("dromedar")).contains("advance");
    }

    @Test
    void theCatalogHasTheHeaders() throws IOException {
        assertThat(headers("api"))
                .hasSize(13)
                .containsEntry("CamelHttpResponseCode", "int")
                .containsKeys("CamelDromedarScope", "CamelDromedarOrganisationParent", "CamelDromedarCitizen");
        assertThat(headers("dromedar"))
                .containsOnlyKeys("DromedarFeedFrom", "DromedarFeedCount", "DromedarFeedLast", "DromedarFeedNewest");
    }

    private static Map<String, String> headers(String component) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        new ObjectMapper()
                .readTree(CATALOG.componentJSonSchema(component))
                .path("headers")
                .properties()
                .forEach(header -> {
                    assertThat(header.getValue().path("description").asText())
                            .as(header.getKey())
                            .isNotBlank();
                    headers.put(
                            header.getKey(), header.getValue().path("javaType").asText());
                });
        return headers;
    }

    /** Camel's catalogue has no place for exceptions: they are in the page. */
    @Test
    void thePageNamesTheExceptions() throws Exception {
        String page = Files.readString(Path.of("README-operations.md"));
        for (String name : List.of(
                "dev.dromedar.camel.FailedCall",
                "dev.dromedar.oauth.InvalidSettings",
                "dev.dromedar.oauth.TokenRefused",
                "dev.dromedar.oauth.AuthorityUnavailable",
                "dev.dromedar.camel.RefusedCall",
                "dev.dromedar.letters.StoreFailure")) {
            assertThat(RuntimeException.class).isAssignableFrom(Class.forName(name));
            assertThat(page).contains("`" + name + "`");
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("blocks")
    void theCatalogValidatesTheAddressesOfABlock(Block block) {
        for (String uri : addresses(block.yaml())) {
            var result = CATALOG.validateEndpointProperties(uri);
            assertThat(result.isSuccess())
                    .as("%s: %s", uri, result.summaryErrorMessage(false))
                    .isTrue();
        }
    }

    @Test
    void theReadmesHaveAddressesOfBothComponents() throws IOException {
        List<String> all = new ArrayList<>();
        for (Block block : blocks()) {
            all.addAll(addresses(block.yaml()));
        }

        assertThat(all).anyMatch(uri -> uri.startsWith("api:")).anyMatch(uri -> uri.startsWith("dromedar:"));
    }

    @ParameterizedTest
    @CsvSource({
        "api:orders/orders?methodd=GET, unknown",
        "api:orders/orders?pageLimit=many, pageLimit",
        "dromedar:feed/register?advance=perhaps, advance",
        "dromedar:feed/register?begin=1, unknown"
    })
    void theCatalogFindsAFault(String uri, String words) {
        var result = CATALOG.validateEndpointProperties(uri);

        assertThat(result.isSuccess()).isFalse();
        assertThat(result.summaryErrorMessage(false)).containsIgnoringCase(words);
    }

    /** Addresses of our components, with the parameters that stand beside them. */
    private static List<String> addresses(JsonNode yaml) {
        List<String> found = new ArrayList<>();
        if (yaml.isTextual() && yaml.asText().matches("(api|dromedar):.*")) {
            found.add(yaml.asText());
        }
        if (yaml.path("uri").asText().matches("(api|dromedar):.*")) {
            Map<String, String> parameters = new LinkedHashMap<>();
            yaml.path("parameters")
                    .properties()
                    .forEach(parameter -> parameters.put(
                            parameter.getKey(), parameter.getValue().asText()));
            StringBuilder uri = new StringBuilder(yaml.path("uri").asText());
            parameters.forEach((name, value) -> uri.append(uri.indexOf("?") < 0 ? '?' : '&')
                    .append(name)
                    .append('=')
                    .append(name.contains(".") ? "RAW(" + value + ")" : value));
            found.add(uri.toString());
        } else {
            yaml.forEach(part -> found.addAll(addresses(part)));
        }
        return found;
    }
}
