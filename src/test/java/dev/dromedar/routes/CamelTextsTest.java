package dev.dromedar.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each sentence of Camel and its parsers that is read, as they say it, and what a route's author reads. */
class CamelTextsTest {
    private static final String ROUTE = "- route:\n    id: a\n    from:\n      uri: timer:a\n      steps:\n";

    private final Path folder;

    CamelTextsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    /** {@code -Dkeys.write} writes the file anew, after an upgrade of Camel. */
    @Test
    void knowsTheNamesOfCamelsCatalogue() throws IOException {
        var catalogue = new DefaultCamelCatalog();
        Set<String> lines = new TreeSet<>();
        catalogue
                .findComponentNames()
                .forEach(name -> lines.add(line(
                        CamelNames.Kind.COMPONENT,
                        name,
                        catalogue.componentModel(name).getArtifactId())));
        catalogue
                .findDataFormatNames()
                .forEach(name -> lines.add(line(
                        CamelNames.Kind.DATA_FORMAT,
                        name,
                        catalogue.dataFormatModel(name).getArtifactId())));
        catalogue
                .findLanguageNames()
                .forEach(name -> lines.add(line(
                        CamelNames.Kind.LANGUAGE,
                        name,
                        catalogue.languageModel(name).getArtifactId())));
        Path file = Path.of("src/main/resources/dev/dromedar/routes", CamelNames.FILE);
        if (System.getProperty("keys.write") != null) {
            Files.createDirectories(file.getParent());
            Files.write(file, lines);
        }

        assertThat(Files.readAllLines(file))
                .as("run mvn test -Dtest=CamelTextsTest -Dkeys.write")
                .containsExactlyElementsOf(lines);
    }

    private static String line(CamelNames.Kind kind, String name, String artifact) {
        return kind.key(name) + " = " + artifact;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "7 | the indentation does not fit | `        - log: x\n       - log: y\n`",
                "6 | there is a ':' too much, or the line is indented too far | `        - log: x: y\n`",
                "6 | the quote that opens here is not closed | `        - log: 'x\n        - to: direct:z\n`",
                "7 | there is text after the end of a quoted text | `        - log: \"x\n        - log: \"y\"\n`",
                "6 | a text cannot begin with this character | `        - setBody: {simple: @x}\n`",
                "6 | a text that begins with * needs quotes around it | `        - log: *x\n`",
                "7 | the brace '{' that opens in line 6 is not closed | `        - setBody: {constant: x\n`",
                "7 | the bracket '[' that opens in line 6 is not closed | `        - log: [x\n`",
                "6 | there is a tab | `\t- log: x\n`",
                "6 | there is no step 'proces'. Did you mean 'process'? | `        - proces: {ref: x}\n`",
                "6 | there is no field 'nme' here. Did you mean 'name'? | `        - setHeader: {nme: x, constant: y}\n`",
                "7 | there is no field 'simpel' here. Did you mean 'simple'? | `        - setBody:\n            simpel: x\n`",
                "6 | a list belongs here | `        log: x\n`",
                "6 | a key stands twice in the same place | `        - setBody: {constant: x, constant: y}\n`",
                "6 | needs quotes around it: \"{{name}}\" | `        - to: {{api}}/x\n`",
                "6 | there is no data format 'csv'. Run './run add camel-csv' | `        - unmarshal: {csv: {}}\n`",
                "6 | there is no data format 'jacksonXml'. Run './run add camel-jacksonxml' | `        - marshal: {jacksonXml: {}}\n`",
                "6 | there is no language 'groovy'. Run './run add camel-groovy' | `        - setBody: {groovy: x}\n`",
                "6 | the language simple has no function 'bodi'. Did you mean '${body}'? | `        - log: \"${bodi}\"\n`",
                "11 | has no function 'bodi' | `        - choice:\n            when:\n              - simple: \"${body} == 1\"\n                steps:\n                  - log: x\n              - simple: \"${bodi} == 2\"\n                steps:\n                  - log: x\n`",
                "6 | a '${' has no '}' after it | `        - log: \"${body\"\n`",
                "6 | there is no class 'no.such.Klass' | `        - bean: {beanType: no.such.Klass}\n`",
                "6 | there is no class 'no.such.P' | `        - process: {ref: \"#class:no.such.P\"}\n`",
                "6 | there is no bean 'noBean' | `        - bean: {ref: noBean}\n`",
                "6 | there is no component 'sftp' | `        - to: sftp:x\n`",
                "6 | './run add camel-ftp' | `        - to: sftp:x\n`",
                "6 | 'htp:x'. Did you mean 'http:'? | `        - to: htp:x\n`",
                "6 | Did you mean 'salesforce:'? Then run './run add camel-salesforce'. | `        - to: salesfroce:x\n`",
                "6 | Camel has none of this name | `        - to: nothinglikethis:x\n`",
                "6 | Run './run add camel-netty-http' | `        - to: netty-http:x\n`",
                "6 | there is no language 'grovy'. Camel has none of this name | `        - setBody: {language: {language: grovy, expression: x}}\n`",
                "6 | it has options that are not known there: nosuch | `        - to: log:x?nosuch=secret\n`",
                "6 | a step cannot send to 'timer:' | `        - to: timer:x\n`",
            })
    void saysInTheWordsOfARoutesAuthor(int line, String words, String steps) throws IOException {
        Files.writeString(folder.resolve("a.yaml"), ROUTE + steps);

        var report = check();

        assertThat(report.faults()).as(report.faults().toString()).anySatisfy(fault -> {
            assertThat(fault.what()).contains(words).doesNotContain("secret");
            assertThat(fault.line()).isEqualTo(line);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "timer:a?repeatCount=1 | once",
                "timer:a?repeatCount=3&period=2000 | every 2s, 3 times",
                "timer:a | every 1s",
                "quartz:a?trigger.repeatCount=0 | once",
                "quartz:a?trigger.repeatCount=2&trigger.repeatInterval=60000 | every 1m, 3 times",
                "quartz:a?cron=0+0+3+*+*+?&trigger.timeZone=Europe/Oslo | cron 0 0 3 * * ? Europe/Oslo",
                "cron:a?schedule=0/2+*+*+*+*+? | cron 0/2 * * * * ?",
                "file:in?scheduler=quartz&scheduler.cron=0+0+3+*+*+? | cron 0 0 3 * * ?",
                "file:in | every 500ms",
                "direct:a | ''",
            })
    void showsTheScheduleThatRuns(String from, String schedule) {
        assertThat(Schedules.of(from)).isEqualTo(schedule);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "there is no time zone 'Europe/Olso'. Did you mean 'Europe/Oslo'? | quartz:b?cron=0+30+2+*+*+?&trigger.timeZone=Europe/Olso",
                "lies in the past | quartz:b?cron=0+0+0+1+1+?+2020",
                "a route cannot begin with 'http:' | http://api.example.no/x",
                "takes from 'direct:x' too | direct:x",
            })
    void findsWhatOnlyAStartWouldFind(String words, String from) throws IOException {
        Files.writeString(folder.resolve("a.yaml"), """
                - route:
                    id: first
                    from: {uri: "direct:x", steps: [{log: x}]}
                - route:
                    id: second
                    from: {uri: "%s", steps: [{log: x}]}
                """.formatted(from));

        assertThat(check().faults()).singleElement().satisfies(fault -> {
            assertThat(fault.what()).contains(words);
            assertThat(fault.line()).isEqualTo(6);
        });
    }

    @Test
    void takesWhatCamelTakes() throws IOException {
        Files.writeString(folder.resolve("optional.yaml"), """
                - route:
                    id: optional
                    from: {uri: "timer:a", steps: [{to: "http://127.0.0.1:1/x?connectTimeout={{?not.set}}"}]}
                """);
        Files.writeString(folder.resolve("template.yaml"), """
                - routeTemplate:
                    id: maker
                    parameters: [{name: place}]
                    from: {uri: "timer:{{place}}", steps: [{log: x}]}
                """);
        Files.writeString(folder.resolve("a-use.yaml"), """
                - templatedRoute:
                    routeTemplateRef: maker
                    routeId: made
                    parameters: [{name: place, value: there}]
                """);

        var report = check();

        assertThat(report.faults()).isEmpty();
        assertThat(report.routes()).extracting(RouteFiles.Route::id).containsExactlyInAnyOrder("optional", "made");
    }

    @Test
    void findsCallsWithoutCredentialsAndCallsWithoutMethod() throws IOException {
        Files.writeString(folder.resolve("a.yaml"), """
                - route:
                    id: a
                    from:
                      uri: timer:a
                      steps:
                        - to: "{{dromedar.api.orders.base-address}}/forgotten"
                        - setHeader: {name: CamelHttpMethod, constant: GET}
                        - process: {ref: orders}
                        - to: "{{dromedar.api.orders.base-address}}/good"
                        - toD: "{{dromedar.api.orders.base-address}}/second/${body}?httpMethod=GET"
                        - process: {ref: orders}
                        - to: "{{dromedar.api.orders.base-address}}/post-by-chance"
                        - process: {ref: orders}
                        - pollEnrich: {constant: "https://api.example.no/v1/x"}
                        - to: "https://elsewhere.example.no/x?httpMethod=GET"
                        - choice:
                            when:
                              - simple: "${body} != null"
                                steps:
                                  - to: "https://api.example.no/v1/inside?httpMethod=GET"
                - route:
                    id: called
                    from:
                      uri: direct:called
                      steps:
                        - to: "https://api.example.no/v1/named-by-the-caller"
                """);

        var report = check();

        assertThat(report.faults())
                .extracting(RouteFiles.Fault::line)
                .as(report.faults().toString())
                .containsExactly(6, 10, 14, 20);
        assertThat(report.faults().get(0).what()).contains("Put process: {ref: orders} right before it");
        assertThat(report.warnings())
                .extracting(RouteFiles.Fault::line)
                .as(report.warnings().toString())
                .containsExactly(12);
        assertThat(report.warnings().get(0).what()).contains("by POST");
    }

    @Test
    void namesThePartOfCamelWhoseOwnJarsAreMissing() {
        var missing = new NoClassDefFoundError("org/springframework/jdbc/core/JdbcTemplate");
        missing.setStackTrace(new StackTraceElement[] {
            new StackTraceElement("org.apache.camel.component.quartz.QuartzComponent", "createEndpoint", null, 1),
            new StackTraceElement("org.apache.camel.support.DefaultComponent", "createEndpoint", null, 1)
        });

        assertThat(StartFaults.explain(new IllegalStateException(missing), null, null))
                .contains("the class org.springframework.jdbc.core.JdbcTemplate is not there.")
                .endsWith("delete it, and run './run add camel-quartz'.");
    }

    private RouteFiles.Report check() throws IOException {
        try (var context = new DefaultCamelContext()) {
            var properties = new Properties();
            properties.put("dromedar.api.orders.base-address", "https://api.example.no/v1");
            context.getPropertiesComponent().setInitialProperties(properties);
            return RouteCheck.check(context, Set.of("orders"), RouteFiles.find(context, "file:" + folder + "/*.yaml"));
        }
    }
}
