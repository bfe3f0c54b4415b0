package dev.dromedar.sandbox;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is needed to set up an API and its client with one call of {@link Sandbox#add(Registration)}.
 *
 * @param name kebab-case
 * @param helseid whether the HelseID-like authority protects it, otherwise the Duende-like one
 * @param dpop whether the API takes bound tokens with proofs only, and the client must ask for such
 * @param scope space-separated; the API wants all of them
 * @param algorithm of the client's key; null for a client with a secret
 * @param secret the client's, otherwise a new one if it has no key
 * @param clientOf the name of an API whose client this one shares; null for a client of its own
 * @param originOf the name of an API whose origin this one shares; null for an origin of its own
 * @param path of the base address below its origin, without a slash at the end
 */
public record Registration(
        String name,
        boolean helseid,
        boolean dpop,
        String scope,
        String clientId,
        @Nullable String algorithm,
        @Nullable String secret,
        @Nullable String clientOf,
        @Nullable String originOf,
        String path) {

    /** Under HelseID: a client with a PS256 key, bound tokens. */
    public static Registration helseid(String name) {
        return new Registration(
                name,
                true,
                true,
                "sandbox:" + name + "/read",
                UUID.randomUUID().toString(),
                "PS256",
                null,
                null,
                null,
                "/" + name);
    }

    /** Under Duende: a client with a secret, plain bearer tokens. */
    public static Registration duende(String name) {
        return new Registration(
                name, false, false, name + ".read", name + "-worker", null, null, null, null, "/" + name);
    }

    /**
     * A client as most have it under a profile's authority: with a secret at Duende, otherwise with a key; bound tokens at
     * HelseID.
     */
    static Registration under(String profile, String name, String scope) {
        Registration registration = duende(name).withScope(scope);
        return switch (profile) {
            case "duende" -> registration;
            case "helseid" -> registration.withAlgorithm("PS256").withDpop();
            case "maskinporten" -> registration.withAlgorithm("RS256");
            case "entra" -> registration.withAlgorithm("PS256");
            case "smart-backend" -> registration.withAlgorithm("ES384");
            default -> registration.withAlgorithm("ES256");
        };
    }

    String audience() {
        return "urn:sandbox:" + name;
    }

    public Registration withoutDpop() {
        return new Registration(name, helseid, false, scope, clientId, algorithm, secret, clientOf, originOf, path);
    }

    public Registration withDpop() {
        return new Registration(name, helseid, true, scope, clientId, algorithm, secret, clientOf, originOf, path);
    }

    public Registration withScope(String other) {
        return new Registration(name, helseid, dpop, other, clientId, algorithm, secret, clientOf, originOf, path);
    }

    /** A key for this algorithm in the place of a secret or another key. */
    public Registration withAlgorithm(String other) {
        return new Registration(name, helseid, dpop, scope, clientId, other, null, clientOf, originOf, path);
    }

    /** A secret in the place of a key. */
    public Registration withSecret(String other) {
        return new Registration(name, helseid, dpop, scope, clientId, null, other, clientOf, originOf, path);
    }

    /** The client of another API, to which this API's scope is added. */
    public Registration withClientOf(String otherApi) {
        return new Registration(name, helseid, dpop, scope, clientId, algorithm, secret, otherApi, originOf, path);
    }

    public Registration at(String otherApi, String otherPath) {
        return new Registration(name, helseid, dpop, scope, clientId, algorithm, secret, clientOf, otherApi, otherPath);
    }

    public Registration withPath(String other) {
        return new Registration(name, helseid, dpop, scope, clientId, algorithm, secret, clientOf, originOf, other);
    }
}
