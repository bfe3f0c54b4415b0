package dev.dromedar.oauth;

import static dev.dromedar.keys.SignatureAlgorithm.RS256;

import dev.dromedar.keys.SignatureAlgorithm;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an assertion looks like, and what an authority accepts of it. Immutable.
 *
 * @param ofPlatforms whether the authority can be set up to accept one that another issuer signs (client-assertion-file)
 * @param type {@code typ} of its header
 * @param audience {@code aud} unless a property says otherwise
 * @param keyNames how its header names the key; the first is the default
 * @param algorithms what it may be signed with; what an RSA key signs with if neither it nor a property says is the first
 *     of them that is RSA's
 * @param lifetime default, from {@code iat} to {@code exp}
 * @param longest longest lifetime that the authority accepts
 */
record AssertionRules(
        Form form,
        boolean ofPlatforms,
        String type,
        Audience audience,
        List<KeyName> keyNames,
        List<SignatureAlgorithm> algorithms,
        Duration lifetime,
        Duration longest) {

    private static final List<SignatureAlgorithm> ANY_ALGORITHM = List.of(SignatureAlgorithm.values());

    /** What an assertion is, beside its values. */
    enum Form {
        /** Its {@code typ} and {@code aud} are the authority's. */
        FIXED,
        /** Properties may say another {@code typ} and {@code aud}. */
        OPEN,
        /**
         * Fixed; as a grant it says scope and resource as claims and has no subject, and the request says nothing besides.
         * Otherwise a grant is as RFC 7523 and RFC 7521 section 4.1 have it.
         */
        GRANT_SAYS_ALL
    }

    /** @param lifetime in seconds, {@code longest} too */
    static AssertionRules fixed(
            String type,
            Audience audience,
            List<KeyName> names,
            List<SignatureAlgorithm> algorithms,
            int lifetime,
            int longest) {
        return new AssertionRules(
                Form.FIXED,
                false,
                type,
                audience,
                names,
                algorithms,
                Duration.ofSeconds(lifetime),
                Duration.ofSeconds(longest));
    }

    static AssertionRules open(String type, int lifetime, int longest) {
        return new AssertionRules(
                Form.OPEN,
                true,
                type,
                Audience.ISSUER,
                List.of(KeyName.values()),
                ANY_ALGORITHM,
                Duration.ofSeconds(lifetime),
                Duration.ofSeconds(longest));
    }

    /** All algorithms, this one first. */
    static List<SignatureAlgorithm> preferred(SignatureAlgorithm first) {
        return Stream.concat(Stream.of(first), ANY_ALGORITHM.stream())
                .distinct()
                .toList();
    }

    AssertionRules sayingAll() {
        return new AssertionRules(
                Form.GRANT_SAYS_ALL, ofPlatforms, type, audience, keyNames, algorithms, lifetime, longest);
    }

    AssertionRules orOfPlatforms() {
        return new AssertionRules(form, true, type, audience, keyNames, algorithms, lifetime, longest);
    }

    /** What an RSA key signs with when neither it nor a property says. */
    SignatureAlgorithm rsaAlgorithm() {
        return algorithms.stream()
                .filter(algorithm -> algorithm.keyType().equals("RSA"))
                .findFirst()
                .orElse(RS256);
    }

    /** The rule for a property, in words that follow the authority's title; null if there is none of its own. */
    @Nullable
    String rule(String key) {
        return switch (key) {
            case "assertion-lifetime" -> "accepts an assertion that lives " + words(longest) + " at most";
            case "audience" ->
                "accepts only its " + (audience == Audience.ISSUER ? "issuer identifier" : "token endpoint")
                        + ", exactly as it is";
            case "client-assertion-file" ->
                "accepts only assertions that the client itself signs, with its registered key";
            case "private-key" ->
                "accepts " + words(algorithms.stream().map(Enum::name).toList());
            case "certificate-header" ->
                "finds the key by "
                        + keyNames.stream().map(KeyName::propertyValue).collect(Collectors.joining(", or by "));
            default -> null;
        };
    }

    static String words(List<String> values) {
        int last = values.size() - 1;
        return last == 0
                ? "only " + values.get(0)
                : String.join(", ", values.subList(0, last)) + " and " + values.get(last);
    }

    private static String words(Duration time) {
        return time.toSeconds() < 180 ? time.toSeconds() + " s" : time.toMinutes() + " minutes";
    }
}
