package dev.dromedar.keys;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the members of a private JWK (RFC 7517 section 4, RFC 7518 section 6), so that each fault has its own reason.
 * Members that say nothing of the key itself are left aside. Pure functions; quotes no key.
 */
final class JwkMembers {
    private static final Set<String> CURVES = Set.of("P-256", "P-384", "P-521");
    private static final List<String> PRIMES = List.of("p", "q", "dp", "dq", "qi");

    private JwkMembers() {}

    /**
     * The members that make the key.
     *
     * @throws UnusableCredential with what is wrong with one
     */
    static Map<String, Object> checked(Map<String, @Nullable Object> jwk) {
        Map<String, Object> key = new LinkedHashMap<>();
        String type = word(jwk, "kty", key);
        if (type == null) {
            throw new UnusableCredential("has no member 'kty': it must be \"RSA\" or \"EC\" (RFC 7517 section 4.1)");
        }
        if (!type.equals("RSA") && !type.equals("EC")) {
            throw new UnusableCredential("has kty '" + shown(type) + "': an RSA or EC key is needed"
                    + (type.equalsIgnoreCase("RSA") || type.equalsIgnoreCase("EC") ? ", in capital letters" : ""));
        }
        String kid = word(jwk, "kid", key);
        if (kid != null && kid.isBlank()) {
            throw new UnusableCredential("has an empty 'kid': write the one under which its public key is registered");
        }
        word(jwk, "alg", key);
        purpose(jwk);
        if (type.equals("EC")) {
            String curve = word(jwk, "crv", key);
            if (curve == null) {
                throw new UnusableCredential("has no member 'crv': an EC key names its curve, P-256, P-384 or P-521");
            }
            if (!CURVES.contains(curve)) {
                throw new UnusableCredential("is an EC key on '" + shown(curve) + "': P-256, P-384 or P-521 is needed");
            }
            number(jwk, "x", key);
            number(jwk, "y", key);
        } else {
            number(jwk, "n", key);
            number(jwk, "e", key);
            if (jwk.get("oth") != null) {
                throw new UnusableCredential("has more than two primes ('oth'): make a usual RSA key");
            }
        }
        if (jwk.get("d") == null) {
            throw new UnusableCredential("is a public key: the private key is needed (a JWK with the member 'd')");
        }
        number(jwk, "d", key);
        if (type.equals("RSA")) {
            primes(jwk, key);
        }
        certificates(jwk, key);
        return key;
    }

    private static void primes(Map<String, @Nullable Object> jwk, Map<String, Object> key) {
        List<String> missing =
                PRIMES.stream().filter(name -> jwk.get(name) == null).toList();
        if (missing.isEmpty()) {
            PRIMES.forEach(name -> number(jwk, name, key));
        } else if (missing.size() < PRIMES.size()) {
            throw new UnusableCredential("has no member '" + String.join("', '", missing)
                    + "': p, q, dp, dq and qi are there all or none (RFC 7518 section 6.3.2)");
        }
    }

    /** A key that says that it is for something else would be refused by the authority. */
    private static void purpose(Map<String, @Nullable Object> jwk) {
        String use = word(jwk, "use", new LinkedHashMap<>());
        if (use != null && !use.equals("sig")) {
            throw new UnusableCredential(
                    "has use '" + shown(use) + "': it is not for signatures. Take a key with use \"sig\", or none");
        }
        Object operations = jwk.get("key_ops");
        if (operations == null) {
            return;
        }
        if (!(operations instanceof List<?> list)) {
            throw new UnusableCredential("has 'key_ops' that is no array: write [\"sign\"], or remove it");
        }
        if (!list.contains("sign")) {
            throw new UnusableCredential(
                    "has 'key_ops' without \"sign\": it is not for signatures. Take another key, or correct it");
        }
    }

    private static void certificates(Map<String, @Nullable Object> jwk, Map<String, Object> key) {
        Object chain = jwk.get("x5c");
        if (chain == null) {
            return;
        }
        if (!(chain instanceof List<?> list)) {
            throw new UnusableCredential("has 'x5c' that is no array of certificates (RFC 7517 section 4.7)");
        }
        List<String> certificates = new ArrayList<>();
        for (Object one : list) {
            if (!(one instanceof String text) || !text.matches("[A-Za-z0-9+/\\s]+={0,2}\\s*")) {
                throw new UnusableCredential(
                        "has a certificate in 'x5c' that is no base64 of DER, without -----BEGIN lines");
            }
            certificates.add(text);
        }
        key.put("x5c", certificates);
    }

    private static @Nullable String word(Map<String, @Nullable Object> jwk, String name, Map<String, Object> key) {
        Object value = jwk.get(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof String text)) {
            throw new UnusableCredential(
                    "has '" + name + "' as " + kind(value) + ": write it as a text, in double quotes");
        }
        key.put(name, text);
        return text;
    }

    private static void number(Map<String, @Nullable Object> jwk, String name, Map<String, Object> key) {
        Object value = jwk.get(name);
        if (value == null) {
            throw new UnusableCredential("has no member '" + name + "': the key was not copied whole");
        }
        if (!(value instanceof String text)) {
            throw new UnusableCredential("has '" + name + "' as " + kind(value) + ": it must be a text in base64url");
        }
        if (text.isEmpty()) {
            throw new UnusableCredential("has an empty '" + name + "': the key was not copied whole");
        }
        if (!text.matches("[A-Za-z0-9_+/-]+={0,2}")) {
            throw new UnusableCredential("has '" + name + "' that is not base64url: it holds other characters");
        }
        key.put(name, text);
    }

    private static String kind(Object value) {
        return value instanceof Number
                ? "a number"
                : value instanceof List<?> ? "an array" : value instanceof Map<?, ?> ? "an object" : "true or false";
    }

    /** A key's own word in a message: short, and nothing that breaks a line. */
    static String shown(@Nullable String word) {
        return word == null ? "(none)" : word.matches("[\\w+/=.:~-]{1,100}") ? word : "?";
    }
}
