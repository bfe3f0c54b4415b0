package dev.dromedar.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.RSAKey;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One key with a chain of three, as Key Vault, PowerShell, OpenSSL and HelseID Selvbetjening write it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeyFormsTest {
    private final Path folder;
    private List<X509Certificate> chain = List.of();
    private PrivateKey key =
            SigningKey.generatePair(SignatureAlgorithm.ES256, 0).getPrivate();

    KeyFormsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeAll
    void makeTheChain() throws Exception {
        keytool("-alias root -dname CN=root -ext bc:c");
        keytool("-alias middle -dname CN=middle -signer root -ext bc:c");
        keytool("-alias leaf -dname CN=leaf -signer middle");
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve("all.p12"))) {
            store.load(in, "secret".toCharArray());
        }
        chain = Arrays.stream(store.getCertificateChain("leaf"))
                .map(X509Certificate.class::cast)
                .toList();
        key = (PrivateKey) store.getKey("leaf", "secret".toCharArray());
        assertThat(names(chain)).containsExactly("CN=leaf", "CN=middle", "CN=root");
    }

    private void keytool(String arguments) throws Exception {
        String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(
                        (tool + " -genkeypair -keyalg RSA -keysize 2048 -storetype PKCS12 -keystore"
                                        + " all.p12 -storepass secret " + arguments)
                                .split(" "))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(folder.resolve("output")))
                .isZero();
    }

    private static List<String> names(List<X509Certificate> certificates) {
        return certificates.stream()
                .map(certificate -> certificate.getSubjectX500Principal().getName())
                .toList();
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + label
                + "-----\n";
    }

    private String pem(int... order) throws Exception {
        StringBuilder text = new StringBuilder(pem("PRIVATE KEY", key.getEncoded()));
        for (int one : order) {
            text.append(pem("CERTIFICATE", chain.get(one).getEncoded()));
        }
        return text.toString();
    }

    private String jwk(int... order) throws Exception {
        String whole = new RSAKey.Builder((RSAPublicKey) chain.get(0).getPublicKey())
                .privateKey(key)
                .keyID("k1")
                .build()
                .toJSONString();
        StringBuilder certificates = new StringBuilder();
        for (int one : order) {
            certificates
                    .append(certificates.isEmpty() ? "" : ",")
                    .append('"')
                    .append(Base64.getEncoder().encodeToString(chain.get(one).getEncoded()))
                    .append('"');
        }
        return order.length == 0 ? whole : whole.replaceFirst("\\{", "{\"x5c\":[" + certificates + "],");
    }

    private static SigningKey read(KeySource source) {
        return SigningKey.read(source, null, SignatureAlgorithm.PS256);
    }

    private static SigningKey read(String text) {
        return read(KeySource.of(Secret.of(text)));
    }

    private static String text(byte[] content) {
        return Objects.requireNonNull(CredentialText.of(content));
    }

    @Test
    void theCertificateThatFitsTheKeyComesFirstAndItsChainInOrder() throws Exception {
        for (int[] order : List.of(new int[] {2, 1, 0}, new int[] {1, 0, 2}, new int[] {0, 1, 2})) {
            assertThat(names(read(pem(order)).certificates())).containsExactly("CN=leaf", "CN=middle", "CN=root");
            assertThat(names(read(jwk(order)).certificates())).containsExactly("CN=leaf", "CN=middle", "CN=root");
        }
        assertThat(names(read(pem(2, 0)).certificates())).containsExactly("CN=leaf");
        String beside = pem(2, 1, 0);
        assertThat(names(read(new KeySource(Secret.of(pem()), beside, null, null, "k1"))
                        .certificates()))
                .containsExactly("CN=leaf", "CN=middle", "CN=root");
        assertThatThrownBy(() -> read(pem(2, 1))).hasMessageStartingWith("is not the key of its certificate");
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void aStoreWithoutPasswordGivesKeyAndCertificates(boolean empty) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("one", key, new char[0], chain.toArray(new Certificate[0]));
        var content = new ByteArrayOutputStream();
        store.store(content, new char[0]);
        Path file = Files.write(folder.resolve("nopass.p12"), content.toByteArray());

        SigningKey read = read(new KeySource(
                null, null, null, new KeySource.Store(null, file, empty ? Secret.of("") : null, null), null));

        assertThat(names(read.certificates())).containsExactly("CN=leaf", "CN=middle", "CN=root");
    }

    @Test
    void textAroundThePemBlocksMayBeInAnyEncoding() throws Exception {
        byte[] content = ("Bag Attributes\n  friendlyName: nøkkel\n" + pem(0)).getBytes(StandardCharsets.ISO_8859_1);

        assertThat(read(text(content)).certificates()).hasSize(1);
    }

    @Test
    void utf16IsReadWithAMarkAndWithout() throws Exception {
        for (String written : List.of(pem(0), jwk())) {
            for (String mark : List.of("\ufeff", "")) {
                assertThat(read(text((mark + written).getBytes(StandardCharsets.UTF_16LE))))
                        .isNotNull();
                assertThat(read(text((mark + written).getBytes(StandardCharsets.UTF_16BE))))
                        .isNotNull();
            }
            assertThat(text(("\ufeff" + written).getBytes(StandardCharsets.UTF_8)))
                    .isEqualTo(written);
        }
    }

    @Test
    void derIsReadAsPemIs() throws Exception {
        assertThat(read(text(key.getEncoded())).thumbprint())
                .isEqualTo(read(pem()).thumbprint());
        assertThat(Pem.certificates(Pem.blocks(text(chain.get(0).getEncoded()))))
                .containsExactly(chain.get(0));
        assertThat(CredentialText.of(Files.readAllBytes(folder.resolve("all.p12"))))
                .isNull();
    }

    @Test
    void aKeyInBase64OrInAJsonTextIsTheSameKey() throws Exception {
        for (String written : List.of(
                Base64.getEncoder().encodeToString(jwk().getBytes(StandardCharsets.UTF_8)),
                Base64.getMimeEncoder().encodeToString(pem().getBytes(StandardCharsets.UTF_8)),
                Base64.getEncoder().encodeToString(key.getEncoded()),
                '"' + jwk().replace("\"", "\\\"") + '"',
                "\ufeff" + jwk().replace(",", ",\r\n"))) {
            assertThat(read(written).thumbprint()).isEqualTo(read(jwk()).thumbprint());
        }
    }

    @ParameterizedTest
    @CsvSource({"privateJwk", "PrivateJwk", "private_jwk", "jwk"})
    void theFileOfSelvbetjeningIsTakenWithItsKeyAsTextOrAsObject(String name) throws Exception {
        String about =
                "{\"authority\":\"https://sts.example.no\",\"clientId\":\"c1\",\"scopes\":[\"a\",\"b\"],\"rsaPrivateKey\":null,";
        String asText = about + "\"" + name + "\":\"" + jwk().replace("\"", "\\\"") + "\"}";

        for (String written : List.of(asText, about + "\"" + name + "\":" + jwk() + "}")) {
            ClientFile file = Objects.requireNonNull(ClientFile.of(written));

            assertThat(read(written).keyId()).isEqualTo("k1");
            assertThat(file.authority()).isEqualTo("https://sts.example.no");
            assertThat(file.clientId()).isEqualTo("c1");
            assertThat(file.scopes()).containsExactly("a", "b");
            assertThat(file).hasToString("ClientFile(***)");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    kid     | 42            | has 'kid' as a number
                    kid     | true          | has 'kid' as true or false
                    kid     | ""            | has an empty 'kid'
                    alg     | ["PS256"]     | has 'alg' as an array
                    use     | "enc"         | has use 'enc': it is not for signatures
                    key_ops | ["connect"]   | has 'key_ops' without "sign"
                    key_ops | "sign"        | has 'key_ops' that is no array
                    kty     | null          | has no member 'kty'
                    kty     | "rsa"         | has kty 'rsa': an RSA or EC key is needed, in capital letters
                    kty     | "OKP"         | has kty 'OKP'
                    kty     | "EC"          | has no member 'crv'
                    n       | null          | has no member 'n'
                    n       | 5             | has 'n' as a number
                    n       | "?"           | has 'n' that is not base64url
                    n       | "AQAB"        | the key's numbers do not fit together
                    e       | ""            | has an empty 'e'
                    d       | null          | is a public key
                    q       | null          | has no member 'q': p, q, dp, dq and qi are there all or none
                    oth     | [{}]          | has more than two primes
                    x5c     | "MII"         | has 'x5c' that is no array
                    x5c     | ["-----"]     | has a certificate in 'x5c' that is no base64 of DER
                    x5c     | ["AQAB"]      | has a certificate that cannot be read
                    """)
    void eachFaultOfAJwkHasItsReason(String name, String value, String reason) throws Exception {
        String whole = jwk();
        String without = whole.replaceFirst("\"" + name + "\":\"[^\"]*\",?", "").replace(",}", "}");
        String faulty = without.replaceFirst("\\{", "{\"" + name + "\":" + value + ",");

        assertThatThrownBy(() -> read(faulty))
                .isInstanceOf(UnusableCredential.class)
                .hasMessageContaining(reason)
                .hasMessageNotContaining(whole.substring(20, 60));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
                    nbf       | "soon"
                    x5t       | 5
                    key_ops   | ["sign","connect"]
                    ext       | true
                    x5u       | "no address"
                    """)
    void aMemberThatSaysNothingOfTheKeyIsLeftAside(String name, @Nullable String value) throws Exception {
        assertThat(read(jwk().replaceFirst("\\{", "{\"" + name + "\":" + value + ","))
                        .keyId())
                .isEqualTo("k1");
    }

    @Test
    void aJwkWhoseQuotesAShellHasTakenSaysSo() {
        assertThatThrownBy(() -> read("{kty:RSA,n:abc,d:abc}")).hasMessageContaining("its quotes are lost");
    }
}
