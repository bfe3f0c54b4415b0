package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.routes.RouteCheck;
import dev.dromedar.routes.RouteFiles;
import dev.dromedar.settings.SecretRefused;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.PropertiesFunction;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.DefaultRegistry;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody but our own settings gets a secret by a placeholder, however it is written and whoever resolves it. */
class GuardedPropertiesTest {
    private static final String SECRET = "s3cret-4711";

    private final DefaultRegistry registry = new DefaultRegistry();
    private CamelContext context = new DefaultCamelContext();
    private String file = "";

    @BeforeEach
    void install(@TempDir Path folder) throws Exception {
        GuardedSimple.bind(registry::bind);
        context = new DefaultCamelContext(registry); // with the language
        CamelCli.off(context);
        file = Files.writeString(folder.resolve("secret"), SECRET + "\n").toString();
        System.setProperty("orders.by.dash-d", SECRET);
        System.setProperty("some.other.password", SECRET);
        var properties = new Properties();
        properties.setProperty("dromedar.api.plain.client-secret", SECRET);
        properties.setProperty("dromedar.api.steps.client-secret", "{{step.one}}");
        properties.setProperty("step.one", "{{step.two:none}}");
        properties.setProperty("step.two", SECRET);
        properties.setProperty("dromedar.api.given.client-secret", "{{sys:orders.by.dash-d}}");
        properties.setProperty("dromedar.api.file.private-key", "{{secretfile:" + file + "}}");
        properties.setProperty("dromedar.dead-letters.secret-key", SECRET);
        properties.setProperty("dromedar.cluster.secret", SECRET);
        properties.setProperty("dromedar.api.plain.token-parameter.pin", SECRET);
        properties.setProperty("from.file", "{{secretfile:" + file + "}}");
        properties.setProperty("alias", "{{dromedar.api.plain.client-secret}}");
        properties.setProperty("name.of.it", "step.two");
        properties.setProperty("site.password", SECRET);
        properties.setProperty("camel.component.sftp.password", "{{sftp.pw}}");
        properties.setProperty("sftp.pw", SECRET);
        properties.setProperty("base", "https://api.example.no");
        context.getPropertiesComponent().setInitialProperties(properties);
        context.getPropertiesComponent().addPropertiesFunction(new PropertiesFunction() {
            @Override
            public String getName() {
                return "hashicorp";
            }

            @Override
            public String apply(String remainder) {
                return SECRET;
            }
        });
        GuardedProperties.install(context);
    }

    @AfterEach
    void stop() {
        context.stop();
        System.clearProperty("orders.by.dash-d");
        System.clearProperty("some.other.password");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{dromedar.api.plain.client-secret}}",
                "{{?dromedar.api.plain.client-secret}}",
                "{{!dromedar.api.plain.client-secret}}",
                "{{dromedar.api.plain.client-secret:other}}",
                "x{{base}}y{{dromedar.api.plain.client-secret}}z",
                "{{dromedar.api.steps.client-secret}}",
                "{{step.one}}",
                "{{step.two}}",
                "{{step-two}}",
                "{{stepTwo}}",
                "{{ {{name.of.it}} }}",
                "{{{{name.of.it}}}}",
                "{{none:{{step.two}}}}",
                "{{sys:orders.by.dash-d}}",
                "{{orders.by.dash-d}}",
                "{{dromedar.api.file.private-key}}",
                "{{dromedar.dead-letters.secret-key}}",
                "{{dromedar.cluster.secret}}",
                "{{dromedar.api.plain.token-parameter.pin}}",
                "{{from.file}}",
                "{{alias}}",
                "{{secretfile:FILE}}",
                "{{secretfile:no-such-file}}",
                "{{?secretfile:FILE}}",
                "{{step.two?nested=false}}",
                "{{missing}}{{step.two}}",
                "{{hashicorp:secret/x}}",
            })
    void resolvesNoSecretForAnybodyElse(String text) {
        assertThatThrownBy(() -> context.resolvePropertyPlaceholders(text.replace("FILE", file)))
                .hasMessageNotContaining(SECRET);
        assertThat(context.getPropertiesComponent()
                        .resolveProperty(text.replace("FILE", file).replaceAll("^\\{\\{|}}$", "")))
                .satisfies(value -> assertThat(value.orElse("")).doesNotContain(SECRET));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "${properties:step.two}",
                "${properties:dromedar.api.plain.client-secret:other}",
                "${sys.orders.by.dash-d}",
                "$simple{sys.orders.by.dash-d}",
                "${sys.${body}}",
                "${env:${body}}",
                "${sysenv.${body}}",
                "${env.DROMEDAR_API_PLAIN_CLIENT_SECRET}",
                "${camelContext.propertiesComponent.loadProperties}",
                "${exchange.context.getPropertiesComponent}",
            })
    void makesNoExpressionThatReadsASecret(String expression) {
        for (String language : List.of("simple", "simple-no-file", "file")) {
            assertThatThrownBy(() -> context.resolveLanguage(language).createExpression(expression))
                    .hasMessageNotContaining(SECRET)
                    .isInstanceOf(SecretRefused.class);
            assertThatThrownBy(() -> context.resolveLanguage(language).createPredicate(expression + " == 'x'"))
                    .isInstanceOf(SecretRefused.class);
        }
    }

    /** The text of a message, as Camel's HTTP producer resolves it (CVE-2026-78164). */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{site.password}}",
                "{{sys:some.other.password}}",
                "{{some.other.password}}",
                "{{sftp.pw}}",
                "{{camel.component.sftp.password}}"
            })
    void resolvesNothingNamedLikeASecretForAMessage(String text) throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in").process(exchange -> exchange.getMessage()
                        .setBody(getContext()
                                .resolvePropertyPlaceholders(
                                        exchange.getMessage().getBody(String.class))));
            }
        });
        context.start();
        try (var template = context.createProducerTemplate()) {
            assertThat(template.requestBody("direct:in", "{{base}}/x")).isEqualTo("https://api.example.no/x");
            assertThatThrownBy(() -> template.requestBody("direct:in", text))
                    .rootCause()
                    .isInstanceOf(SecretRefused.class);
        }
        assertThat(context.resolvePropertyPlaceholders(text))
                .as("in a route file, for another component")
                .isEqualTo(SECRET);
    }

    @Test
    void resolvesEverythingElseAsBefore() {
        assertThat(context.resolvePropertyPlaceholders("{{base}}/{{none:a}}{{?none}}"))
                .isEqualTo("https://api.example.no/a");
        assertThat(context.resolvePropertyPlaceholders("{{name.of.it}} \\{{base\\}}"))
                .isEqualTo("step.two {{base}}");
        assertThat(context.resolveLanguage("simple")
                        .createExpression("${properties:base} ${sys.java.version} ${env:PATH} ${camelContext.name}"))
                .isNotNull();
    }

    @Test
    void reportsEveryPlaceOfARouteFileThatNamesASecret() {
        String yaml = """
                - route:
                    id: leaks
                    from:
                      uri: direct:leaks
                      steps:
                        - setHeader:
                            name: X-Key
                            constant: "{{step.one}}"
                        - toD: "{{base}}/x?key={{secretfile:FILE}}"
                        - setBody:
                            simple: "${sys.orders.by.dash-d}"
                        - log: "{{dromedar.api.plain.client-secret}}"
                """;

        var report = RouteCheck.check(
                context, List.of(), List.of(ResourceHelper.fromString("file:leaks.yaml", yaml.replace("FILE", file))));

        assertThat(report.faults()).extracting(RouteFiles.Fault::line).containsExactly(8, 9, 11, 12);
        assertThat(report.faults())
                .allSatisfy(fault ->
                        assertThat(fault.what()).contains("holds a secret").doesNotContain(SECRET));
    }

    @Test
    void letsOurSettingsReadThemAll() {
        var placeholders = GuardedProperties.placeholders(context);

        OwnProperties.of(context)
                .forEach((key, raw) -> assertThat(placeholders.resolve(key, raw).text())
                        .as(key)
                        .isEqualTo(SECRET));
    }

    @Test
    void letsCamelMainReadThemForItsOwnKeysAndNoLonger() {
        GuardedProperties.configuring(context, () -> {
            String once = context.resolvePropertyPlaceholders("{{from.file}}");
            assertThat(once).isEqualTo(SECRET);
            assertThat(context.resolvePropertyPlaceholders("{{secretfile:" + file + "}}"))
                    .isEqualTo(SECRET);
        });

        assertThatThrownBy(() -> context.resolvePropertyPlaceholders("{{from.file}}"))
                .isInstanceOf(SecretRefused.class);
    }

    /** A context that was there before has Camel's own language, which would read the process's environment. */
    @Test
    void holdsForExpressionsInAnEmbeddersContextToo() throws Exception {
        try (var embedder = new DefaultCamelContext()) {
            CamelCli.off(embedder);
            var properties = new Properties();
            properties.setProperty("dromedar.api.orders.profile", "oauth2");
            properties.setProperty("dromedar.api.orders.base-address", "https://api.example.no");
            properties.setProperty("dromedar.api.orders.authority", "https://authority.example.no");
            properties.setProperty("dromedar.api.orders.client-id", "worker");
            properties.setProperty("dromedar.api.orders.client-secret", "{{sys:orders.by.dash-d}}");
            embedder.getPropertiesComponent().setInitialProperties(properties);

            Installation.install(embedder);

            for (String language : List.of("simple", "simple-no-file", "file")) {
                assertThatThrownBy(() -> embedder.resolveLanguage(language).createExpression("${sys:orders.by.dash-d}"))
                        .isInstanceOf(SecretRefused.class)
                        .hasMessageNotContaining(SECRET);
                assertThat(embedder.resolveLanguage(language)
                                .createExpression("${sys.java.version}")
                                .evaluate(new DefaultExchange(embedder), String.class))
                        .isEqualTo(System.getProperty("java.version"));
            }
        }
    }
}
