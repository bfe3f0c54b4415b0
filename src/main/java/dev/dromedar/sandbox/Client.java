package dev.dromedar.sandbox;

import com.nimbusds.jose.Algorithm;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A machine client as registered with an authority. It has a key or a secret. Thread-safe. */
public final class Client {
    private final String id;
    private final Set<String> scopes = ConcurrentHashMap.newKeySet();
    private final boolean dpopRequired;
    private final Map<String, JWK> keys = new ConcurrentHashMap<>();
    private final Set<String> retired = ConcurrentHashMap.newKeySet();
    private final Map<String, BooleanSupplier> usable = new ConcurrentHashMap<>();
    private volatile boolean grantAllowed = true;
    private volatile @Nullable JWK privateKey;
    private final Set<String> parents = ConcurrentHashMap.newKeySet();
    private final Set<String> children = ConcurrentHashMap.newKeySet();
    private final Set<String> detailTypes = ConcurrentHashMap.newKeySet();
    private volatile @Nullable String secret;
    private volatile @Nullable String formerSecret;
    private volatile @Nullable String certificate;
    private volatile @Nullable Platform platform;
    private volatile boolean multiTenant;
    private final Customers customers = new Customers();

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

    void withdrawScope(String scope) {
        scopes.remove(scope);
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

    /** Registers a certificate by its {@code x5t#S256}, for TLS (RFC 8705) or for assertions that name it. */
    public void certificate(String thumbprint) {
        certificate = thumbprint;
    }

    @Nullable
    String certificate() {
        return certificate;
    }

    /** This client acts for these parents, which have delegated to its owner (HelseID: multi-tenant). */
    public void multiTenant(String... delegating) {
        multiTenant = true;
        parents.addAll(Set.of(delegating));
    }

    /** This client may act for these children (HelseID: single-tenant). */
    public void children(String... allowed) {
        children.addAll(Set.of(allowed));
    }

    /** Further elements of {@code assertion_details} that this client may send. */
    public void detailTypes(String... types) {
        detailTypes.addAll(Set.of(types));
    }

    /** From now on it authenticates by assertions of this platform, and by nothing else. */
    public void trust(Platform issuer) {
        platform = issuer;
    }

    @Nullable
    Platform platform() {
        return platform;
    }

    /** Whose calls it may make (Maskinporten). */
    public Customers customers() {
        return customers;
    }

    boolean multiTenant() {
        return multiTenant;
    }

    Set<String> parents() {
        return parents;
    }

    Set<String> children() {
        return children;
    }

    Set<String> detailTypes() {
        return detailTypes;
    }

    public void secret(String other) {
        secret = other;
        formerSecret = null;
    }

    /** A new secret beside the one there was, which stays good until {@link #secret(String)}. */
    public void alsoSecret(String other) {
        formerSecret = secret;
        secret = other;
    }

    /** Whether it is this client's secret. */
    boolean isSecret(String tried) {
        return Stream.of(Optional.ofNullable(secret), Optional.ofNullable(formerSecret))
                .flatMap(Optional::stream)
                .anyMatch(one -> MessageDigest.isEqual(
                        one.getBytes(StandardCharsets.UTF_8), tried.getBytes(StandardCharsets.UTF_8)));
    }

    /** All keys but this one are refused from now on. */
    public void keepOnly(String kid) {
        keys.keySet().stream().filter(other -> !other.equals(kid)).forEach(retired::add);
        keys.keySet().removeIf(other -> !other.equals(kid));
    }

    /** Registers a further key of the algorithm; older ones stay good. Returns the private key. */
    public JWK addKey(String algorithm) {
        return addKey(newKey(algorithm));
    }

    /** Registers a further key, made before. */
    JWK addKey(JWK added) {
        keys.put(added.getKeyID(), added.toPublicJWK());
        privateKey = added;
        return added;
    }

    /** Registers a public key that was made elsewhere. It must have {@code kid} and {@code alg}. */
    public void register(JWK publicKey) {
        keys.put(publicKey.getKeyID(), publicKey.toPublicJWK());
    }

    /** As {@link #register(JWK)}; the key is as good as unknown while it is not usable. */
    void register(JWK publicKey, BooleanSupplier whether) {
        usable.put(publicKey.getKeyID(), whether);
        register(publicKey);
    }

    /** Registers a public key that was made elsewhere, in the place of all others. It need not have {@code alg}. */
    public void replaceKey(JWK publicKey) {
        keys.clear();
        register(publicKey);
    }

    /** Replaces all keys by a new one of the same algorithm, which is returned. The old ones are refused from now on. */
    public JWK rollKey() {
        JWK old = privateKey;
        Algorithm algorithm = old == null ? JWSAlgorithm.PS256 : old.getAlgorithm();
        retired.addAll(keys.keySet());
        keys.clear();
        return addKey(algorithm.getName());
    }

    /** The one key, for an assertion that names its certificate instead of a {@code kid}. */
    @Nullable
    JWK onlyKey() {
        return keys.size() == 1 ? keys.values().iterator().next() : null;
    }

    /** The public key of that name, or null. */
    @Nullable
    JWK key(String kid) {
        return usable.getOrDefault(kid, () -> true).getAsBoolean() ? keys.get(kid) : null;
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
