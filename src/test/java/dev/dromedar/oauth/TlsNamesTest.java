package dev.dromedar.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.Proves;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9525 section 6.3: a wildcard is the whole left-most label, stands for one, and there is but one. */
class TlsNamesTest {
    @ParameterizedTest(name = "{0} by {1}: {2}")
    @CsvSource({
        "api.example.no,   api.example.no,  true",
        "API.example.no,   api.Example.no,  true",
        "api.example.no.,  api.example.no,  true",
        "api.example.no,   *.example.no,    true",
        "a.b.example.no,   *.example.no,    false",
        "example.no,       *.example.no,    false",
        "api.example.no,   a*.example.no,   false",
        "api.example.no,   *i.example.no,   false",
        "api.example.no,   a.*.no,          false",
        "api.example.no,   *.*.no,          false",
        "example.no,       *.no,            false",
        "api.example.no,   *,               false",
        "api.example.no,   other.example.no, false"
    })
    @Proves("FAPI 2.0 5.2.1 server names")
    void aNameIsMatchedWhole(String host, String name, boolean matches) {
        assertThat(TlsRules.matches(host, name)).isEqualTo(matches);
    }
}
