package dev.dromedar.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.Door;
import dev.dromedar.camel.RefusedCall;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.NonceUse;
import dev.dromedar.sandbox.Request;
import dev.dromedar.sandbox.Sandbox;
import dev.dromedar.settings.KeyNames;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.health.HealthCheck.State;
import org.apache.camel.health.HealthCheckHelper;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

/** A Spring Boot application with the dependency and the properties, and nothing else. */
@Tag("long")
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
                    from("direct:health-records")
                            .setHeader("CamelHttpMethod", constant("GET"))
                            .process("health-records")
                            .to("{{dromedar.api.health-records.base-address}}/records");
                }
            };
        }
    }

    @Test
    void completesEveryKeyOfAnApi() throws Exception {
        String metadata = Files.readString(Path.of("src/main/resources/META-INF/spring-configuration-metadata.json"));
        Set<String> setters = Arrays.stream(ApiKeys.class.getMethods())
                .map(method -> method.getName().toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());

        for (String key : KeyNames.OF_AN_API) {
            assertThat(metadata).contains("dromedar.api.*." + key + "\"");
            assertThat(setters).contains("set" + key.replace("-", ""));
        }
    }

    @Test
    void installsTheApisOfItsApplicationYaml(@TempDir Path folder) throws Exception {
        try (Sandbox sandbox = Sandbox.start()) {
            Path yaml =
                    Files.writeString(folder.resolve("application.yaml"), yaml(sandbox, "health-records", "orders"));

            try (var application = new SpringApplicationBuilder(Application.class)
                    .web(WebApplicationType.NONE)
                    .bannerMode(org.springframework.boot.Banner.Mode.OFF)
                    .run("--spring.config.location=" + yaml.toUri())) {
                var template = application.getBean(ProducerTemplate.class);

                assertThat(template.requestBody("direct:orders", null, String.class))
                        .contains("records");
                assertThat(template.requestBody("direct:health-records", null, String.class))
                        .contains("records");
                assertThat(sandbox.api("orders").seen().accepted()).isEqualTo(1);
                assertThat(sandbox.api("health-records").seen().accepted()).isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"'', UP", "--dromedar.health.api-down=true, DOWN"})
    void saysInHealthWhyAnApiFailsAndIsDownIfAPropertySaysSo(String argument, State state, @TempDir Path folder)
            throws Exception {
        try (Sandbox sandbox = Sandbox.start()) {
            sandbox.duende().origin().fault(Fault.error(400, "invalid_client").at("/connect/token"));
            Path yaml =
                    Files.writeString(folder.resolve("application.yaml"), yaml(sandbox, "orders", "health-records"));

            try (var application = new SpringApplicationBuilder(Application.class)
                    .web(WebApplicationType.NONE)
                    .bannerMode(org.springframework.boot.Banner.Mode.OFF)
                    .run("--spring.config.location=" + yaml.toUri(), argument)) {
                application.getBean(ProducerTemplate.class).send("direct:orders", exchange -> {});

                var check = HealthCheckHelper.invoke(application.getBean(CamelContext.class)).stream()
                        .filter(result -> result.getCheck().getId().equals("dromedar-api-orders"))
                        .findFirst()
                        .orElseThrow();
                assertThat(check.getState()).isEqualTo(state);
                assertThat(check.getDetails())
                        .containsEntry("state", "failing")
                        .hasEntrySatisfying(
                                "message", why -> assertThat(why.toString()).contains("invalid_client"));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"false, 200, UP", "true, 503, DOWN"})
    void answersActuatorsHealthOverHttpWithTheReason(boolean down, int status, String state, @TempDir Path folder)
            throws Exception {
        try (Sandbox sandbox = Sandbox.start()) {
            sandbox.duende().origin().fault(Fault.error(400, "invalid_client").at("/connect/token"));
            Path yaml =
                    Files.writeString(folder.resolve("application.yaml"), yaml(sandbox, "orders", "health-records"));

            try (var application = new SpringApplicationBuilder(Application.class)
                    .web(WebApplicationType.SERVLET)
                    .bannerMode(org.springframework.boot.Banner.Mode.OFF)
                    .run(
                            "--spring.config.location=" + yaml.toUri(),
                            "--server.port=0",
                            "--server.address=127.0.0.1",
                            "--management.endpoint.health.show-details=always",
                            "--dromedar.health.api-down=" + down)) {
                application.getBean(ProducerTemplate.class).send("direct:orders", exchange -> {});
                String port = application.getEnvironment().getRequiredProperty("local.server.port");

                HttpResponse<String> answer = HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/health"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());

                var health = new ObjectMapper().readTree(answer.body());
                assertThat(answer.statusCode()).isEqualTo(status);
                assertThat(health.at("/status").asText()).isEqualTo(state);
                assertThat(health.at("/components/camelHealth/details").toString())
                        .contains("dromedar-api-orders", "invalid_client", "failing");
            }
        }
    }

    @Test
    void givesItsRestClientTheCredentialsOfAnApi(@TempDir Path folder) throws Exception {
        try (Sandbox sandbox = Sandbox.start()) {
            sandbox.api("health-records").nonces(NonceUse.EVERY_ANSWER);
            Path yaml =
                    Files.writeString(folder.resolve("application.yaml"), yaml(sandbox, "health-records", "orders"));
            try (var application = new SpringApplicationBuilder(Application.class)
                    .web(WebApplicationType.NONE)
                    .bannerMode(org.springframework.boot.Banner.Mode.OFF)
                    .run("--spring.config.location=" + yaml.toUri())) {
                RestClient records = RestClient.builder()
                        .baseUrl(sandbox.api("health-records").baseAddress().toString())
                        .requestInterceptor(new ApiInterceptor(
                                application.getBean(Door.class).api("health-records")))
                        .build();

                assertThat(records.get()
                                .uri("/records?id={id}", "1&x=2")
                                .retrieve()
                                .body(String.class))
                        .contains("records");
                assertThat(records.post()
                                .uri("/records")
                                .contentType(MediaType.APPLICATION_JSON)
                                .body("{\"a\": 1}")
                                .retrieve()
                                .toBodilessEntity()
                                .getStatusCode()
                                .value())
                        .isEqualTo(200);
                assertThatThrownBy(() -> records.get()
                                .uri("http://localhost:1/x")
                                .retrieve()
                                .toBodilessEntity())
                        .isInstanceOf(RefusedCall.class);
                sandbox.api("health-records").answers(404);
                assertThatThrownBy(() -> records.get().uri("/none").retrieve().body(String.class))
                        .isInstanceOf(HttpClientErrorException.NotFound.class);
                sandbox.api("health-records").fault(1, Fault.closeUnanswered());
                assertThatThrownBy(() -> records.post()
                                .uri("/records")
                                .body("x")
                                .retrieve()
                                .toBodilessEntity())
                        .isInstanceOf(ResourceAccessException.class);
                var received = sandbox.api("health-records").received();
                assertThat(received).extracting(Request::target).contains("/health-records/dpop/records?id=1%26x%3D2");
                assertThat(received).extracting(Request::body).contains("{\"a\": 1}");
                assertThat(sandbox.api("health-records").seen().replays()).isZero();
            }
        }
    }

    @Test
    void endsTheStartWithEveryFault(@TempDir Path folder) throws Exception {
        try (Sandbox sandbox = Sandbox.start()) {
            Path yaml = Files.writeString(
                    folder.resolve("application.yaml"),
                    yaml(sandbox, "orders").replace("client-id:", "client-idd:") + "      time-limit: soon\n");
            var builder = new SpringApplicationBuilder(Application.class)
                    .web(WebApplicationType.NONE)
                    .bannerMode(org.springframework.boot.Banner.Mode.OFF);

            assertThatThrownBy(() -> builder.run("--spring.config.location=" + yaml.toUri()))
                    .hasStackTraceContaining("Did you mean dromedar.api.orders.client-id?")
                    .hasStackTraceContaining("dromedar.api.orders.time-limit: 'soon' is no time");
        }
    }

    private static String yaml(Sandbox sandbox, String... apis) {
        var yaml = new StringBuilder("dromedar:\n  api:\n");
        for (String api : apis) {
            yaml.append("    ").append(api).append(":\n");
            String prefix = "sandbox." + api + ".";
            sandbox.properties().forEach((key, value) -> {
                if (key.startsWith(prefix)) {
                    yaml.append("      ")
                            .append(key.substring(prefix.length()))
                            .append(": '")
                            .append(value.replace("'", "''"))
                            .append("'\n");
                }
            });
        }
        return yaml.toString();
    }
}
