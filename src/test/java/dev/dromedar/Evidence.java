package dev.dromedar;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Writes {@code target/evidence.html} and {@code .json}: every requirement of {@code requirements.json}, how it is met, the tests
 * that name it by {@link Proves}, and what they came to in this build. The last step of {@code mvn verify}: fails where a
 * requirement is not proved, unless only a part of the tests was to run.
 */
public final class Evidence {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonNode requirements;
    private final Map<String, List<String>> proofs;
    private final Map<String, TestResult> results;
    private final Set<String> faults = new TreeSet<>();
    private final Set<String> missing = new TreeSet<>();

    /**
     * @param proofs tests as {@code class.method}, by the requirement that they name
     * @param results of tests that ran on these classes
     */
    Evidence(JsonNode requirements, Map<String, List<String>> proofs, Map<String, TestResult> results) {
        this.requirements = requirements;
        this.proofs = proofs;
        this.results = results;
    }

    /** Where and of what the evidence was made. */
    record Build(String version, String commit, String date, String jdk) {}

    /**
     * The arguments are the target folder, version and date, and then the values of options that run a part of the tests; one
     * that was not given is still the placeholder that it was.
     */
    public static void main(String[] args) throws Exception {
        Path target = Path.of(args[0]);
        boolean part = Arrays.stream(args).skip(3).anyMatch(option -> !option.isEmpty() && !option.startsWith("${"));
        Path classes = target.resolve("test-classes");
        var evidence = new Evidence(
                JSON.readTree(classes.resolve("dev/dromedar/requirements.json").toFile()),
                proofs(classes),
                TestResult.of(target.resolve("surefire-reports"), newest(target)));
        var build = new Build(
                args[1], commit(), args[2], Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
        ObjectNode page = evidence.page(build);
        Files.write(
                target.resolve("evidence.json"),
                JSON.writer(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")))
                        .writeValueAsBytes(page));
        Files.writeString(target.resolve("evidence.html"), EvidencePage.of(page), StandardCharsets.UTF_8);
        evidence.faults.forEach(fault -> System.out.println("[ERROR] Evidence: " + fault));
        System.out.println(
                "[INFO] Evidence: " + page.path("summary").asText() + " See " + target.resolve("evidence.html"));
        if (!evidence.missing.isEmpty()) {
            System.out.println((part ? "[WARNING] " : "[ERROR] ")
                    + "Evidence is incomplete, since these tests did not run: " + String.join(", ", evidence.missing));
        }
        if (!evidence.faults.isEmpty() || !evidence.missing.isEmpty() && !part) {
            System.exit(1);
        }
    }

    ObjectNode page(Build build) {
        ObjectNode page = JSON.createObjectNode();
        page.put("product", "Dromedar");
        page.put("version", build.version());
        page.put("commit", build.commit());
        page.put("date", build.date());
        page.put("jdk", build.jdk());
        ArrayNode standards = page.putArray("standards");
        Map<String, Integer> counts =
                new TreeMap<>(Map.of("proved", 0, "not proved", 0, "not run", 0, "not applicable", 0));
        Set<String> ids = new TreeSet<>();
        Set<String> others = new TreeSet<>();
        for (JsonNode standard : requirements) {
            ObjectNode shown = standards.addObject();
            shown.put("standard", standard.path("standard").asText());
            shown.put("about", standard.path("about").asText());
            ArrayNode rows = shown.putArray("requirements");
            for (JsonNode requirement : standard.path("requirements")) {
                if (!ids.add(requirement.path("id").asText())) {
                    faults.add(requirement.path("id").asText() + " stands twice in requirements.json.");
                }
                requirement.path("as").forEach(other -> others.add(other.asText()));
                ObjectNode row = row(requirement);
                rows.add(row);
                counts.merge(row.path("state").asText(), 1, Integer::sum);
            }
        }
        proofs.forEach((id, tests) -> {
            if (!ids.contains(id)) {
                faults.add("'" + id + "', which " + tests.get(0) + " proves, is not in requirements.json.");
            }
        });
        others.removeAll(ids);
        others.forEach(id -> faults.add("'" + id + "', by which another is met, is not in requirements.json."));
        page.put("complete", faults.isEmpty() && missing.isEmpty());
        page.put(
                "summary",
                ids.size() + " requirements: " + counts.get("proved") + " proved, " + counts.get("not proved")
                        + " not proved, " + counts.get("not run") + " not run, " + counts.get("not applicable")
                        + " not applicable.");
        return page;
    }

    private ObjectNode row(JsonNode requirement) {
        ObjectNode row = JSON.createObjectNode();
        String id = requirement.path("id").asText();
        row.put("id", id);
        row.put("demand", requirement.path("demand").asText());
        Set<String> tests = new TreeSet<>(proofs.getOrDefault(id, List.of()));
        requirement.path("as").forEach(other -> tests.addAll(proofs.getOrDefault(other.asText(), List.of())));
        String reason = requirement.path("not-applicable").asText("");
        row.put("how", reason.isEmpty() ? requirement.path("met").asText() : reason);
        if (requirement.has("as")) {
            row.set("as", requirement.path("as"));
        }
        ArrayNode shown = row.putArray("tests");
        Set<TestResult> found = new TreeSet<>();
        for (String test : tests) {
            TestResult result = results.getOrDefault(test, TestResult.NOT_RUN);
            found.add(result);
            shown.addObject()
                    .put("test", test.replaceFirst("^dev\\.dromedar\\.", ""))
                    .put("result", result.words());
            if (result == TestResult.NOT_RUN) {
                missing.add(test.replaceFirst("^dev\\.dromedar\\.", ""));
            } else if (result != TestResult.PASSED) {
                faults.add(id + " is not proved: " + test.replaceFirst("^dev\\.dromedar\\.", "") + " " + result.words()
                        + ".");
            }
        }
        if (tests.isEmpty() == reason.isEmpty()) {
            faults.add(id
                    + (tests.isEmpty()
                            ? " is not proved: no test names it (@Proves), and it has no reason why it does not apply."
                            : " has both a test and a reason why it does not apply."));
        }
        boolean proved = found.equals(Set.of(TestResult.PASSED));
        boolean notRun = found.contains(TestResult.NOT_RUN)
                && !found.contains(TestResult.FAILED)
                && !found.contains(TestResult.SKIPPED);
        row.put("state", !reason.isEmpty() ? "not applicable" : proved ? "proved" : notRun ? "not run" : "not proved");
        return row;
    }

    Set<String> faults() {
        return faults;
    }

    Set<String> missing() {
        return missing;
    }

    /** All tests of these classes that name a requirement. */
    static Map<String, List<String>> proofs(Path classes) throws IOException {
        Map<String, List<String>> proofs = new TreeMap<>();
        try (Stream<Path> files = Files.walk(classes.resolve("dev/dromedar"))) {
            List<String> names = files.map(file -> classes.relativize(file).toString())
                    .filter(file -> file.endsWith("Test.class") || file.endsWith("IT.class"))
                    .map(file -> file.substring(0, file.length() - ".class".length())
                            .replace('/', '.')
                            .replace('\\', '.'))
                    .sorted()
                    .toList();
            for (String name : names) {
                Class<?> test = Class.forName(name, false, Evidence.class.getClassLoader());
                for (var method : test.getDeclaredMethods()) {
                    Proves proves = method.getAnnotation(Proves.class);
                    for (String id : proves == null ? new String[0] : proves.value()) {
                        proofs.computeIfAbsent(id, none -> new ArrayList<>()).add(name + "." + method.getName());
                    }
                }
            }
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
        proofs.values().forEach(tests -> tests.sort(null));
        return new LinkedHashMap<>(proofs);
    }

    /** When the youngest class was compiled: an older report is of other classes. */
    private static long newest(Path target) throws IOException {
        long newest = 0;
        for (String folder : List.of("classes", "test-classes")) {
            try (Stream<Path> files = Files.walk(target.resolve(folder))) {
                for (Path file :
                        files.filter(one -> one.toString().endsWith(".class")).toList()) {
                    newest = Math.max(newest, Files.getLastModifiedTime(file).toMillis());
                }
            }
        }
        return newest;
    }

    private static String commit() {
        try {
            String head = git("rev-parse", "HEAD");
            return head.matches("[0-9a-f]{40,64}")
                    ? head + (git("status", "--porcelain").isEmpty() ? "" : " and changes")
                    : "not known";
        } catch (IOException | InterruptedException e) {
            return "not known";
        }
    }

    private static String git(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(words));
        Process git = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String out = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return git.waitFor() == 0 ? out : "not known";
    }
}
