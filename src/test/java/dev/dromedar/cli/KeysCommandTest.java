package dev.dromedar.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeysCommandTest {
    private final Path folder;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    KeysCommandTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private int run(String... args) {
        var both = new CleanOutput(out, StandardCharsets.UTF_8);
        return new Commands(Folder.current(), both, both)
                .run(Stream.concat(Stream.of("keys"), Stream.of(args)).toList());
    }

    private String said() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({"PS256,2048", "RS384,2048", "ES256,256", "ES512,521"})
    void makesAKeyForItsOwnerOnlyAndPrintsThePublicHalf(String algorithm, int size) throws Exception {
        Path file = folder.resolve("new/key.jwk.json");
        String[] line = {"make", file.toString(), "--algorithm=" + algorithm, "--bits=" + size};

        int status = run(size > 1000 ? line : Arrays.copyOf(line, 3));

        assertThat(status).as(said()).isZero();
        JWK key = JWK.parse(Files.readString(file));
        assertThat(key.size()).isEqualTo(size);
        assertThat(key.getKeyID()).isEqualTo(key.computeThumbprint().toString());
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
        assertThat(said()).contains(key.toPublicJWK().toJSONString()).doesNotContain("\"d\"");
        assertThat(key.getAlgorithm().getName()).isEqualTo(algorithm);
    }

    @Test
    void overwritesNothing() throws Exception {
        Path file = Files.writeString(folder.resolve("key"), "in use");

        int status = run("make", file.toString(), "--algorithm=ES256");

        assertThat(status).isEqualTo(1);
        assertThat(Files.readString(file)).isEqualTo("in use");
        assertThat(said()).contains("already exists and may be in use. Name another file.");
    }

    @Test
    void showsWhatAFileHoldsWithoutThePrivatePart() throws Exception {
        Path file = folder.resolve("key.jwk.json");
        run("make", file.toString(), "--algorithm=ES256");
        String secret = Files.readString(file).replaceAll("(?s).*\"d\":\"([^\"]+)\".*", "$1");
        out.reset();

        int status = run("show", file.toString());

        assertThat(status).isZero();
        assertThat(said())
                .contains("a private key, EC of 256 bits", "kid", "(RFC 7638)")
                .doesNotContain(secret);
    }

    @Test
    void showsPublicKeysAndSetsOfKeys() throws Exception {
        var one = new com.nimbusds.jose.jwk.gen.ECKeyGenerator(com.nimbusds.jose.jwk.Curve.P_256)
                .keyID("one")
                .generate();
        Path single = Files.writeString(
                folder.resolve("public.json"), one.toPublicJWK().toJSONString());
        Path set = Files.writeString(
                folder.resolve("set.json"),
                "{\"keys\":[" + one.toJSONString() + "," + one.toPublicJWK().toJSONString() + "]}");

        Path pem = Files.writeString(
                folder.resolve("public.pem"),
                "-----BEGIN PUBLIC KEY-----\n"
                        + java.util.Base64.getMimeEncoder()
                                .encodeToString(one.toPublicKey().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n");

        assertThat(run("show", pem.toString())).isZero();
        assertThat(run("show", single.toString())).isZero();
        assertThat(run("show", set.toString())).isZero();

        assertThat(said())
                .contains("public.pem: a public key", "public.json: a public key", "set.json: 2 keys", "kid one")
                .contains("private      EC of 256 bits", "public       EC of 256 bits")
                .contains(one.computeThumbprint() + " (RFC 7638)")
                .doesNotContain(one.getD().toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    make                        | 2 | Missing required parameter: 'FILE'.
                    make x --bits               | 2 | Missing required parameter for option '--bits' (BITS).
                    make x --bits=              | 2 | '' is not an int
                    make x --bits=1024          | 2 | --bits: 1024 is not from 2048 to 8192.
                    make x --bits=-4096         | 2 | --bits: -4096 is not from 2048 to 8192.
                    make x --bits=99999999999   | 2 | '99999999999' is not an int
                    make x --bits=2048 --bits=4096 | 2 | should be specified only once
                    make x --algorithm=HS256    | 2 | --algorithm: 'HS256' is not known.
                    make x --algorithm=ES256 --bits=2048 | 2 | is for RSA keys
                    make x --algoritm=PS256     | 2 | Unknown option '--algoritm'. Did you mean '--algorithm'?
                    make x y                    | 2 | Unexpected argument 'y'.
                    make --alias                | 2 | Unknown option '--alias'.
                    make pom.xml/key            | 1 | Check that its folder exists
                    show --alias --password-env=X pom.xml | 2 | Expected parameter for option '--alias'
                    show nowhere                | 1 | There is no file 'nowhere'
                    show pom.xml                | 1 | is not a key that can be read
                    destroy x                   | 2 | Unknown command 'destroy'.
                    """)
    void saysWhatIsWrong(String args, int status, String words) {
        assertThat(run(args.split(" "))).as(said()).isEqualTo(status);
        assertThat(said()).contains(words);
    }
}
