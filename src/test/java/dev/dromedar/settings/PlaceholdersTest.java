package dev.dromedar.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.camel.Worker;
import dev.dromedar.oauth.ClientAuthentication;
import dev.dromedar.oauth.InvalidSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A secret is what it is, whatever is in it, and no message quotes it. */
class PlaceholdersTest {
    private static final String KEY = "dromedar.api.records.client-secret";

    private final Map<String, String> properties = new LinkedHashMap<>(Map.of(
            "dromedar.api.records.profile", "duende",
            "dromedar.api.records.base-address", "https://api.example.no",
            "dromedar.api.records.authority", "https://identity.example.no",
            "dromedar.api.records.client-id", "worker"));

    @AfterEach
    void clear() {
        System.clearProperty(KEY);
        System.clearProperty("my.secret");
    }

    private String secret() {
        var api = read().apis().get(0);
        return ((ClientAuthentication.SecretBasic) api.client().authentication())
                .credential()
                .current()
                .reveal();
    }

    /** Of all properties those that are ours, as Camel hands them out. */
    private Settings read() {
        Map<String, String> ours = new LinkedHashMap<>(properties);
        ours.keySet().removeIf(key -> !key.startsWith("dromedar."));
        return Settings.read(ours, Worker.placeholders(properties));
    }

    private List<String> faults() {
        try {
            read();
            return List.of();
        } catch (InvalidSettings e) {
            return e.faults();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Xy{{9-topsecret-Zz",
                "a}}b-topsecret",
                "topsecret-{{a}}b{{",
                "}}topsecret{{",
                "topsecret{{b}}c",
                "{{a}}-topsecret",
                "{{?a}}topsecret",
                "\\{{topsecret",
                "RAW(topsecret)",
                "${topsecret}",
                "topsecret%7B%7B",
                "{{file:topsecret}} {{",
            })
    void takesASecretWithBracesAsItIs(String value, @TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("secret"), value + "\n");

        properties.put(KEY, "{{secretfile:" + file + "}}");
        assertThat(secret()).isEqualTo(value);

        properties.put("my.secret", "{{secretfile:" + file + "}}");
        properties.put(KEY, "{{my.secret}}");
        assertThat(secret()).isEqualTo(value);

        properties.remove("my.secret");
        System.setProperty("my.secret", value);
        assertThat(secret()).isEqualTo(value);

        System.setProperty(KEY, value);
        properties.put(KEY, value);
        assertThat(secret()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Xy{{9-topsecret-Zz", "a}}b-topsecret", "}}topsecret{{", "RAW(topsecret)"})
    void takesAPlainSecretWithHalfAPlaceholderAsItIs(String value) {
        properties.put(KEY, value);

        assertThat(secret()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a{{topsecret}}b",
                "{{a}}topsecret",
                "{{my.secret}}",
                "x{{none}}{{my.secret}}",
                "{{none:{{my.secret}}}}{{other}}",
                "{{secretfile:{{my.secret}}}}",
                "{{{{my.secret}}}}",
                "{{file:topsecret}}",
                "{{secret-file:topsecret}}",
                "{{vault:topsecret}}",
                "{{ file:topsecret}}",
                "{{secretFile:topsecret}}",
                "{{ secretfile:topsecret }}",
                "{{\tsecretfile:topsecret}}",
                "{{none:{{ secretfile:topsecret }}}}"
            })
    void quotesNoSecretInAFault(String value) {
        properties.put("my.secret", "to{{psecret}}psecret");
        properties.put(KEY, value);

        assertThat(faults()).singleElement().asString().startsWith(KEY + ": ").doesNotContain("psecret");
    }

    @ParameterizedTest
    @CsvSource({
        "client-id, ' '",
        "profile, x",
        "base-address, not an address",
        "base-address, http://user@x/topsecret",
        "authority, http://topsecret.example.no",
        "scope-policy, topsecret",
        "time-limit, topsecret",
        "dpop, topsecret",
        "correlation-header, top secret",
        "repeatable-body, topsecret",
        "proxy, topsecret",
        "metadata-path, topsecret",
    })
    void quotesNoSecretThatWentIntoAnotherKey(String key, String value, @TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("secret"), value);
        properties.put(KEY, "s3cret");
        properties.put("dromedar.api.records." + key, "{{secretfile:" + file + "}}");

        assertThat(faults())
                .isNotEmpty()
                .noneMatch(fault -> fault.contains("'" + value) || fault.contains("topsecret"));
    }

    @Test
    void takesAnOptionalPlaceholderOfNothingForAbsent() {
        properties.put(KEY, "{{?none}}");
        assertThat(faults()).singleElement().asString().startsWith(KEY + ": missing.");

        properties.put(KEY, "s3cret");
        properties.put("dromedar.api.records.scope", "{{?none}}");
        properties.put("dromedar.api.records.dpop", "{{my.flag}}");
        properties.put("my.flag", "{{?none}}");
        properties.put("dromedar.api.records.time-limit", "{{none:10s}}");
        assertThat(faults()).isEmpty();
    }

    @Test
    void reportsEveryMissingFileWithTheOtherFaults() {
        properties.put("dromedar.api.records.client-authentication", "private_key_jwt");
        properties.put("dromedar.api.records.profile", "oauth2");
        properties.put("dromedar.api.records.key-store", "keys.p12");
        properties.put("dromedar.api.records.key-store-password", "{{secretfile:missing}}");
        properties.put("dromedar.api.records.proxy", "http://proxy.example.no:3128");
        properties.put("dromedar.api.records.proxy-user", "u");
        properties.put("dromedar.api.records.proxy-password", "{{secretfile:missing-too}}");
        properties.put("dromedar.api.records.tls-private-key", "{{secretfile:missing-also}}");
        properties.put("dromedar.api.records.tpyo", "1");

        assertThat(faults())
                .anyMatch(fault ->
                        fault.startsWith("dromedar.api.records.key-store-password: there is no file 'missing'"))
                .anyMatch(fault ->
                        fault.startsWith("dromedar.api.records.proxy-password: there is no file 'missing-too'"))
                .anyMatch(fault ->
                        fault.startsWith("dromedar.api.records.tls-private-key: there is no file 'missing-also'"))
                .anyMatch(fault -> fault.startsWith("dromedar.api.records.tpyo: unknown key"));
    }

    @Test
    void saysWhatGoesInACircle() {
        properties.put(KEY, "{{one}}");
        properties.put("one", "{{two}}");
        properties.put("two", "{{one}}");

        assertThat(faults())
                .containsExactly(KEY + ": cannot resolve its placeholder: the properties one, two go in a circle.");
    }

    @Test
    void showsNoValueOfItsOwn() {
        assertThat(Worker.placeholders(properties).resolve(KEY, "topsecret").toString())
                .doesNotContain("topsecret");
    }
}
