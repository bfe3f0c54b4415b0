package dev.dromedar.cluster;

import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Sandbox;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/**
 * The folders of the soak's nodes: APIs of mixed profiles, a timer for each, and clustered schedules of each second. Each call
 * says which run it belongs to, and a run that fails is a line in the file {@code failed}. Files are written whole, in one move.
 */
final class SoakSite {
    /** What each call names as its run: route, node, life of the node, edit of the file, count or planned time, exchange. */
    private static final String RUN = "{{soak.node}}|{{soak.life}}|EDIT|";

    private static final String TOLD = """
            - routeConfiguration:
                id: told
                onException:
                  - onException:
                      exception: [java.lang.Exception]
                      handled: {constant: "true"}
                      redeliveryPolicy: {logExhausted: false, logHandled: false, maximumRedeliveries: 0}
                      steps:
                        - setBody: {simple: "${exchangeProperty.run}|${date:now:yyyy-MM-dd'T'HH:mm:ss.SSS}|${exception.message}"}
                        - to: file:.?fileName=failed&fileExist=Append&appendChars=\\n
            - routeConfiguration:
                id: tried-again
                onException:
                  - onException:
                      exception: [java.lang.Exception]
                      handled: {constant: "true"}
                      redeliveryPolicy: {logExhausted: false, logHandled: false, maximumRedeliveries: 3, redeliveryDelay: "300"}
                      steps:
                        - setBody: {simple: "${exchangeProperty.run}|${date:now:yyyy-MM-dd'T'HH:mm:ss.SSS}|${exception.message}"}
                        - to: file:.?fileName=failed&fileExist=Append&appendChars=\\n
            """;
    private static final String TIMER = """
            - route:
                id: NAME
                routeConfigurationId: told
                from:
                  uri: timer:NAME
                  parameters: {period: PERIOD, delay: 1000, includeMetadata: true}
                  steps:
                    - setProperty: {name: run, simple: "NAME|RUN${exchangeProperty.CamelTimerCounter}|${exchangeId}"}
                    - to: {uri: api:API/records, parameters: {query.run: "${exchangeProperty.run}"}}
            """;
    /** A run that is repeated for a node that died has the planned time of the first in its trigger. */
    private static final String SCHEDULE = """
            - route:
                id: NAME
                routeConfigurationId: tried-again
                from:
                  uri: quartz:NAME
                  parameters: {WHEN, stateful: true}
                  steps:
                    - setProperty: {name: run, simple: "NAME|RUN${header.scheduledFireTime.time}|${exchangeId}"}
                    - to:
                        uri: api:API/records
                        parameters:
                          query.run: "${exchangeProperty.run}"
                          query.repeats: "${header.trigger.jobDataMap[QRTZ_FAILED_JOB_ORIG_TRIGGER_SCHEDULED_FIRETIME_IN_MILLISECONDS_AS_STRING]}"
            """;

    private final Path folder;
    private final int period;
    private final Sandbox sandbox = Sandbox.withoutApis(Sandbox.Options.plain());
    private final Map<String, Properties> settings = new HashMap<>();
    private final Map<String, Integer> edits = new HashMap<>();
    private final List<String> schedules = new ArrayList<>();

    /**
     * @param apis how many
     * @param schedules that fire each second
     * @param period of each API's timer on each node, in ms
     */
    SoakSite(Path folder, int apis, int schedules, int period) throws IOException {
        this.folder = folder;
        this.period = period;
        for (int i = 0; i < apis; i++) {
            ProtectedApi api = add("api-" + i, i % 10, i);
            api.authority().tokenLifetime(Duration.ofSeconds(10));
        }
        for (int i = 0; i < schedules; i++) {
            this.schedules.add("schedule-" + i);
        }
        for (String node : SoakNodes.NODES) {
            Files.createDirectories(folder(node).resolve("routes"));
            Files.createFile(failed(node)); // two that begin it at once would write over each other
            var properties = new Properties();
            sandbox.properties().forEach((key, value) -> {
                if (key.startsWith("sandbox.api-")) {
                    properties.setProperty("dromedar.api." + key.substring("sandbox.".length()), value);
                }
            });
            properties.setProperty("dromedar.reload", "true");
            properties.setProperty("camel.main.shutdownTimeout", "20");
            settings.put(node, properties);
            write(folder(node).resolve("routes").resolve("told.yaml"), TOLD);
            for (ProtectedApi api : apis()) {
                set(node, api, 0);
                timer(node, api, 0);
            }
            for (String schedule : this.schedules) {
                schedule(node, schedule, 0);
            }
        }
    }

    /** In ten: five at HelseID, four of them with DPoP; two at Duende; Maskinporten; one of Keycloak, Entra, SMART, a plain one. */
    private ProtectedApi add(String name, int kind, int number) {
        Registration keyed = Registration.helseid(name).withoutDpop().withScope(name + ".read");
        return switch (kind) {
            case 0, 1 -> sandbox.add(Registration.helseid(name));
            case 2, 3 -> sandbox.add(Registration.helseid(name).withAlgorithm("ES256"));
            case 4 -> sandbox.add(Registration.helseid(name).withoutDpop());
            case 5, 6 -> sandbox.add(Registration.duende(name));
            case 7 -> sandbox.add(keyed.withAlgorithm("RS256"), "maskinporten");
            case 8 -> sandbox.add(keyed.withAlgorithm("ES256"), "keycloak");
            default ->
                switch (number / 10 % 3) {
                    case 0 -> sandbox.add(keyed.withScope("api://" + name + "/.default"), "entra");
                    case 1 ->
                        sandbox.add(
                                keyed.withAlgorithm("ES384")
                                        .withScope(number < 30 ? "system/Patient.rs" : "system/Observation.rs"),
                                "smart-backend");
                    default -> sandbox.add(keyed.withAlgorithm("ES256"), "oauth2");
                };
        };
    }

    List<ProtectedApi> apis() {
        return sandbox.apis();
    }

    List<String> schedules() {
        return schedules;
    }

    Path folder(String node) {
        return folder.resolve("site-" + node);
    }

    /** What its runs say has failed. */
    Path failed(String node) {
        return folder(node).resolve("failed");
    }

    static String timerOf(ProtectedApi api) {
        return "timer-" + api.name();
    }

    void timer(String node, ProtectedApi api, int edit) throws IOException {
        String name = timerOf(api);
        route(node, name, TIMER.replace("API", api.name()).replace("PERIOD", String.valueOf(period)), edit);
    }

    /** Each second, by cron: an interval would go on from another instant after a firing that was missed. */
    void schedule(String node, String name, int edit) throws IOException {
        int number = schedules.indexOf(name);
        String api = apis().get(number % apis().size()).name();
        route(node, name, SCHEDULE.replace("API", api).replace("WHEN", "cron: \"*+*+*+*+*+?\""), edit);
    }

    private void route(String node, String name, String yaml, int edit) throws IOException {
        edits.put(name + "@" + node, edit);
        write(
                file(node, name),
                yaml.replace("RUN", RUN.replace("EDIT", String.valueOf(edit))).replace("NAME", name));
    }

    private Path file(String node, String route) {
        return folder(node).resolve("routes").resolve(route + ".yaml");
    }

    /** The newest edit of a route's file, or of an API's header. */
    int editOf(String node, String name) {
        return edits.getOrDefault(name + "@" + node, 0);
    }

    /** A faulty edit, which the worker must reject; what to write to take it back. */
    String spoil(String node, ProtectedApi api) throws IOException {
        Path file = file(node, timerOf(api));
        String before = Files.readString(file);
        write(file, before.replace("api:", "api:no-such-"));
        return before;
    }

    void restore(String node, ProtectedApi api, String before) throws IOException {
        write(file(node, timerOf(api)), before);
    }

    /** A header of an API's calls in {@code application.properties}. */
    void set(String node, ProtectedApi api, int edit) throws IOException {
        Properties properties = Objects.requireNonNull(settings.get(node), node);
        properties.setProperty("dromedar.api." + api.name() + ".header.soak-edit", String.valueOf(edit));
        var text = new StringWriter();
        properties.store(text, null);
        write(folder(node).resolve("application.properties"), text.toString());
        edits.put(api.name() + "@" + node, edit);
    }

    private void write(Path file, String content) throws IOException {
        Path next = Files.writeString(folder.resolve("next-" + file.getFileName()), content);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    void close() {
        sandbox.close();
    }
}
