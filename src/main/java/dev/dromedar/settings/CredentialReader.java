package dev.dromedar.settings;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.KeySource;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.keys.SigningKey;
import dev.dromedar.keys.UnusableCredential;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.TlsIdentity;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads the keys, certificates and secrets of one API. Each is read again when a file of it changes. */
final class CredentialReader {
    private static final int LONGEST_HEADER = 8000;
    private static final String VERSION = Objects.requireNonNullElse(
            CredentialReader.class.getPackage().getImplementationVersion(), "(not packaged)");

    private final String name;
    private final PropertyGroup group;

    CredentialReader(String name, PropertyGroup group) {
        this.name = name;
        this.group = group;
    }

    @Nullable
    Followed<Secret> secret() {
        if (group.text("client-secret") == null) {
            group.required(
                    "client-secret",
                    "Set this client's secret, for example {{secretfile:secrets/" + name + ".secret}} or {{env:"
                            + name.toUpperCase(Locale.ROOT).replace('-', '_') + "_CLIENT_SECRET}}.");
            return null;
        }
        return secret("client-secret");
    }

    @Nullable
    Followed<Secret> secret(String key) {
        return followed(key, UnaryOperator.identity());
    }

    private @Nullable Followed<Secret> followed(String key, UnaryOperator<Secret> usable) {
        if (group.text(key) == null) {
            return null;
        }
        Supplier<@Nullable Secret> source = group.again(key);
        try {
            return Followed.of(KeyNames.API_PREFIX + name + '.' + key, group.origin(key), () -> {
                Secret now = source.get();
                if (now == null || now.reveal().isBlank()) {
                    throw new UnusableCredential("is empty");
                }
                return new Followed.Content<>(now, () -> usable.apply(now));
            });
        } catch (UnusableCredential e) {
            group.fault(key, e.getMessage() + ".");
            return null;
        }
    }

    /** The value of a header, with {@code {name}} and {@code {version}} of the worker filled in. */
    @Nullable
    Followed<Secret> header(String key) {
        Supplier<String> worker = group.workerName();
        return followed(key, value -> {
            String text = value.reveal().replace("{name}", worker.get()).replace("{version}", VERSION);
            if (!ForeignText.isWithin(text, LONGEST_HEADER, ' ', '~')) {
                throw new UnusableCredential("has characters other than printable ASCII on one line, or more than "
                        + LONGEST_HEADER + " of them (RFC 9110 section 5.5). Correct the value");
            }
            return Secret.of(text);
        });
    }

    /** A client certificate for TLS, if the properties name one. */
    @Nullable
    TlsIdentity certificate() {
        if (!group.has("tls-private-key") && !group.has("tls-key-store") && !group.has("tls-key-store-type")) {
            if (group.has("tls-certificate")) {
                group.fault("tls-certificate", "has no key. Set tls-private-key to the key of this certificate.");
            }
            return null;
        }
        Followed<SigningKey> key = key("tls-", null, SignatureAlgorithm.RS256, found -> {
            if (found.certificates().isEmpty()) {
                throw new UnusableCredential(
                        "has no certificate: set tls-certificate to the PEM certificate of this key");
            }
            return found;
        });
        return key == null ? null : new TlsIdentity(key);
    }

    /**
     * A key from the properties with that beginning, read again when a file of them changes.
     *
     * @return null if there is a fault; it has then been reported
     */
    @Nullable
    Followed<SigningKey> key(
            String beginning,
            @Nullable SignatureAlgorithm algorithm,
            SignatureAlgorithm rsaDefault,
            UnaryOperator<SigningKey> usable) {
        String text = beginning + "private-key";
        String storeFile = group.text(beginning + "key-store");
        String type = group.text(beginning + "key-store-type");
        String alias = group.text(beginning + "key-alias");
        String keyId = beginning.isEmpty() ? group.text("key-id") : null;
        List<String> secrets =
                List.of(text, text + "-password", beginning + "key-store-password", beginning + "certificate");
        List<String> values = Arrays.asList(secrets.stream().map(group::text).toArray(String[]::new));
        if (IntStream.range(0, secrets.size()).anyMatch(i -> group.has(secrets.get(i)) && values.get(i) == null)) {
            return null; // it could not be read, and that is reported
        }
        boolean inStore = storeFile != null || type != null;
        if (!inStore && values.get(0) == null) {
            return null;
        }
        if (inStore && group.has(text)) {
            group.fault(text, "and " + beginning + "key-store both name a key. Remove one of them.");
            return null;
        }
        List<Supplier<@Nullable Secret>> sources =
                secrets.stream().map(group::again).toList();
        Supplier<KeySource> source = () -> {
            Secret certificate = sources.get(3).get();
            Secret storePassword = sources.get(2).get();
            return new KeySource(
                    sources.get(0).get(),
                    certificate == null ? null : certificate.reveal(),
                    sources.get(1).get(),
                    inStore
                            ? new KeySource.Store(
                                    type, storeFile == null ? null : Path.of(storeFile), storePassword, alias)
                            : null,
                    keyId);
        };
        String key = inStore ? beginning + (storeFile == null ? "key-store-type" : "key-store") : text;
        String origin = origin(secrets, storeFile, type, alias, keyId);
        try {
            return SigningKey.follow(
                    KeyNames.API_PREFIX + name + '.' + key, origin, source, algorithm, rsaDefault, usable);
        } catch (UnusableCredential e) {
            group.fault(
                    key,
                    e.getMessage()
                                    .replaceAll(
                                            "(?<![\\w-])(key-store|key-alias|private-key-password|certificate to)",
                                            beginning + "$1")
                            + "." + SecretFileFunction.backslashes(String.valueOf(storeFile)));
            return null;
        }
    }

    /** Empty if no file is named; otherwise all that shapes the key, so that equal origins always hold equal keys. */
    private String origin(List<String> secrets, @Nullable String... others) {
        boolean fromFile = others[0] != null
                || secrets.stream().anyMatch(key -> !group.origin(key).isEmpty());
        if (!fromFile) {
            return "";
        }
        StringBuilder origin = new StringBuilder();
        for (String key : secrets) {
            String value = group.origin(key).isEmpty() ? group.text(key) : null;
            origin.append(value == null ? group.origin(key) : Secret.of(value).digest())
                    .append('\n');
        }
        for (String other : others) {
            origin.append(other == null ? "" : other).append('\n');
        }
        return origin.toString();
    }

    static Map<String, SignatureAlgorithm> algorithms(String... keyTypes) {
        return Arrays.stream(SignatureAlgorithm.values())
                .filter(algorithm -> List.of(keyTypes).contains(algorithm.keyType()))
                .collect(Collectors.toMap(Enum::name, Function.identity(), (a, b) -> a, LinkedHashMap::new));
    }
}
