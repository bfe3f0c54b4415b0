package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.Profile;
import dev.dromedar.routes.RouteCheck;
import dev.dromedar.routes.RouteFiles;
import dev.dromedar.sandbox.Platform;
import dev.dromedar.settings.KeyNames;
import dev.dromedar.settings.Settings;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every block of the chapter on authorities is one that the worker takes, and the chapter names every key. */
class AuthoritiesReadmeTest {
    private final Path folder;
    private final String text;

    AuthoritiesReadmeTest(@TempDir Path folder) throws Exception {
        this.folder = folder;
        Path own = Path.of("README-authorities.md");
        this.text = Files.readString(Files.exists(own) ? own : Path.of("README.md"));
    }

    private List<String> blocks(String language) {
        List<String> blocks = new ArrayList<>();
        var found =
                Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(text);
        while (found.find()) {
            blocks.add(found.group(1));
        }
        return blocks;
    }

    @Test
    void eachBlockIsReadWithoutAFault() throws Exception {
        makeSecrets();
        Set<String> profiles = new TreeSet<>();

        for (String block : blocks("properties")) {
            var loaded = new Properties();
            loaded.load(new StringReader(block));
            Map<String, String> properties = new LinkedHashMap<>();
            loaded.stringPropertyNames()
                    .forEach(key -> properties.put(
                            key,
                            loaded.getProperty(key)
                                    .replaceFirst("^\\{\\{env:.*}}$", "secret")
                                    .replace("secrets/", folder + "/")));
            if (properties.keySet().stream().noneMatch(key -> key.startsWith("dromedar.api."))) {
                continue;
            }
            List<ApiSettings> apis =
                    Settings.read(properties, Worker.placeholders(properties)).apis();
            apis.forEach(api -> profiles.add(api.authority().profile().name()));
        }

        assertThat(profiles).isEqualTo(Profile.names());
    }

    @Test
    void theRouteIsOne() throws Exception {
        try (var context = new DefaultCamelContext()) {
            var properties = new Properties();
            properties.put("dromedar.api.hosted.base-address", "https://api.example.no/hosted");
            context.getPropertiesComponent().setInitialProperties(properties);
            String route = blocks("yaml").stream()
                    .filter(block -> block.contains("per-clinic"))
                    .findFirst()
                    .orElseThrow();
            Files.writeString(folder.resolve("per-clinic.yaml"), route);

            var report =
                    RouteCheck.check(context, Set.of("hosted"), RouteFiles.find(context, "file:" + folder + "/*.yaml"));

            assertThat(report.faults()).isEmpty();
            assertThat(report.routes()).singleElement().satisfies(found -> assertThat(found.apis())
                    .containsExactly("hosted"));
        }
    }

    @Test
    void everyKeyIsNamed() throws Exception {
        String all = text + Files.readString(Path.of("README.md"));

        assertThat(KeyNames.OF_AN_API).allSatisfy(key -> assertThat(all).contains("`" + key + "`"));
        assertThat(PerMessage.ALL).allSatisfy(name -> assertThat(all).contains("`" + name + "`"));
    }

    private void makeSecrets() throws Exception {
        String jwk = new RSAKeyGenerator(2048).keyID("k").generate().toJSONString();
        for (String name : List.of("patients", "clinic", "hosted", "register", "fhir", "edi", "fiks")) {
            Files.writeString(folder.resolve(name + ".jwk.json"), jwk);
        }
        Files.writeString(
                folder.resolve("platform.jwt"),
                new Platform("https://cluster.example", "worker").assertion("https://sso.example.no", 2_000_000_000));
        Files.writeString(folder.resolve("reports.password"), "secret");
        Files.writeString(folder.resolve("fiks.password"), "secret");
        for (String store : List.of("reports.p12", "hsm.p12")) {
            keytool(
                    "-genkeypair",
                    "-alias",
                    "one",
                    "-dname",
                    "CN=one",
                    "-keyalg",
                    "RSA",
                    "-storetype",
                    "PKCS12",
                    "-storepass",
                    "secret",
                    "-keystore",
                    folder.resolve(store).toString());
        }
        var store = java.security.KeyStore.getInstance(folder.resolve("hsm.p12").toFile(), "secret".toCharArray());
        String certificate = pem("CERTIFICATE", store.getCertificate("one").getEncoded());
        String key =
                pem("PRIVATE KEY", store.getKey("one", "secret".toCharArray()).getEncoded());
        Files.writeString(folder.resolve("stock.crt.pem"), certificate);
        Files.writeString(folder.resolve("partner-ca.pem"), certificate);
        Files.writeString(folder.resolve("stock.key.pem"), key);
        Files.writeString(folder.resolve("other.key.pem"), key);
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + java.util.Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private static void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
