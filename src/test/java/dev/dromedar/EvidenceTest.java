package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The evidence says what it should of tests that passed, failed, were skipped or did not run. */
class EvidenceTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Evidence.Build BUILD = new Evidence.Build("1", "c0ffee", "2026-11-22", "17");

    private static JsonNode requirements() throws IOException {
        return JSON.readTree("""
                [{"standard": "S", "about": "", "requirements": [
                  {"id": "S 1", "demand": "d", "met": "m"},
                  {"id": "S 2", "demand": "<d>", "not-applicable": "why"}]}]
                """);
    }

    private static Evidence of(TestResult... results) throws IOException {
        Map<String, TestResult> all = new java.util.HashMap<>();
        List<String> tests = new ArrayList<>();
        for (TestResult result : results) {
            tests.add("a.T.m" + tests.size());
            all.put("a.T.m" + (tests.size() - 1), result);
        }
        return new Evidence(requirements(), tests.isEmpty() ? Map.of() : Map.of("S 1", tests), all);
    }

    private static String state(JsonNode page) {
        return page.path("standards")
                .path(0)
                .path("requirements")
                .path(0)
                .path("state")
                .asText();
    }

    @Test
    void aRequirementIsProvedByTestsThatPassed() throws Exception {
        Evidence evidence = of(TestResult.PASSED, TestResult.PASSED);
        JsonNode page = evidence.page(BUILD);

        assertThat(state(page)).isEqualTo("proved");
        assertThat(page.path("complete").asBoolean()).isTrue();
        assertThat(evidence.faults()).isEmpty();
        assertThat(EvidencePage.of(page))
                .contains("&lt;d&gt;", "class=\"proved\"")
                .doesNotContain("<d>", "incomplete");
    }

    /** One whose demand is that of others is proved by their tests, and fails with them. */
    @Test
    void oneThatIsMetByAnotherHasItsTests() throws Exception {
        JsonNode requirements = JSON.readTree("""
                [{"standard": "S", "about": "", "requirements": [
                  {"id": "S 0", "demand": "d", "met": "m", "as": ["S 1"]},
                  {"id": "S 1", "demand": "d", "met": "m"},
                  {"id": "S 2", "demand": "d", "met": "m", "as": ["S 9"]}]}]
                """);
        for (TestResult result : List.of(TestResult.PASSED, TestResult.FAILED)) {
            var evidence = new Evidence(requirements, Map.of("S 1", List.of("a.T.m")), Map.of("a.T.m", result));
            JsonNode page = evidence.page(BUILD);

            assertThat(state(page)).isEqualTo(result == TestResult.PASSED ? "proved" : "not proved");
            assertThat(evidence.faults())
                    .anyMatch(fault -> fault.startsWith("'S 9', by which another is met, is not in"))
                    .anyMatch(fault -> fault.startsWith("S 2 is not proved: no test names it"))
                    .hasSize(result == TestResult.PASSED ? 2 : 4);
            assertThat(EvidencePage.of(page)).contains("<a href=\"#S-1\">S 1</a>");
        }
    }

    @Test
    void oneThatFailedOrWasSkippedProvesNothing() throws Exception {
        for (TestResult result : List.of(TestResult.FAILED, TestResult.SKIPPED)) {
            Evidence evidence = of(TestResult.PASSED, result);
            JsonNode page = evidence.page(BUILD);

            assertThat(state(page)).isEqualTo("not proved");
            assertThat(evidence.faults()).containsExactly("S 1 is not proved: a.T.m1 " + result.words() + ".");
            assertThat(EvidencePage.of(page)).contains("This page is incomplete");
        }
    }

    @Test
    void oneThatDidNotRunMakesItIncomplete() throws Exception {
        Evidence evidence = of(TestResult.PASSED, TestResult.NOT_RUN);

        assertThat(state(evidence.page(BUILD))).isEqualTo("not run");
        assertThat(evidence.faults()).isEmpty();
        assertThat(evidence.missing()).containsExactly("a.T.m1");
    }

    @Test
    void aRequirementWithoutATestAndATestWithoutARequirementAreFaults() throws Exception {
        Evidence none = of();
        none.page(BUILD);
        var unknown = new Evidence(
                requirements(),
                Map.of("S 1", List.of("a.T.m"), "S 9", List.of("a.T.m")),
                Map.of("a.T.m", TestResult.PASSED));
        unknown.page(BUILD);

        assertThat(none.faults()).singleElement().asString().contains("no test names it");
        assertThat(unknown.faults())
                .singleElement()
                .asString()
                .contains("'S 9'")
                .contains("is not in");
    }

    /** What the last step of the build would find, already here: each requirement has tests, or a reason. */
    @Test
    void everyRequirementHereHasATestOrAReason() throws Exception {
        Path classes = Path.of("target/test-classes");
        JsonNode all =
                JSON.readTree(classes.resolve("dev/dromedar/requirements.json").toFile());
        var evidence = new Evidence(all, Evidence.proofs(classes), Map.of());
        evidence.page(BUILD);

        assertThat(evidence.faults()).isEmpty();
        assertThat(evidence.missing()).hasSizeGreaterThan(40);
    }

    @Test
    void readsTheReportsOfSurefire(@TempDir Path reports) throws Exception {
        Files.writeString(reports.resolve("TEST-a.T.xml"), """
                <testsuite><testcase name="passes" classname="a.T"/>
                <testcase name="several(String, int)[1] x" classname="a.T"/>
                <testcase name="several(String, int)[2] y" classname="a.T"><failure/></testcase>
                <testcase name="aborted" classname="a.T"><skipped/></testcase></testsuite>
                """);

        Map<String, TestResult> results = TestResult.of(reports, 0);

        assertThat(new TreeSet<>(results.keySet())).containsExactly("a.T.aborted", "a.T.passes", "a.T.several");
        assertThat(results)
                .containsEntry("a.T.passes", TestResult.PASSED)
                .containsEntry("a.T.several", TestResult.FAILED)
                .containsEntry("a.T.aborted", TestResult.SKIPPED);
        assertThat(TestResult.of(reports, Long.MAX_VALUE)).isEmpty();
    }
}
