package dev.dromedar.routes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.camel.MessageAsDataTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.Set;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouteFilesTest {
    private final Path folder;
    private final DefaultCamelContext context = new DefaultCamelContext();

    RouteFilesTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeEach
    void properties() {
        var properties = new Properties();
        properties.put("orders.cron", "0 0 3 * * ?");
        properties.put("dromedar.api.orders.base-address", "https://api.example.no");
        context.getPropertiesComponent().setInitialProperties(properties);
    }

    @AfterEach
    void close() throws IOException {
        context.close();
    }

    @Test
    void tellsTheRoutesWithTheirApisAndSchedules() throws IOException {
        file("orders.yaml", """
                - route:
                    id: orders-nightly
                    description: Fetches orders
                    from:
                      uri: quartz:orders-nightly
                      parameters: {cron: "{{orders.cron}}", stateful: true}
                      steps:
                        - setHeader: {name: CamelHttpMethod, constant: GET}
                        - process: {ref: orders}
                        - to: "{{dromedar.api.orders.base-address}}/v1/orders" # {{not.there}}
                        - choice:
                            when:
                              - simple: "${body} == null"
                                steps:
                                  - process: {ref: health-records}
                        - to: direct:archive
                """);
        file("archive.xml", """
                <routes xmlns="http://camel.apache.org/schema/xml-io">
                  <!-- {{nor.there}} -->
                  <route id="archive">
                    <from uri="direct:archive"/>
                    <to uri="log:archive"/>
                  </route>
                </routes>
                """);

        var report = check();

        assertThat(report.faults()).isEmpty();
        assertThat(report.routes())
                .containsExactly(
                        new RouteFiles.Route(
                                "archive", "", shown("archive.xml"), 3, java.util.List.of(), "direct:archive", ""),
                        new RouteFiles.Route(
                                "orders-nightly",
                                "Fetches orders",
                                shown("orders.yaml"),
                                1,
                                java.util.List.of("orders", "health-records"),
                                "quartz:orders-nightly",
                                "cron 0 0 3 * * ?"));
        assertThat(context.getRoutes()).isEmpty();
        assertThat(context.getEndpoints()).isEmpty();
    }

    @Test
    void tellsAFeedOrAnAddressOfOursThatIsNotGood() throws IOException {
        file("feeds.yaml", """
                - route:
                    id: feeds
                    from:
                      uri: timer:feeds
                      steps:
                        - to: dromedar:feed/good?advance=true&start=0
                        - to: dromedar:feed/../../x
                        - to: dromedar:feed/Register_Events?advance=true
                        - toD: dromedar:feed/a..b
                        - toD: "dromedar:feed/${header.name}"
                        - to: dromedar:feed/a?start=9223372036854775808
                        - to: dromedar:dead-leters
                """);

        assertThat(check().faults())
                .extracting(RouteFiles.Fault::toString)
                .satisfiesExactly(
                        fault -> assertThat(fault)
                                .startsWith(shown("feeds.yaml") + ":7: ")
                                .contains("'../../x' is not a name for a feed"),
                        fault -> assertThat(fault)
                                .startsWith(shown("feeds.yaml") + ":8: ")
                                .contains("'Register_Events' is not a name for a feed"),
                        fault -> assertThat(fault)
                                .startsWith(shown("feeds.yaml") + ":9: ")
                                .contains("'a..b' is not a name for a feed"),
                        fault -> assertThat(fault)
                                .startsWith(shown("feeds.yaml") + ":11: ")
                                .contains("start must be a whole number"),
                        fault -> assertThat(fault)
                                .startsWith(shown("feeds.yaml") + ":12: ")
                                .contains("Write dromedar:dead-letters or dromedar:feed/NAME"));
    }

    @Test
    void tellsAnErrorHandlerThatSendsToNoDeadLetters() throws IOException {
        file("letters.yaml", """
                - route:
                    id: letters
                    errorHandler:
                      deadLetterChannel:
                        deadLetterUri: dromedar:dead-leters
                    from:
                      uri: timer:letters
                      steps:
                        - log: hello
                """);

        assertThat(check().faults())
                .extracting(RouteFiles.Fault::toString)
                .singleElement(org.assertj.core.api.InstanceOfAssertFactories.STRING)
                .startsWith(shown("letters.yaml") + ":")
                .contains("Write dromedar:dead-letters or dromedar:feed/NAME");
    }

    @Test
    void tellsEachAddressThatAMessageWouldChoose() throws IOException {
        context.getPropertiesComponent().addInitialProperty("base", "https://api.example.no/base");
        StringBuilder routes =
                new StringBuilder("- route:\n    id: unsafe\n    from:\n      uri: direct:unsafe\n      steps:\n");
        MessageAsDataTest.UNSAFE.forEach(
                step -> routes.append("        - ").append(step).append("\n        - log: between\n"));
        file("unsafe.yaml", routes.toString());
        file("in-template.yaml", """
                - routeTemplate:
                    id: template
                    parameters: [{name: place}]
                    from:
                      uri: direct:template
                      steps:
                        - toD: "{{place}}/${header.id}"
                        - toD: "${header.to}"
                """);
        file("safe.yaml", """
                - route:
                    id: safe
                    from:
                      uri: direct:safe
                      steps:
                        - toD: "{{base}}/x/${header.id}?q=${body}&httpMethod=GET"
                        - toD: "${properties:base}/x/${header.id}"
                        - toD: "direct:${header.next}"
                        - recipientList: {simple: "direct:a,{{base}}/x?id=${body}"}
                        - recipientList: {constant: "direct:a,direct:b"}
                        - routingSlip: {method: {ref: slip, method: toString}}
                        - wireTap: {uri: "direct:tap"}
                """);
        context.getRegistry().bind("slip", new Object());

        var report = check();

        assertThat(report.faults())
                .filteredOn(fault -> fault.what().contains("unsafe"))
                .extracting(fault -> fault.file() + ":" + fault.line())
                .containsExactlyInAnyOrderElementsOf(java.util.stream.Stream.concat(
                                java.util.stream.Stream.of(shown("in-template.yaml") + ":8"),
                                java.util.stream.IntStream.range(0, MessageAsDataTest.UNSAFE.size())
                                        .mapToObj(i -> shown("unsafe.yaml") + ":" + (6 + 2 * i)))
                        .toList());
        assertThat(report.faults())
                .filteredOn(fault ->
                        fault.file().endsWith("safe.yaml") && !fault.file().endsWith("unsafe.yaml"))
                .isEmpty();
    }

    @Test
    void tellsEveryFaultOfEveryFileWithItsLine() throws IOException {
        file("a-unknown-api.yaml", """
                - route:
                    id: a
                    from:
                      uri: timer:a
                      steps:
                        - process: {ref: ordres}
                        - to: htps:api.example.no/x
                        - to: "{{dromedar.api.orders.base-adress}}/v1"
                        - process:
                            ref: nothing-like-it
                """);
        file("b-not-yaml.yaml", """
                - route:
                    id: b
                    from: [
                """);
        file("c-unknown-step.yaml", """
                - route:
                    id: c
                    from:
                      uri: timer:c
                      steps:
                        - proces: {ref: orders}
                """);
        file("d-unknown-option.yaml", """
                - route:
                    id: d
                    from:
                      uri: quartz:d
                      parameters: {croon: "0 0 3 * * ?"}
                      steps:
                        - log: hello
                """);
        file("e-not-xml.xml", """
                <routes xmlns="http://camel.apache.org/schema/xml-io">
                  <route id="e">
                    <from uri="timer:e"/>
                    <to uri="log:e">
                  </route>
                </routes>
                """);
        file("f-bad-expression.yaml", """
                - route:
                    id: f
                    from:
                      uri: timer:f
                      steps:
                        - log: hello
                        - setBody: {simple: "${nonsense.here}"}
                """);
        file("g-twice.yaml", """
                - route:
                    id: a
                    from:
                      uri: timer:g
                      steps:
                        - bean: {ref: noSuchBean}
                """);
        file("h-empty.xml", "<beanz/>");
        file("i-unknown-element.xml", """
                <routes xmlns="http://camel.apache.org/schema/xml-io">
                  <route id="i">
                    <from uri="timer:i"/>
                    <proces ref="orders"/>
                  </route>
                </routes>
                """);
        file("j-bad-cron.yaml", """
                - route:
                    id: j
                    from:
                      uri: quartz:j
                      parameters: {cron: "0/5 x * * * ?"}
                      steps:
                        - log: hello
                """);
        file("k-bad-interval.xml", """
                <routes xmlns="http://camel.apache.org/schema/xml-io">
                  <route id="k">
                    <from uri="quartz:k?trigger.repeatInterval=soon"/>
                    <to uri="log:k"/>
                  </route>
                </routes>
                """);
        file("l-missing-property.yaml", """
                - route:
                    id: l
                    from:
                      uri: timer:l
                      steps:
                        - setBody: {constant: "{{not.there}}"}
                """);

        var report = check();

        assertThat(report.faults().stream()
                        .map(fault -> fault.toString().replace(folder + "/", ""))
                        .toList())
                .containsExactly(
                        "a-unknown-api.yaml:6: there is no API 'ordres'. Did you mean 'orders'?",
                        "a-unknown-api.yaml:7: there is no component 'htps' for the address 'htps:api.example.no/x'."
                                + " Did you mean 'https:'?",
                        "a-unknown-api.yaml:8: there is no property 'dromedar.api.orders.base-adress'."
                                + " Did you mean 'dromedar.api.orders.base-address'?",
                        "a-unknown-api.yaml:9: there is no API 'nothing-like-it'. Use one of: health-records, orders.",
                        "b-not-yaml.yaml:4: the file ends before a quote, bracket or brace is closed. Close it.",
                        "c-unknown-step.yaml:6: there is no step 'proces'. Did you mean 'process'?",
                        "d-unknown-option.yaml:4: the address 'quartz:d' is not valid:"
                                + " it has options that are not known there: croon.",
                        "e-not-xml.xml:5: cannot be read:"
                                + " end tag name </route> must match start tag name <to> from line 4.",
                        "f-bad-expression.yaml:7: the expression cannot be read: the language simple has no function"
                                + " 'nonsense.here'.",
                        "g-twice.yaml:1: the route id 'a' is taken by "
                                + folder.resolve("a-unknown-api.yaml:1. Give each its own.")
                                        .getFileName(),
                        "g-twice.yaml:6: there is no bean 'noSuchBean'. Define it under 'beans', or correct the name.",
                        "h-empty.xml: holds no route. Its outermost element must be routes, route or another of Camel's"
                                + " XML DSL, such as <routes><route>...",
                        "i-unknown-element.xml:4: cannot be read:"
                                + " Unexpected element '{http://camel.apache.org/schema/xml-io}proces'.",
                        "j-bad-cron.yaml:4: the schedule cron '0/5 x * * * ?' cannot be read. Write seconds, minutes,"
                                + " hours, day of month, month and day of week, such as 0 0/5 * * * ? for every five"
                                + " minutes.",
                        "k-bad-interval.xml:3: trigger.repeatInterval is 'soon', must be a whole number of"
                                + " milliseconds.",
                        "l-missing-property.yaml:6: there is no property 'not.there'. Add it to application.properties,"
                                + " or correct the name.");
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.contains(RouteFiles.CONTEXT_NAME));
    }

    private RouteFiles.Report check() {
        var files = RouteFiles.find(context, "file:" + folder + "/*.yaml,file:" + folder + "/*.xml");
        return RouteCheck.check(context, Set.of("orders", "health-records"), files);
    }

    private String shown(String name) {
        return folder.resolve(name).toString();
    }

    private void file(String name, String content) throws IOException {
        Files.writeString(folder.resolve(name), content);
    }
}
