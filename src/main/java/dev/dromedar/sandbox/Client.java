package dev.dromedar.sandbox;

import com.nimbusds.jose.Algorithm;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A machine client as registered with an authority. It has a key or a secret. Thread-safe. */
public final class Client {
    private final String id;
    private final Set<String> scopes = ConcurrentHashMap.newKeySet();
    private final boolean dpopRequired;
    private final Map<String, JWK> keys = new ConcurrentHashMap<>();
    private final Set<String> retired = ConcurrentHashMap.newKeySet();
    private volatile boolean grantAllowed = true;
    private volatile @Nullable JWK privateKey;
    private volatile @Nullable String secret;

    Client(String id, Set<String> scopes, boolean dpopRequired) {
        this.id = id;
        this.scopes.addAll(scopes);
        this.dpopRequired = dpopRequired;
    }

    public String id() {
        return id;
    }

    public Set<String> scopes() {
        return new LinkedHashSet<>(scopes);
    }

    public void allowScope(String scope) {
        scopes.add(scope);
    }

    /** Whether the client may use its grant at all. It may at first; if not, it gets {@code unauthorized_client}. */
    public void grantAllowed(boolean allowed) {
        grantAllowed = allowed;
    }

    boolean grantAllowed() {
        return grantAllowed;
    }

    boolean dpopRequired() {
        return dpopRequired;
    }

    /**
     * The newest private key, with {@code kid} and {@code alg}.
     *
     * @throws NullPointerException for a client with a secret
     */
    public JWK privateKey() {
        return Objects.requireNonNull(privateKey, "this client has a secret, no key");
    }

    /**
     * The shared secret.
     *
     * @throws NullPointerException for a client with a key
     */
    public String secret() {
        return Objects.requireNonNull(secret, "this client has a key, no secret");
    }

    boolean hasSecret() {
        return secret != null;
    }

    public void secret(String other) {
        secret = other;
    }

    /** Registers a further key of the algorithm; older ones stay good. Returns the private key. */
    public JWK addKey(String algorithm) {
        JWK added = newKey(algorithm);
        keys.put(added.getKeyID(), added.toPublicJWK());
        privateKey = added;
        return added;
    }

    /** Registers a public key that was made elsewhere. It must have {@code kid} and {@code alg}. */
    public void register(JWK publicKey) {
        keys.put(publicKey.getKeyID(), publicKey.toPublicJWK());
    }

    /** Replaces all keys by a new one of the same algorithm, which is returned. The old ones are refused from now on. */
    public JWK rollKey() {
        JWK old = privateKey;
        Algorithm algorithm = old == null ? JWSAlgorithm.PS256 : old.getAlgorithm();
        retired.addAll(keys.keySet());
        keys.clear();
        return addKey(algorithm.getName());
    }

    /** The public key of that name, or null. */
    @Nullable
    JWK key(String kid) {
        return keys.get(kid);
    }

    boolean retired(String kid) {
        return retired.contains(kid);
    }

    /** A new private key for signing with the algorithm. RSA keys have 2048 bits, for speed. */
    static JWK newKey(String algorithm) {
        try {
            var alg = JWSAlgorithm.parse(algorithm);
            String kid = UUID.randomUUID().toString();
            if (algorithm.startsWith("ES")) {
                var curve = Curve.forJWSAlgorithm(alg).iterator().next();
                return new ECKeyGenerator(curve)
                        .keyUse(KeyUse.SIGNATURE)
                        .algorithm(alg)
                        .keyID(kid)
                        .generate();
            }
            return new RSAKeyGenerator(2048)
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(alg)
                    .keyID(kid)
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
