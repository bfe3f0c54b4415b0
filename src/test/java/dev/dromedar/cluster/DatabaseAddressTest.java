package dev.dromedar.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.keys.Secret;
import dev.dromedar.letters.StoreFailure;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("long")
class DatabaseAddressTest {
    private static final String PASSWORD = "not-for-strangers";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path temp;

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificate("right", "-ext", "san=dns:localhost,ip:127.0.0.1");
        certificate("other-host", "-ext", "san=dns:db.example.no");
    }

    private static void certificate(String name, String... more) throws Exception {
        keytool("-genkeypair", name, "-keyalg EC -dname CN=" + name + " -validity 3650", String.join(" ", more));
        keytool("-exportcert", name, "-rfc -file " + temp.resolve(name + ".pem"), "");
    }

    private static void keytool(String command, String name, String options, String more) throws Exception {
        String line = Path.of(System.getProperty("java.home"), "bin", "keytool") + " " + command
                + " -alias x -keystore " + temp.resolve(name + ".p12") + " -storetype PKCS12 -storepass changeit "
                + options + " " + more;
        Process process = new ProcessBuilder(line.strip().split("\\s+"))
                .redirectErrorStream(true)
                .redirectOutput(temp.resolve("keytool.log").toFile())
                .start();
        if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new AssertionError(Files.readString(temp.resolve("keytool.log")));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://db.example.no/dromedar",
                "jdbc:postgresql://db_1.example.no:5433/dromedar?sslmode=verify-full&sslrootcert=secrets/db-ca.pem",
                "jdbc:postgresql://a,b:5433/dromedar?targetServerType=primary",
                "jdbc:postgresql://db.example.no/dromedar?sslmode=require&channelBinding=require",
                "jdbc:postgresql://[2001:db8::1]:5432/dromedar?ApplicationName=x%20y",
                "jdbc:postgresql://localhost/dromedar?sslmode=disable",
                "jdbc:postgresql://127.0.0.1:5432,[::1]/dromedar?sslmode=prefer",
                "jdbc:postgresql:dromedar",
            })
    void addressesThatKeepThePasswordAreTaken(String address) {
        assertThat(DatabaseAddress.of(address)).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://db/d?sslmode=disable, a machine in the middle",
        "jdbc:postgresql://db/d?sslmode=allow, a machine in the middle",
        "jdbc:postgresql://db/d?sslmode=prefer, a machine in the middle",
        "jdbc:postgresql://db/d?sslmode=require, sslrootcert=FILE",
        "jdbc:postgresql://db/d?sslmode=verify-ca, sslrootcert=FILE",
        "jdbc:postgresql://db/d?sslmode=require&channelBinding=prefer, a machine in the middle",
        "jdbc:postgresql://db/d?sslmode=prefer&channelBinding=require, a machine in the middle",
        "jdbc:postgresql://db/d?sslmode=REQUIRE, unknown value",
        "jdbc:postgresql://db/d?sslmode=%72equire, a machine in the middle",
        "jdbc:postgresql://db/d?sslmode=verify-full&sslmode=disable, sets sslmode twice",
        "'jdbc:postgresql://127.0.0.1,db/d?sslmode=disable', a machine in the middle",
        "jdbc:postgresql://127.0.0.1.example.no/d?sslmode=disable, a machine in the middle",
        "jdbc:postgresql://localhost@db/d?sslmode=disable, must have the form",
        "jdbc:postgresql://db/d?sslfactory=org.postgresql.ssl.NonValidatingFactory, sets sslfactory",
        "jdbc:postgresql://db/d?SSLFACTORY=x, sets SSLFACTORY",
        "jdbc:postgresql://db/d?ssl%66actory=x, sets ssl?66actory",
        "jdbc:postgresql://localhost/d?socketFactory=java.io.FileOutputStream&socketFactoryArg=x, 'socketFactory, socketFactoryArg'",
        "jdbc:postgresql://db/d?sslhostnameverifier=x, sets sslhostnameverifier",
        "jdbc:postgresql://db/d?sslpasswordcallback=x, sets sslpasswordcallback",
        "jdbc:postgresql://db/d?authenticationPluginClassName=x, sets authenticationPluginClassName",
        "jdbc:postgresql://db/d?connectExecutor=x, sets connectExecutor",
        "jdbc:postgresql://db/d?xmlFactoryFactory=x, sets xmlFactoryFactory",
        "jdbc:postgresql://db/d?loggerLevel=TRACE&loggerFile=/tmp/x, 'loggerLevel, loggerFile'",
        "jdbc:postgresql://db/d?gssEncMode=require, sets gssEncMode",
        "jdbc:postgresql://db/d?jaasApplicationName=x, sets jaasApplicationName",
        "jdbc:postgresql://db/d?service=x, sets service",
        "jdbc:postgresql://db/d?PGHOST=evil, sets PGHOST",
        "jdbc:postgresql://db/d?ssl, sets ssl",
        "jdbc:postgresql://db/d?password=x, contains a password",
        "jdbc:postgresql://db/d?PassWord=x, contains a password",
        "jdbc:postgresql://db/d?user=a%2, has a wrong %",
        "jdbc:postgresql://d%62/d, must have the form",
        "jdbc:postgresql://db/d/e, must have the form",
        "jdbc:postgresql://db, must have the form",
        "jdbc:pgsql://db/d, must begin with jdbc:postgresql:",
        "jdbc:h2:mem:x, must begin with jdbc:postgresql:"
    })
    void parametersThatWeakenOrLoadAreRefused(String address, String words) {
        assertThatThrownBy(() -> DatabaseAddress.of(address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(words);
    }

    @Test
    void toAnotherMachineTheServerMustProveWhoItIs() {
        assertThat(DatabaseAddress.of("jdbc:postgresql://db/d").tls())
                .containsOnly(
                        Map.entry("sslmode", "verify-full"),
                        Map.entry("gssEncMode", "disable"),
                        Map.entry("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory"));
        assertThat(DatabaseAddress.of("jdbc:postgresql://db/d?sslrootcert=x").tls())
                .doesNotContainKey("sslfactory");
        assertThat(DatabaseAddress.of("jdbc:postgresql://localhost/d").tls()).isEmpty();
    }

    /** 0.0.0.0 is no loopback address to us, and leads there all the same. */
    @Test
    void aStrangerWithACertificateOfItsOwnGetsNothing() throws Exception {
        try (var server = new Server("right")) {
            assertThatThrownBy(() -> connect("jdbc:postgresql://0.0.0.0:" + server.port() + "/d"))
                    .isInstanceOf(StoreFailure.class)
                    .hasMessageContaining("sslrootcert=FILE")
                    .hasMessageNotContaining(PASSWORD);

            assertThat(server.startups).isEmpty();
        }
    }

    @Test
    void aServerWithoutEncryptionGetsNothing() throws Exception {
        try (var server = new Server(null)) {
            assertThatThrownBy(() -> connect("jdbc:postgresql://0.0.0.0:" + server.port() + "/d"))
                    .isInstanceOf(StoreFailure.class)
                    .hasMessageContaining("must be encrypted");

            assertThat(server.startups).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "right, right, true",
        "right, other-host, false",
        "other-host, other-host, false",
    })
    void onlyTheServerOfTheNamedAuthorityAndHostGetsTheUser(String served, String trusted, boolean reached)
            throws Exception {
        try (var server = new Server(served)) {
            String address = "jdbc:postgresql://localhost:" + server.port() + "/d?sslmode=verify-full&sslrootcert="
                    + temp.resolve(trusted + ".pem");

            assertThatThrownBy(() -> connect(address)).isInstanceOf(StoreFailure.class);

            if (reached) {
                assertThat(server.startups.poll(60, TimeUnit.SECONDS)).contains("user\0worker");
            } else {
                assertThat(server.startups).isEmpty();
            }
        }
    }

    /** Without its certificate in the SCRAM exchange a server gets no proof of the password: here it asks for it in clear. */
    @Test
    void withChannelBindingAPasswordInClearIsNotSent() throws Exception {
        try (var server = new Server("right")) {
            assertThatThrownBy(() -> connect("jdbc:postgresql://localhost:" + server.port()
                            + "/d?sslmode=require&channelBinding=require"))
                    .isInstanceOf(StoreFailure.class)
                    .hasMessageNotContaining(PASSWORD);

            assertThat(server.startups.poll(60, TimeUnit.SECONDS)).contains("user\0worker");
            assertThat(server.answers.poll(60, TimeUnit.SECONDS)).isEmpty();
        }
    }

    private static void connect(String address) {
        var settings = new ClusterSettings(
                address,
                "worker",
                Secret.of(PASSWORD),
                "test",
                "one",
                true,
                Duration.ofSeconds(1),
                true,
                Set.of(),
                4,
                4);
        new Database(settings, Duration.ofMillis(1)).close();
    }

    /** Speaks PostgreSQL's protocol (its documentation, 55.2) up to the request for a password in clear. */
    private static final class Server implements AutoCloseable {
        private final ServerSocket socket;
        private final @Nullable SSLContext tls;
        private final BlockingQueue<String> startups = new LinkedBlockingQueue<>();
        private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

        Server(@Nullable String certificate) throws Exception {
            tls = certificate == null ? null : context(certificate);
            socket = new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
            var thread = new Thread(this::accept, "stand-in");
            thread.setDaemon(true);
            thread.start();
        }

        private static SSLContext context(String name) throws Exception {
            KeyStore keys = KeyStore.getInstance(temp.resolve(name + ".p12").toFile(), "changeit".toCharArray());
            var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, "changeit".toCharArray());
            var context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        }

        int port() {
            return socket.getLocalPort();
        }

        private void accept() {
            while (!socket.isClosed()) {
                try (Socket connection = socket.accept()) {
                    connection.setSoTimeout(30_000);
                    serve(connection);
                } catch (IOException e) {
                    // the client has gone, or the test is over
                }
            }
        }

        private void serve(Socket connection) throws IOException {
            var plain = new DataInputStream(connection.getInputStream());
            byte[] request = message(plain);
            if (tls != null && request.length == 4 && request[0] == 0x04 && request[1] == (byte) 0xd2) {
                connection.getOutputStream().write('S');
                SSLSocket secure = (SSLSocket)
                        tls.getSocketFactory().createSocket(connection, "localhost", connection.getPort(), false);
                secure.setUseClientMode(false);
                secure.startHandshake();
                var in = new DataInputStream(secure.getInputStream());
                startups.add(text(message(in)));
                secure.getOutputStream().write(new byte[] {'R', 0, 0, 0, 8, 0, 0, 0, 3});
                int kind = in.read();
                answers.add(kind == 'p' ? text(message(in)) : "");
            } else {
                connection.getOutputStream().write('N');
                startups.add(text(message(plain)));
            }
        }

        private static byte[] message(DataInputStream in) throws IOException {
            return in.readNBytes(Math.min(in.readInt() - 4, 10_000));
        }

        private static String text(byte[] bytes) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
