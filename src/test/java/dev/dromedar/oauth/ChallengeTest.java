package dev.dromedar.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ChallengeTest {
    static Stream<Arguments> values() {
        return Stream.of(
                row(
                        "RFC 9449 section 9",
                        "DPoP error=\"use_dpop_nonce\", error_description=\"Resource server requires nonce in DPoP proof\"",
                        challenge(
                                "DPoP",
                                Map.of(
                                        "error",
                                        "use_dpop_nonce",
                                        "error_description",
                                        "Resource server requires nonce in DPoP proof"))),
                row(
                        "RFC 9449 section 7.1",
                        "DPoP error=\"invalid_token\", error_description=\"Invalid DPoP key binding\", algs=\"ES256\"",
                        challenge(
                                "DPoP",
                                Map.of(
                                        "error",
                                        "invalid_token",
                                        "error_description",
                                        "Invalid DPoP key binding",
                                        "algs",
                                        "ES256"))),
                row(
                        "RFC 9110 section 11.6.1",
                        "Basic realm=\"simple\", Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\"",
                        challenge("Basic", Map.of("realm", "simple")),
                        challenge("Newauth", Map.of("realm", "apps", "type", "1", "title", "Login to \"apps\""))),
                row("unquoted", "Bearer error=invalid_token", challenge("Bearer", Map.of("error", "invalid_token"))),
                row(
                        "spaces about the sign",
                        "Bearer error = \"invalid_token\" , realm = x",
                        challenge("Bearer", Map.of("error", "invalid_token", "realm", "x"))),
                row("names in capitals", "DPOP ERROR=\"x\"", challenge("DPOP", Map.of("error", "x"))),
                row("no parameters", "Negotiate", challenge("Negotiate", Map.of())),
                row(
                        "two without parameters",
                        "Bearer, DPoP",
                        challenge("Bearer", Map.of()),
                        challenge("DPoP", Map.of())),
                row(
                        "a token68",
                        "Basic abc==, DPoP error=x",
                        challenge("Basic", Map.of("abc", "=")),
                        challenge("DPoP", Map.of("error", "x"))),
                row(
                        "a scheme inside of quotes",
                        "Bearer error_description=\"say, DPoP error=use_dpop_nonce\"",
                        challenge("Bearer", Map.of("error_description", "say, DPoP error=use_dpop_nonce"))),
                row("a quote that never ends", "DPoP error=\"use_dpop", challenge("DPoP", Map.of("error", "use_dpop"))),
                row("a backslash at the end", "DPoP error=\"x\\", challenge("DPoP", Map.of("error", "x\\"))),
                row("said twice, the first counts", "DPoP error=a, error=b", challenge("DPoP", Map.of("error", "a"))),
                row("an empty value", "DPoP error=", challenge("DPoP", Map.of("error", ""))),
                row("empty", ""),
                row("commas", " ,, , "),
                row("no text at all", "\u0000\"=\u00e6"),
                row("leading commas", ",, DPoP error=x", challenge("DPoP", Map.of("error", "x"))));
    }

    private static Arguments row(String name, String value, Challenge... challenges) {
        return Arguments.of(name, value, List.of(challenges));
    }

    private static Challenge challenge(String scheme, Map<String, String> parameters) {
        return new Challenge(scheme, parameters);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("values")
    void readsWhatServersSend(String name, String value, List<Challenge> challenges) {
        assertThat(Challenge.parse(List.of(value))).isEqualTo(challenges);
    }

    @Test
    void readsAllHeadersOfAnAnswer() {
        assertThat(Challenge.parse(List.of("Bearer", "DPoP error=x")))
                .extracting(Challenge::scheme)
                .containsExactly("Bearer", "DPoP");
    }
}
