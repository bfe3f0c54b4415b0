package dev.dromedar.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a file is read again after an edit. */
class ChangedRoutesTest {
    private static final String FILE = """
            # Orders of the day
            - route:
                id: one
                from: {uri: "direct:one", steps: [{log: "{{greeting}}"}]}
            - route: {id: two, from: {uri: "direct:two", steps: [{log: "2"}]}}

            - route:
                id: three
                from:
                  uri: direct:three
                  steps:
                    - setBody:
                        constant: |
                          - route: nothing
                            of YAML
            """;

    @Test
    void aChangedRouteAloneIsReadAgainOnTheLineWhereItStands() {
        ChangedRoutes changed = Objects.requireNonNull(between(FILE, FILE.replace("log: \"2\"", "log: \"22\"")));

        assertThat(changed.ids()).containsExactly("two");
        assertThat(changed.moved()).isEmpty();
        assertThat(changed.text())
                .isEqualTo("\n\n\n\n- route: {id: two, from: {uri: \"direct:two\", steps: [{log: \"22\"}]}}\n\n");
    }

    @Test
    void addedRemovedAndRenamedRoutesLeaveTheOthers() {
        String two = FILE.lines().toList().get(4) + "\n";

        ChangedRoutes renamed = Objects.requireNonNull(between(FILE, FILE.replace("id: two", "id: new")));
        ChangedRoutes removed = Objects.requireNonNull(between(FILE, FILE.replace(two, "")));
        ChangedRoutes added = Objects.requireNonNull(between(FILE.replace(two + "\n", ""), FILE));

        assertThat(renamed.ids()).containsExactlyInAnyOrder("two", "new");
        assertThat(removed.ids()).contains("two").doesNotContain("three");
        assertThat(removed.moved()).isEqualTo(Map.of("three", -1));
        assertThat(added.ids()).containsExactly("two");
        assertThat(added.text()).contains("id: two").doesNotContain("id: one", "id: three");
        assertThat(added.moved()).isEqualTo(Map.of("three", 2));
    }

    @Test
    void aCommentAboveTheRoutesChangesNone() {
        ChangedRoutes changed = Objects.requireNonNull(between(FILE, "# And more\n" + FILE));

        assertThat(changed.ids()).isEmpty();
        assertThat(changed.text()).isEmpty();
        assertThat(changed.moved()).containsOnlyKeys("one", "two", "three");
    }

    @Test
    void aRouteThatNamesAChangedPropertyIsReadAgain() {
        ChangedRoutes changed =
                Objects.requireNonNull(ChangedRoutes.between(FILE, FILE, text -> text.contains("{{greeting}}")));

        assertThat(changed.ids()).containsExactly("one");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- from: {uri: \"direct:four\", steps: [{log: four}]}\n",
                "- route: {from: {uri: \"direct:four\", steps: [{log: four}]}}\n",
                "- route: {id: \"{{four}}\", from: {uri: \"direct:four\", steps: [{log: four}]}}\n",
                "- route: {id: one, from: {uri: \"direct:four\", steps: [{log: four}]}}\n",
                "- route: &four {id: four, from: {uri: \"direct:four\", steps: [{log: four}]}}\n",
                "- onException: {exception: [java.io.IOException], steps: [{log: failed}]}\n",
                "- interceptFrom: {steps: [{log: seen}]}\n",
                "-\n  route: {id: four, from: {uri: \"direct:four\", steps: [{log: four}]}}\n",
                "---\n- route: {id: four, from: {uri: \"direct:four\", steps: [{log: four}]}}\n",
                "- route: [\n"
            })
    void ofAFileThatIsNoPlainListOfRoutesWithIdsAllIsReadAgain(String fourth) {
        String before = FILE + fourth;

        assertThat(between(before, before.replace("log: \"2\"", "log: \"22\""))).isNull();
        assertThat(between(FILE, before)).isNull();
        assertThat(between(before, FILE)).isNull();
    }

    @Test
    void whatIsNoTextOrStandsElsewhereIsReadAgainWhole() {
        for (String other : List.of(
                "\ufeff" + FILE,
                FILE.replace("\n", "\r\n"),
                FILE.replace("nothing", "noth\ufffding"),
                FILE.replace("- route", "  - route").replace("\n    ", "\n      "),
                "route: {id: one}\n",
                "")) {
            assertThat(between(FILE, other)).as(other).isNull();
        }
        assertThat(between(null, FILE)).isNull();
        assertThat(between(FILE, null)).isNull();
    }

    private static @Nullable ChangedRoutes between(@Nullable String before, @Nullable String now) {
        return ChangedRoutes.between(before, now, text -> false);
    }
}
