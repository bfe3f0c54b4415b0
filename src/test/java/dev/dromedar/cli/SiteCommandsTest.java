package dev.dromedar.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.dromedar.cli.Terminal.Said;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code init} and {@code add api}: a site from nothing, and one more API. */
class SiteCommandsTest {
    private final Path folder;
    private final Terminal terminal;

    SiteCommandsTest(@TempDir Path folder) {
        this.folder = folder;
        this.terminal = new Terminal(folder);
    }

    private void properties(String text) throws IOException {
        Files.writeString(folder.resolve("application.properties"), text, StandardCharsets.ISO_8859_1);
    }

    private String properties() throws IOException {
        return Files.readString(folder.resolve("application.properties"), StandardCharsets.ISO_8859_1);
    }

    /** As HelseID Selvbetjening writes it. */
    private String clientFile(Map<String, Object> more) throws Exception {
        String jwk = new RSAKeyGenerator(2048).keyID("k1").generate().toJSONString();
        Map<String, Object> members = new TreeMap<>(Map.of(
                "clientName", "Pasientjournal",
                "authority", "https://helseid-sts.test.nhn.no",
                "clientId", "4a632e2e-0466-4e5a-a094-0455c6105f57",
                "grantTypes", List.of("client_credentials"),
                "scopes", List.of("example:patients/read", "example:patients/write"),
                "secretType", "privateJwk:RsaPrivateKeyJwtSecret",
                "privateJwk", jwk));
        members.putAll(more);
        Files.writeString(folder.resolve("client.json"), new ObjectMapper().writeValueAsString(members));
        return jwk;
    }

    @Test
    void aNewSiteIsWithoutFault() throws Exception {
        Said made = terminal.run("init", "my site");
        var site = new Terminal(folder.resolve("my site"));

        assertThat(made.status()).as(made.out()).isZero();
        assertThat(site.run("routes").out()).contains("orders", "every 10s", "1 route in 1 file.");
        assertThat(site.run("validate").status()).isZero();
        assertThat(site.run("test").out()).contains("2 tests, all passed.");
        assertThat(site.run("call", "orders", "/orders").out()).contains("HTTP 200");
        assertThat(Files.readString(folder.resolve("my site/.gitignore"))).contains("secrets/\n", "data/\n");
    }

    @Test
    void theReadmesCommandsMakeASite() throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        int start = readme.indexOf("run init my-site");
        List<List<String>> lines = readme.substring(start, readme.indexOf("```", start))
                .replace("\\\n", "")
                .replaceFirst(" && cd my-site", "")
                .lines()
                .map(line -> List.of(line.replaceFirst(" +#.*", "").strip().split(" +")))
                .toList();
        assertThat(lines).extracting(line -> line.get(0)).containsOnly("run");
        assertThat(run(terminal, lines.get(0)).status()).isZero();
        var site = new Terminal(folder.resolve("my-site"));

        assertThat(run(site, lines.get(1)).out()).contains("{{env:PARCELS_CLIENT_SECRET}}");
        assertThat(run(site, lines.get(2)).out()).contains("dromedar.api.parcels.client-secret: missing.");
        assertThat(run(site, lines.get(3)).out()).contains("2 tests, all passed.");
        assertThat(lines.get(4)).containsExactly("run");
    }

    private static Said run(Terminal terminal, List<String> line) {
        return terminal.run(line.subList(1, line.size()).toArray(new String[0]));
    }

    @ParameterizedTest
    @ValueSource(strings = {"application.properties", "routes/orders.yaml", ".gitignore"})
    void overwritesNothing(String file) throws Exception {
        Files.createDirectories(folder.resolve("routes"));
        Files.createSymbolicLink(folder.resolve(file), Path.of("/nowhere/at/all"));

        Said said = terminal.run("init");

        assertThat(said.status()).isEqualTo(1);
        assertThat(said.out()).startsWith("There is " + file + " in ").contains("Nothing was written.");
        try (var files = Files.walk(folder)) {
            assertThat(files.filter(each -> !Files.isDirectory(each))).containsExactly(folder.resolve(file));
        }
    }

    @Test
    void addsAnApiFromAClientFileAndKeepsWhatIsThere() throws Exception {
        properties("# grønn\nother = {{x}}\\\n  y");
        String jwk = clientFile(Map.of());

        Said said = terminal.run(
                "add", "api", "patients", "--from", "client.json", "--base-address=https://api.example.no/p");

        assertThat(said.status()).as(said.out()).isZero();
        assertThat(properties()).isEqualTo("""
                # grønn
                other = {{x}}\\
                  y

                dromedar.api.patients.profile      = helseid
                dromedar.api.patients.base-address = https://api.example.no/p
                dromedar.api.patients.authority    = https://helseid-sts.test.nhn.no
                dromedar.api.patients.client-id    = 4a632e2e-0466-4e5a-a094-0455c6105f57
                dromedar.api.patients.scope        = example:patients/read example:patients/write
                dromedar.api.patients.private-key  = {{secretfile:secrets/patients.jwk.json}}
                """);
        Path key = folder.resolve("secrets/patients.jwk.json");
        assertThat(Files.readString(key).strip()).isEqualTo(jwk);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        assertThat(said.out())
                .contains("secrets/patients.jwk.json, readable by you alone", "delete that file")
                .doesNotContain("Before the worker can start", "\"d\"");
    }

    @Test
    void recordsWhatItChangesOnASiteWithAnAuditFile() throws Exception {
        properties("dromedar.audit = file:" + folder.resolve("audit.jsonl") + "\n");

        terminal.run("add", "api", "patients", "--profile=oauth2");
        terminal.run("keys", "make", folder.resolve("new.jwk.json").toString(), "--algorithm=ES256");

        assertThat(Files.readAllLines(folder.resolve("audit-commands.jsonl")))
                .satisfiesExactly(
                        begun -> assertThat(begun).contains("\"act\":\"add api\",\"on\":\"patients\""),
                        added -> assertThat(added).contains("\"act\":\"add api\"", "\"outcome\":\"done\""),
                        begun -> assertThat(begun).contains("\"act\":\"keys make\"", "new.jwk.json"),
                        made -> assertThat(made).contains("\"act\":\"keys make\"", "\"outcome\":\"done\""));
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        properties("");

        Said said = terminal.run("add", "api", "orders", "--profile=duende", "--scope=b", "--scope=a");

        assertThat(said.status()).isZero();
        assertThat(properties()).isEqualTo("dromedar.api.orders.profile = duende\ndromedar.api.orders.scope   = b a\n");
        assertThat(said.out())
                .contains(
                        "dromedar.api.orders.base-address: missing.",
                        "dromedar.api.orders.authority: missing.",
                        "dromedar.api.orders.client-id: missing.",
                        "dromedar.api.orders.client-secret: missing.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            add api Orders                             | 2 | NAME: 'Orders' must be lower-case letters
            add api ../x                               | 2 | NAME: '../x' must be
            add api there --profile=duende             | 2 | There is an API 'there' already.
            add api orders --profile=duend             | 2 | Did you mean 'duende'?
            add api orders --base-address=http://a.b   | 1 | must use https
            add api orders --authority=x               | 1 | dromedar.api.orders.authority: 'x'
            add api orders --from=none.json            | 2 | the file 'none.json' cannot be read
            add api orders --from=odd.json             | 2 | 'odd.json' is no client file.
            add api orders --form=x                    | 2 | Unknown option '--form'. Did you mean '--from'?
            add ap orders                              | 2 | Unknown command 'ap'. Did you mean 'api'?
            add                                        | 2 | 'add' needs a command.
            """)
    void refusesAndChangesNothing(String line, int status, String words) throws Exception {
        properties("dromedar.api.there.scope = x\n");
        Files.writeString(folder.resolve("odd.json"), "{\"clientId\":\"x\"}");

        Said said = terminal.run(line.split(" "));

        assertThat(said.out() + said.err()).contains(words).doesNotContain("\tat ");
        assertThat(said.status()).isEqualTo(status);
        assertThat(properties()).isEqualTo("dromedar.api.there.scope = x\n");
        assertThat(folder.resolve("secrets/orders.jwk.json")).doesNotExist();
    }

    /** The values of a file are data: no line of their own, no other secret. */
    @Test
    void aClientFileWritesNoPropertyOfItsOwn() throws Exception {
        properties("");
        for (String value : List.of("x\ndromedar.tls.ca-file = y", "{{env:HOME}}", "x\u0000y")) {
            clientFile(Map.of("clientId", value));

            Said said = terminal.run("add", "api", "patients", "--from", "client.json");

            assertThat(said.status()).as(value).isEqualTo(2);
            assertThat(properties()).isEmpty();
        }
    }

    @Test
    void overwritesNoKey() throws Exception {
        properties("");
        clientFile(Map.of());
        Files.createDirectories(folder.resolve("secrets"));
        Files.writeString(folder.resolve("secrets/patients.jwk.json"), "mine");

        Said said = terminal.run("add", "api", "patients", "--from", "client.json");

        assertThat(said.out()).contains("secrets/patients.jwk.json already exists");
        assertThat(said.status()).isEqualTo(1);
        assertThat(folder.resolve("secrets/patients.jwk.json")).hasContent("mine");
        assertThat(properties()).isEmpty();
    }
}
