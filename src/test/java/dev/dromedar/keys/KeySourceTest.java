package dev.dromedar.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.dromedar.keys.KeySource.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureSpi;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every form of key, from files that openssl and keytool have made; what the JDK makes alone is tested without them too. */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeySourceTest {
    private static final String PASSWORD = "change it: æøå";
    private final Path folder;
    private boolean hasOpenssl;

    KeySourceTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeAll
    void makeFiles() throws Exception {
        keytool("-genkeypair -alias one -keyalg RSA -keysize 2048 -dname CN=one -storetype PKCS12 -keystore one.p12");
        keytool(
                "-genkeypair -alias one -keyalg EC -groupname secp256r1 -dname CN=one -storetype JKS -keystore one.jks");
        keytool("-genkeypair -alias one -keyalg RSA -keysize 2048 -dname CN=one -storetype PKCS12 -keystore two.p12");
        keytool("-genkeypair -alias two -keyalg RSA -keysize 2048 -dname CN=two -storetype PKCS12 -keystore two.p12");
        keytool(
                "-genkeypair -alias weak -keyalg RSA -keysize 1024 -dname CN=weak -storetype PKCS12 -keystore weak.p12");
        keytool("-exportcert -rfc -alias one -storetype PKCS12 -keystore one.p12 -file one.crt");
        Files.writeString(folder.resolve("text.p12"), "-----BEGIN CERTIFICATE-----");
        keytool("-importcert -noprompt -alias one -storetype PKCS12 -keystore empty.p12 -file one.crt");
        hasOpenssl = isThere("openssl");
        if (hasOpenssl) {
            openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa-pkcs8.pem");
            openssl("rsa -in rsa-pkcs8.pem -traditional -out rsa-pkcs1.pem");
            openssl("rsa -in rsa-pkcs8.pem -traditional -aes128 -passout pass:p -out rsa-old.pem");
            openssl("pkcs8 -topk8 -in rsa-pkcs8.pem -passout file:password -out rsa-encrypted.pem");
            for (String cipher : List.of("aes128", "aes192", "aes256", "des3", "aes256 -v2prf hmacWithSHA512")) {
                openssl("pkcs8 -topk8 -v2 " + cipher + " -in rsa-pkcs8.pem -passout file:password -out rsa-"
                        + cipher.replace(' ', '-') + ".pem");
            }
            openssl("pkcs8 -topk8 -v2 camellia256 -in rsa-pkcs8.pem -passout file:password -out rsa-camellia256.pem");
            openssl("pkcs8 -topk8 -scrypt -in rsa-pkcs8.pem -passout file:password -out rsa-scrypt.pem");
            openssl("pkcs8 -topk8 -v1 PBE-SHA1-3DES -in rsa-pkcs8.pem -passout pass:secret -out rsa-pbes1.pem");
            openssl("rsa -in rsa-pkcs8.pem -pubout -out rsa-public.pem");
            openssl("req -x509 -new -key rsa-pkcs8.pem -subj /CN=rsa -days 30 -out rsa.crt");
            openssl(
                    "pkcs12 -export -inkey rsa-pkcs8.pem -in rsa.crt -name rsa -passout pass:secret -out rsa-openssl.p12");
            openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out rsa-weak.pem");
            openssl("genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out rsa-pss.pem");
            openssl("genpkey -algorithm ED25519 -out ed.pem");
            for (String curve : List.of("prime256v1", "secp384r1", "secp521r1", "secp256k1")) {
                openssl("ecparam -name " + curve + " -genkey -out " + curve
                        + "-sec1.pem"); // with EC PARAMETERS before it
                openssl("ec -in " + curve + "-sec1.pem -out " + curve + "-bare.pem");
                openssl("pkcs8 -topk8 -nocrypt -in " + curve + "-sec1.pem -out " + curve + "-pkcs8.pem");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "rsa-pkcs8.pem,RS256",
        "rsa-pkcs1.pem,RS256",
        "rsa-pss.pem,PS256",
        "prime256v1-sec1.pem,ES256",
        "prime256v1-bare.pem,ES256",
        "prime256v1-pkcs8.pem,ES256",
        "secp384r1-sec1.pem,ES384",
        "secp384r1-bare.pem,ES384",
        "secp384r1-pkcs8.pem,ES384",
        "secp521r1-sec1.pem,ES512",
        "secp521r1-bare.pem,ES512",
        "secp521r1-pkcs8.pem,ES512"
    })
    void readsPemOfOpenssl(String file, SignatureAlgorithm algorithm) throws Exception {
        assumeTrue(hasOpenssl);

        SigningKey key = read(text(file), null);

        assertThat(key.algorithm()).isEqualTo(algorithm);
        assertThat(key.keyId()).isNull();
        assertThat(key.certificates()).isEmpty();
    }

    @Test
    void theSameKeyInEachFormOfOpensslIsTheSameKey() throws Exception {
        assumeTrue(hasOpenssl);
        SigningKey plain = read(text("rsa-pkcs8.pem"), null);

        SigningKey encrypted =
                read(new KeySource(Secret.of(text("rsa-encrypted.pem")), null, Secret.of(PASSWORD), null, "k1"));
        SigningKey stored = read(new KeySource(
                null,
                null,
                null,
                new Store(null, folder.resolve("rsa-openssl.p12"), Secret.of("secret"), "rsa"),
                null));
        SigningKey certified = read(text("rsa-pkcs8.pem") + "\n" + text("rsa.crt"), null);
        SigningKey beside = read(new KeySource(Secret.of(text("rsa-pkcs1.pem")), text("rsa.crt"), null, null, null));

        assertThat(List.of(encrypted, stored, certified, beside))
                .extracting(SigningKey::thumbprint)
                .containsOnly(plain.thumbprint());
        assertThat(encrypted.keyId()).isEqualTo("k1");
        assertThat(List.of(stored, certified, beside))
                .extracting(key -> SigningKey.thumbprint(key.certificates().get(0)))
                .containsOnly(fingerprint("rsa.crt"));
        assertThat(read(oneLine(text("rsa-pkcs8.pem")), null).thumbprint()).isEqualTo(plain.thumbprint());
        assertThat(read(base64(text("rsa-pkcs8.pem")), null).thumbprint()).isEqualTo(plain.thumbprint());
    }

    @ParameterizedTest
    @CsvSource({
        "rsa-aes128.pem",
        "rsa-aes192.pem",
        "rsa-aes256.pem",
        "rsa-des3.pem",
        "rsa-aes256--v2prf-hmacWithSHA512.pem",
        "rsa-pbes1.pem"
    })
    void decryptsPemOfOpensslByEachCipher(String file) throws Exception {
        assumeTrue(hasOpenssl);
        String password = file.equals("rsa-pbes1.pem") ? "secret" : PASSWORD;

        SigningKey key = read(new KeySource(Secret.of(text(file)), null, Secret.of(password), null, null));

        assertThat(key.thumbprint()).isEqualTo(read(text("rsa-pkcs8.pem"), null).thumbprint());
        assertThatThrownBy(() -> read(new KeySource(Secret.of(text(file)), null, Secret.of("wrong"), null, null)))
                .hasMessage("cannot be decrypted: private-key-password is wrong");
    }

    @ParameterizedTest
    @CsvSource({"rsa-camellia256.pem", "rsa-scrypt.pem"})
    void saysThatItCannotDecryptWhatTheJdkHasNoCipherFor(String file) throws Exception {
        assumeTrue(hasOpenssl);
        var source = new KeySource(Secret.of(text(file)), null, Secret.of(PASSWORD), null, null);

        assertThatThrownBy(() -> read(source)).hasMessageContaining("is encrypted in a way that is not known here");
    }

    @Test
    void passesOverTheMarkThatWindowsEditorsPutAtTheBeginning() throws Exception {
        String jwk = new com.nimbusds.jose.jwk.gen.ECKeyGenerator(com.nimbusds.jose.jwk.Curve.P_256)
                .keyID("k")
                .generate()
                .toJSONString();

        assertThat(read("\ufeff" + jwk + "\r\n", null).keyId()).isEqualTo("k");
    }

    @Test
    void saysThatAStoreWithoutItsPasswordNeedsOne() {
        var source = new KeySource(null, null, null, new Store(null, folder.resolve("one.p12"), null, "one"), null);

        assertThatThrownBy(() -> read(source)).hasMessageContaining("set key-store-password");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rsa-public.pem|is a public key: the private key is needed (-----BEGIN PRIVATE KEY-----)",
                "rsa.crt|is a certificate without its private key: add the -----BEGIN PRIVATE KEY----- block",
                "rsa-weak.pem|is an RSA key of 1024 bits: 2048 to 8192 are needed",
                "ed.pem|is no RSA or EC private key that can be read: another kind of key, or a damaged file",
                "secp256k1-sec1.pem|is an EC key on a curve that is not known here: P-256, P-384 or P-521 is needed",
                "rsa-encrypted.pem|is encrypted: set private-key-password",
                "rsa-old.pem|is encrypted in OpenSSL's old way, which is too weak to be read here: make an encrypted PKCS#8"
                        + " key of it with openssl pkcs8 -topk8"
            })
    void saysWhatIsWrongWithPemOfOpenssl(String file, String message) throws Exception {
        assumeTrue(hasOpenssl);

        String text = text(file);

        assertThatThrownBy(() -> read(text, null))
                .isInstanceOf(UnusableCredential.class)
                .hasMessage(message);
    }

    @Test
    void saysThatAKeyForPssAloneCannotSignOtherwise() throws Exception {
        assumeTrue(hasOpenssl);

        var pss = KeySource.of(Secret.of(text("rsa-pss.pem")));

        assertThat(SigningKey.read(pss, SignatureAlgorithm.PS384, SignatureAlgorithm.RS256)
                        .algorithm())
                .isEqualTo(SignatureAlgorithm.PS384);
        assertThatThrownBy(() -> SigningKey.read(pss, SignatureAlgorithm.RS256, SignatureAlgorithm.RS256))
                .hasMessage("is an RSASSA-PSS key and cannot sign with RS256: only with PS256, PS384 or PS512");
    }

    @Test
    void saysThatAFileIsCutOff() throws Exception {
        assumeTrue(hasOpenssl);

        assertThatThrownBy(() -> read(text("rsa-pkcs8.pem").substring(0, 700), null))
                .hasMessageContaining("cut off before its -----END line");
    }

    @Test
    void saysThatThePasswordOfPemIsWrong() throws Exception {
        assumeTrue(hasOpenssl);
        var source = new KeySource(Secret.of(text("rsa-encrypted.pem")), null, Secret.of("wrong"), null, null);

        assertThatThrownBy(() -> read(source)).hasMessage("cannot be decrypted: private-key-password is wrong");
    }

    @Test
    void saysThatTheCertificateIsOfAnotherKey() throws Exception {
        assumeTrue(hasOpenssl);
        var source = new KeySource(Secret.of(text("rsa-pkcs8.pem")), text("one.crt"), null, null, null);

        assertThatThrownBy(() -> read(source))
                .hasMessage("is not the key of its certificate: they must be made together");
    }

    @ParameterizedTest
    @CsvSource({"one.p12,,RS256", "one.p12,PKCS12,RS256", "one.jks,,ES256", "one.jks,JKS,ES256"})
    void readsStoresOfKeytool(String file, @Nullable String type, SignatureAlgorithm algorithm) {
        SigningKey key = read(store(type, file, "secret", null));

        assertThat(key.algorithm()).isEqualTo(algorithm);
        assertThat(key.certificates()).hasSize(1);
    }

    @Test
    void choosesByAliasFromAStoreOfKeytool() {
        SigningKey one = read(store(null, "two.p12", "secret", "one"));
        SigningKey two = read(store(null, "two.p12", "secret", "TWO"));

        assertThat(one.thumbprint()).isNotEqualTo(two.thumbprint());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "two.p12|secret||is one of several in the key store: set key-alias to one of one, two",
                "two.p12|secret|three|is not in the key store: there is no key with the alias 'three', only one, two",
                "one.p12|wrong||cannot be read: key-store-password is wrong",
                "one.jks|wrong||cannot be read: key-store-password is wrong",
                "text.p12|secret||is in a file that is no key store (PKCS#12 or JKS): a key in a file of PEM, JWK or"
                        + " DER is private-key = {{secretfile:path}}",
                "weak.p12|secret||is an RSA key of 1024 bits: 2048 to 8192 are needed",
                "empty.p12|secret||is not in the key store: it holds no private key, only certificates"
            })
    void saysWhatIsWrongWithAStoreOfKeytool(String file, String password, @Nullable String alias, String message) {
        assertThatThrownBy(() -> read(store(null, file, password, alias)))
                .isInstanceOf(UnusableCredential.class)
                .hasMessage(message);
    }

    @Test
    void saysThatTheStoreIsNotThere() {
        Path file = folder.resolve("nowhere.p12");

        assertThatThrownBy(() -> read(store(null, "nowhere.p12", "secret", null)))
                .hasMessage("is in a key store that is not there: there is no file '" + file + "'");
    }

    @Test
    void saysThatTheStoreIsOfATypeThatThisSystemDoesNotHave() {
        var source = new KeySource(null, null, null, new Store("Windows-NO", null, null, null), null);

        assertThatThrownBy(() -> read(source))
                .hasMessage(
                        "is in a key store of the type 'Windows-NO', which this JDK does not have on this system: use"
                                + " PKCS12, JKS, PKCS11, or Windows-MY on Windows");
    }

    /** The JDK's own PKCS#8 of an EC key does not say the public half: it is found by the JDK's key agreement. */
    @ParameterizedTest
    @CsvSource({"secp256r1,ES256", "secp384r1,ES384", "secp521r1,ES512"})
    void findsThePublicHalfThatAKeyOfTheJdkDoesNotSay(String curve, SignatureAlgorithm algorithm) throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new java.security.spec.ECGenParameterSpec(curve));
        var pair = generator.generateKeyPair();

        SigningKey key = read(pem("PRIVATE KEY", pair.getPrivate().getEncoded()), null);

        var expected = new ECKey.Builder(
                        com.nimbusds.jose.jwk.Curve.forJWSAlgorithm(
                                        com.nimbusds.jose.JWSAlgorithm.parse(algorithm.name()))
                                .iterator()
                                .next(),
                        (java.security.interfaces.ECPublicKey) pair.getPublic())
                .build();
        assertThat(key.thumbprint()).isEqualTo(expected.computeThumbprint().toString());
    }

    @Test
    void choosesFromAJwkSetByKid() throws Exception {
        RSAKey one = new RSAKeyGenerator(2048).keyID("one").generate();
        ECKey two = new ECKeyGenerator(com.nimbusds.jose.jwk.Curve.P_256)
                .keyID("two")
                .generate();
        String set = new JWKSet(List.of(one, two)).toString(false);

        assertThat(read(set, "two").thumbprint())
                .isEqualTo(two.computeThumbprint().toString());
        assertThat(read(new JWKSet(List.of(one, two.toPublicJWK())).toString(false), null)
                        .keyId())
                .isEqualTo("one");
        assertThatThrownBy(() -> read(set, null))
                .hasMessage("is a JWK set with 2 private keys (kid one, two): set key-id to the kid of the one to use");
        assertThatThrownBy(() -> read(set, "three"))
                .hasMessage("is a JWK set without a key of kid 'three': it has one, two");
        assertThatThrownBy(() -> read(new JWKSet(List.of(one.toPublicJWK())).toString(), "one"))
                .hasMessage("is a public key: the private key is needed (a JWK with the member 'd')");
        assertThatThrownBy(() -> read(one.toJSONString(), "two"))
                .hasMessage("has kid 'one', but key-id says 'two': correct one of them");
    }

    /**
     * No token is here, so a provider of the test's own stands for one: its key store gives keys that have no encoded form,
     * and only its own signatures can use them. It signs ES in DER, as the Windows store does.
     */
    @ParameterizedTest
    @CsvSource({"RSA,PS256", "RSA,RS256", "EC,ES256"})
    void signsWithAKeyThatCannotLeaveItsProvider(String type, SignatureAlgorithm algorithm) {
        var provider = new Closed();
        Security.addProvider(provider);
        try {
            String file = type.equals("EC") ? "one.jks" : "one.p12";
            var source = new KeySource(
                    null, null, null, new Store("CLOSED", folder.resolve(file), Secret.of("secret"), null), "k1");

            SigningKey key = SigningKey.read(source, algorithm, SignatureAlgorithm.RS256);

            assertThat(key.privateKey().getEncoded()).isNull();
            assertThat(key.thumbprint())
                    .isEqualTo(read(store(null, file, "secret", null)).thumbprint());
            assertThat(key.sign(new byte[1])).isNotEmpty();
        } finally {
            Security.removeProvider(provider.getName());
        }
    }

    /** A real PKCS#11 token, where SoftHSM is installed (Debian: softhsm2). */
    @Test
    void signsOnAPkcs11TokenWhereSoftHsmIsInstalled() throws Exception {
        Path library = Path.of("/usr/lib/softhsm/libsofthsm2.so");
        assumeTrue(Files.exists(library) && isThere("softhsm2-util"));
        Files.createDirectories(folder.resolve("tokens"));
        Files.writeString(folder.resolve("softhsm2.conf"), "directories.tokendir = " + folder.resolve("tokens") + "\n");
        Path configuration = Files.writeString(
                folder.resolve("pkcs11.cfg"), "name = Soft\nlibrary = " + library + "\nslotListIndex = 0\n");
        run("softhsm2-util", "--init-token", "--free", "--label", "t", "--pin", "1234", "--so-pin", "1234");
        run(
                "keytool",
                "-genkeypair",
                "-alias",
                "hsm",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-dname",
                "CN=hsm",
                "-storetype",
                "PKCS11",
                "-addprovider",
                "SunPKCS11",
                "-providerarg",
                configuration.toString(),
                "-keystore",
                "NONE",
                "-storepass",
                "1234");

        // The library reads its environment, so that it is tried in a process of its own.
        run(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath(),
                Token.class.getName(),
                configuration.toString());

        assertThat(readOutput())
                .contains("RS256 no encoded form, 256 bytes")
                .contains("PS256 no encoded form, 256 bytes");
    }

    /** Signs with the key of a token. */
    static final class Token {
        private Token() {}

        public static void main(String[] args) {
            var source = new KeySource(
                    null,
                    null,
                    null,
                    new Store("PKCS11", Path.of(args[0]), Secret.of("1234"), "HSM"),
                    "k1"); // a token minds case
            for (var algorithm : List.of(SignatureAlgorithm.RS256, SignatureAlgorithm.PS256)) {
                SigningKey key = SigningKey.read(source, algorithm, SignatureAlgorithm.RS256);
                System.out.println(
                        algorithm + (key.privateKey().getEncoded() == null ? " no encoded form, " : " exported, ")
                                + key.sign(new byte[1]).length + " bytes");
            }
        }
    }

    /** As the tests have it: Surefire puts its own jar on the real one. */
    private static String classPath() {
        String all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(all.split(java.io.File.pathSeparator))
                .map(place -> Path.of(place).toAbsolutePath().toString())
                .collect(Collectors.joining(java.io.File.pathSeparator));
    }

    private static SigningKey read(KeySource source) {
        return SigningKey.read(source, null, SignatureAlgorithm.RS256);
    }

    private static SigningKey read(String text, @Nullable String keyId) {
        return read(new KeySource(Secret.of(text), null, null, null, keyId));
    }

    private KeySource store(@Nullable String type, String file, String password, @Nullable String alias) {
        return new KeySource(null, null, null, new Store(type, folder.resolve(file), Secret.of(password), alias), null);
    }

    private String text(String file) throws IOException {
        return Files.readString(folder.resolve(file));
    }

    private static String oneLine(String pem) {
        return pem.replace("\n", "\\n");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + label
                + "-----\n";
    }

    private String fingerprint(String certificate) throws Exception {
        run("openssl", "x509", "-in", certificate, "-outform", "DER", "-out", "fingerprint.der");
        byte[] hash = java.security.MessageDigest.getInstance("SHA-256")
                .digest(Files.readAllBytes(folder.resolve("fingerprint.der")));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    }

    private void keytool(String arguments) throws Exception {
        String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        run((tool + " -storepass:env KEYTOOL_PASSWORD"
                        + (arguments.startsWith("-genkeypair") ? " -keypass:env KEYTOOL_PASSWORD " : " ") + arguments)
                .split(" "));
    }

    private void openssl(String arguments) throws Exception {
        Files.writeString(folder.resolve("password"), PASSWORD);
        run(("openssl " + arguments).split(" "));
    }

    private static boolean isThere(String tool) {
        for (String place : System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator)) {
            if (Files.isExecutable(Path.of(place, tool))) {
                return true;
            }
        }
        return false;
    }

    private void run(String... command) throws Exception {
        var builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(
                        Files.writeString(folder.resolve("none"), "").toFile()))
                .redirectOutput(folder.resolve("output").toFile());
        builder.environment().put("KEYTOOL_PASSWORD", "secret");
        builder.environment()
                .put("SOFTHSM2_CONF", folder.resolve("softhsm2.conf").toString());
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(() -> String.join(" ", command) + "\n" + readOutput())
                .isZero();
    }

    private String readOutput() {
        try {
            return Files.readString(folder.resolve("output"));
        } catch (IOException e) {
            return "";
        }
    }

    /** A private key that says what it is and nothing else. */
    private record Opaque(PrivateKey hidden) implements PrivateKey {
        private static final long serialVersionUID = 1;

        @Override
        public String getAlgorithm() {
            return hidden.getAlgorithm();
        }

        @Override
        @SuppressWarnings("NullAway") // what java.security.Key says of keys that have none
        public String getFormat() {
            return null;
        }

        @Override
        @SuppressWarnings("NullAway")
        public byte[] getEncoded() {
            return null;
        }
    }

    /** A JCA provider as a token's: it alone can use its keys. */
    private static final class Closed extends Provider {
        private static final long serialVersionUID = 1;

        Closed() {
            super("Closed", "1", "Keys that cannot leave");
            put("KeyStore.CLOSED", Keys.class.getName());
            put("Signature.SHA256withRSA", Rs256.class.getName());
            put("Signature.RSASSA-PSS", Ps256.class.getName());
            put("Signature.SHA256withECDSA", Es256.class.getName());
        }
    }

    /** Public, with what it extends, because the JCA makes it. */
    public static final class Keys extends java.security.KeyStoreSpi {
        private @Nullable KeyStore hidden;

        private KeyStore hidden() {
            return java.util.Objects.requireNonNull(hidden);
        }

        @Override
        public java.security.Key engineGetKey(String alias, char[] password) {
            try {
                return new Opaque((PrivateKey) hidden().getKey(alias, password));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void engineLoad(java.io.InputStream in, char[] password) throws IOException {
            byte[] content = in.readAllBytes();
            try {
                hidden = KeyStore.getInstance(content[0] == (byte) 0xfe ? "JKS" : "PKCS12");
                hidden().load(new java.io.ByteArrayInputStream(content), password);
            } catch (java.security.GeneralSecurityException e) {
                throw new IOException(e);
            }
        }

        @Override
        public java.security.cert.Certificate[] engineGetCertificateChain(String alias) {
            try {
                return hidden().getCertificateChain(alias);
            } catch (java.security.KeyStoreException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public java.util.Enumeration<String> engineAliases() {
            try {
                return hidden().aliases();
            } catch (java.security.KeyStoreException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public boolean engineIsKeyEntry(String alias) {
            return true;
        }

        @Override
        public java.security.cert.Certificate engineGetCertificate(String alias) {
            return engineGetCertificateChain(alias)[0];
        }

        @Override
        public java.util.Date engineGetCreationDate(String alias) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void engineSetKeyEntry(
                String alias, java.security.Key key, char[] password, java.security.cert.Certificate[] chain) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void engineSetKeyEntry(String alias, byte[] key, java.security.cert.Certificate[] chain) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void engineSetCertificateEntry(String alias, java.security.cert.Certificate cert) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void engineDeleteEntry(String alias) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean engineContainsAlias(String alias) {
            return true;
        }

        @Override
        public int engineSize() {
            return 1;
        }

        @Override
        public boolean engineIsCertificateEntry(String alias) {
            return false;
        }

        @Override
        @SuppressWarnings("NullAway")
        public String engineGetCertificateAlias(java.security.cert.Certificate cert) {
            return null;
        }

        @Override
        public void engineStore(java.io.OutputStream stream, char[] password) {
            throw new UnsupportedOperationException();
        }
    }

    /** Signs with the JDK behind the curtain. */
    public abstract static class Signer extends SignatureSpi {
        private final Signature behind;

        Signer(String algorithm) {
            try {
                behind = Signature.getInstance(algorithm);
            } catch (java.security.GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        protected void engineInitSign(PrivateKey key) throws java.security.InvalidKeyException {
            behind.initSign(((Opaque) key).hidden());
        }

        @Override
        protected void engineUpdate(byte b) throws java.security.SignatureException {
            behind.update(b);
        }

        @Override
        protected void engineUpdate(byte[] b, int off, int len) throws java.security.SignatureException {
            behind.update(b, off, len);
        }

        @Override
        protected byte[] engineSign() throws java.security.SignatureException {
            return behind.sign();
        }

        @Override
        protected void engineSetParameter(java.security.spec.AlgorithmParameterSpec params)
                throws java.security.InvalidAlgorithmParameterException {
            behind.setParameter(params);
        }

        @Override
        protected void engineInitVerify(java.security.PublicKey key) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected boolean engineVerify(byte[] signature) {
            throw new UnsupportedOperationException();
        }

        @Override
        @Deprecated
        protected void engineSetParameter(String param, Object value) {
            throw new UnsupportedOperationException();
        }

        @Override
        @Deprecated
        protected Object engineGetParameter(String param) {
            throw new UnsupportedOperationException();
        }
    }

    /** For the JCA. */
    public static final class Rs256 extends Signer {
        /** For the JCA. */
        public Rs256() {
            super("SHA256withRSA");
        }
    }

    /** For the JCA. */
    public static final class Ps256 extends Signer {
        /** For the JCA. */
        public Ps256() {
            super("RSASSA-PSS");
        }
    }

    /** For the JCA. */
    public static final class Es256 extends Signer {
        /** For the JCA. */
        public Es256() {
            super("SHA256withECDSA");
        }
    }
}
