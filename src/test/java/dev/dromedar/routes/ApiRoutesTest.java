package dev.dromedar.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./run routes} proves of each call by {@code api:}. */
class ApiRoutesTest {
    private final Path folder;
    private final DefaultCamelContext context = new DefaultCamelContext();

    ApiRoutesTest(@TempDir Path folder) {
        this.folder = folder;
        var properties = new Properties();
        properties.setProperty("dromedar.api.orders.base-address", "https://api.example.no/orders");
        context.getPropertiesComponent().setInitialProperties(properties);
    }

    @AfterEach
    void close() throws IOException {
        context.close();
    }

    private RouteFiles.Report check(String steps) throws IOException {
        return check("direct:call", steps);
    }

    private RouteFiles.Report check(String from, String steps) throws IOException {
        Files.writeString(folder.resolve("call.yaml"), """
                - route:
                    id: call
                    from:
                      uri: %s
                      steps:
                """.formatted(from) + steps.indent(8));
        return RouteCheck.check(context, Set.of("orders"), RouteFiles.find(context, "file:" + folder + "/*.yaml"));
    }

    @Test
    void namesTheApisThatItsRoutesCall() throws IOException {
        var report = check("""
                - to:
                    uri: api:orders/records/{id}
                    parameters:
                      query.changed: "${header.since}"
                      path.id: "${body[recordId]}"
                """);

        assertThat(report.faults()).isEmpty();
        assertThat(report.routes()).singleElement().satisfies(route -> assertThat(route.apis())
                .containsExactly("orders"));
    }

    /** What comes after it has no credentials of its own, and its answer would go on by POST. */
    @Test
    void aCallInOneLineLeavesNoCredentialsForTheNext() throws IOException {
        var report = check("timer:call", """
                - to: api:orders/x
                - log: a
                - to: "https://api.example.no/orders/x"
                - log: a
                - process: {ref: orders}
                - to: "https://api.example.no/orders/x"
                """);

        assertThat(report.faults()).singleElement().satisfies(fault -> {
            assertThat(fault.line()).isEqualTo(8);
            assertThat(fault.what()).contains("has no credentials");
        });
        assertThat(report.warnings()).hasSize(2);
    }

    @Test
    void aRouteThatIsNotThereIsAWarning() throws IOException {
        var report = check("""
                - to: direct:call?timeout=1
                - log: a
                - to: direct:cal
                """);

        assertThat(report.warnings()).singleElement().satisfies(warning -> {
            assertThat(warning.line()).isEqualTo(8);
            assertThat(warning.what())
                    .isEqualTo("no route takes from 'direct:cal': messages to it fail. Did you mean 'direct:call'?");
        });
    }

    @Test
    void saysEachFaultWithFileAndLine() throws IOException {
        var report = check("""
                - log: a
                - to: api:ordrs/x
                - log: a
                - to: api:orders/x/{id}
                - log: a
                - to: {uri: "api:orders/x", parameters: {method: FETCH}}
                - log: a
                - to: {uri: "api:orders/x", parameters: {query.q: "${bodyy.."}}
                - log: a
                - to: {uri: "api:orders/x", parameters: {querry.q: a}}
                - toD: "api:orders/${body}"
                - to: {uri: "api:orders/x", parameters: {query.q: "${env:ORDERS_SECRET}"}}
                """);

        List<String> faults = report.faults().stream()
                .map(fault -> fault.line() + ": " + fault.what())
                .toList();
        assertThat(faults.toString())
                .contains("7: the address 'api:ordrs/x' is not valid: there is no API 'ordrs'. Did you mean 'orders'?")
                .contains(
                        "9: the address 'api:orders/x/{id}' is not valid: the path has {id}, and there is no parameter")
                .contains("11: the address 'api:orders/x' is not valid: method 'FETCH' is not known")
                .contains("13: the address 'api:orders/x' is not valid: query.q: the expression cannot be read")
                .contains(
                        "15: the address 'api:orders/x' is not valid: it has options that are not known there: querry.q")
                .contains("16: the address of toD is unsafe: an address of 'api:' takes nothing of a message");
    }

    @Test
    void aHyphenThatYamlTakesOutIsAFault() throws IOException {
        var report = check("- to: {uri: \"api:orders/x\", parameters: {header.X-Own: a}}");

        assertThat(report.faults()).singleElement().satisfies(fault -> assertThat(fault.what())
                .contains("Write 'header.X_Own'"));
    }
}
