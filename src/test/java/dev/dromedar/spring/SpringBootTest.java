package dev.dromedar.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.sandbox.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A Spring Boot application with the dependency and the properties, and nothing else. */
class SpringBootTest {

    @Configuration
    @EnableAutoConfiguration
    static class Application {
        @Bean
        RouteBuilder routes() {
            return new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:orders")
                            .setHeader("CamelHttpMethod", constant("GET"))
                            .process("orders")
                            .to("{{dromedar.api.orders.base-address}}/orders");
                }
            };
        }
    }

    @Test
    void completesEveryKeyOfAnApi() throws Exception {
        String settings = Files.readString(Path.of("src/main/java/dev/dromedar/camel/Settings.java"));
        int start = settings.indexOf("API_KEYS = List.of(");
        Matcher keys =
                Pattern.compile("\"([a-z-]+)\"").matcher(settings.substring(start, settings.indexOf(");", start)));
        String metadata = Files.readString(Path.of("src/main/resources/META-INF/spring-configuration-metadata.json"));
        Set<String> setters = Arrays.stream(ApiKeys.class.getMethods())
                .map(method -> method.getName().toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());

        while (keys.find()) {
            assertThat(metadata).contains("dromedar.api.*." + keys.group(1) + "\"");
            assertThat(setters).contains("set" + keys.group(1).replace("-", ""));
        }
    }

    @Test
    void installsTheApisOfItsEnvironment() {
        try (Sandbox sandbox = Sandbox.start()) {
            Map<String, Object> properties = new LinkedHashMap<>();
            sandbox.properties().forEach((key, value) -> {
                if (key.startsWith("sandbox.orders.")) {
                    properties.put("dromedar.api.orders." + key.substring("sandbox.orders.".length()), value);
                }
            });

            try (var application = new SpringApplicationBuilder(Application.class)
                    .web(WebApplicationType.NONE)
                    .bannerMode(org.springframework.boot.Banner.Mode.OFF)
                    .properties(properties)
                    .run("--spring.config.location=optional:classpath:/nothing/")) {
                String answer =
                        application.getBean(ProducerTemplate.class).requestBody("direct:orders", null, String.class);

                assertThat(answer).contains("records");
                assertThat(sandbox.api("orders").seen().accepted()).isEqualTo(1);
            }
        }
    }
}
