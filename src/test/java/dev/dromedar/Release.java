package dev.dromedar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/**
 * Puts into {@code target/release} what is published beside the archive: bill of materials, VEX, evidence, the list of licences, the
 * provenance (in-toto statement, SLSA provenance v1) and the checksums of all; with the profile release also what a Maven
 * repository wants. Runs after {@link Evidence}; see RELEASING.md.
 */
public final class Release {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SOURCE = "dromedar";

    private Release() {}

    /** The arguments are the target folder and the version. */
    public static void main(String[] args) throws Exception {
        Path target = Path.of(args[0]);
        Path archive = target.resolve("dromedar-distribution.zip");
        Path bom = target.resolve("bom.json");
        Path evidence = target.resolve("evidence.json");
        if (!Files.exists(archive) || !Files.exists(bom)) {
            System.out.println("[INFO] Release: nothing was packed");
            return;
        }
        JsonNode proof = JSON.readTree(evidence.toFile());
        String name = "dromedar-" + args[1];
        Path folder = target.resolve("release");
        Files.createDirectories(folder);
        Map<String, Path> sources = new LinkedHashMap<>();
        sources.put(name + ".zip", archive);
        Path jar = target.resolve("dromedar.jar");
        Path sourcesJar = target.resolve("dromedar-sources.jar");
        Path javadocJar = target.resolve("dromedar-javadoc.jar");
        boolean forMaven = Files.exists(sourcesJar) && Files.exists(javadocJar);
        if (forMaven) {
            sources.put(name + ".jar", jar);
            sources.put(name + "-sandbox.jar", target.resolve("lib/dromedar-sandbox.jar"));
            sources.put(name + "-sources.jar", sourcesJar);
            sources.put(name + "-javadoc.jar", javadocJar);
            sources.put(name + ".pom", Path.of("pom.xml"));
        }
        sources.put(name + ".bom.json", bom);
        sources.put(name + ".vex.json", Path.of("src/main/supply/vex.json"));
        sources.put(name + ".evidence.html", target.resolve("evidence.html"));
        sources.put(name + ".evidence.json", evidence);
        for (Map.Entry<String, Path> file : sources.entrySet()) {
            Files.copy(file.getValue(), folder.resolve(file.getKey()), StandardCopyOption.REPLACE_EXISTING);
        }
        Files.writeString(folder.resolve(name + ".licences.txt"), licences(JSON.readTree(bom.toFile())));
        List<String> files = new ArrayList<>(sources.keySet());
        files.add(name + ".licences.txt");
        String command = "mvn -B -ntp " + (forMaven ? "-Prelease " : "") + "clean verify";
        ObjectNode provenance = provenance(folder, files, args[1], command, proof);
        Files.write(
                folder.resolve(name + ".provenance.json"),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(provenance));
        files.add(name + ".provenance.json");
        var sums = new StringBuilder();
        for (String file : new TreeSet<>(files)) {
            sums.append(digest(folder.resolve(file))).append("  ").append(file).append('\n');
        }
        Files.writeString(folder.resolve("SHA256SUMS"), sums.toString());
        System.out.println("[INFO] Release: " + folder
                + (proof.path("complete").asBoolean() ? "" : " (not to be published: the evidence is incomplete)"));
    }

    /** For people: name, version and licence of each library in the archive. */
    static String licences(JsonNode bom) {
        var rows = new TreeSet<String>();
        for (JsonNode component : bom.path("components")) {
            List<String> names = new ArrayList<>();
            component.path("licenses").forEach(one -> {
                JsonNode licence = one.path("license");
                String known = licence.path("id").asText(licence.path("name").asText());
                names.add(known.isEmpty() ? one.path("expression").asText() : known);
            });
            rows.add(String.format(
                    Locale.ROOT,
                    "%-60s %s",
                    component.path("group").asText() + ":"
                            + component.path("name").asText() + " "
                            + component.path("version").asText(),
                    names.isEmpty() ? "not stated by its POM" : String.join(" or ", names)));
        }
        return "Dromedar is under the Apache License 2.0. The archive has these libraries, with the licences that they name:\n\n"
                + String.join("\n", rows) + "\n";
    }

    /** By slsa.dev/spec/v1.0/provenance, as the build knows it: who builds adds the builder's id, and signs. */
    static ObjectNode provenance(Path folder, List<String> files, String version, String command, JsonNode proof)
            throws IOException {
        ObjectNode statement = JSON.createObjectNode();
        statement.put("_type", "https://in-toto.io/Statement/v1");
        for (String file : files) {
            ObjectNode subject = statement.withArray("subject").addObject().put("name", file);
            subject.putObject("digest").put("sha256", digest(folder.resolve(file)));
        }
        statement.put("predicateType", "https://slsa.dev/provenance/v1");
        ObjectNode definition = statement.putObject("predicate").putObject("buildDefinition");
        definition.put("buildType", "https://maven.apache.org/#verify");
        definition.putObject("externalParameters").put("command", command).put("version", version);
        definition
                .putObject("internalParameters")
                .put("jdk", proof.path("jdk").asText())
                .put("outputTimestamp", proof.path("date").asText());
        ObjectNode source =
                definition.putArray("resolvedDependencies").addObject().put("name", SOURCE);
        source.putObject("digest").put("gitCommit", proof.path("commit").asText());
        ObjectNode details = statement.withObject("/predicate").putObject("runDetails");
        String builder = System.getenv("BUILDER_ID");
        details.putObject("builder").put("id", builder == null ? "local" : builder);
        return statement;
    }

    private static String digest(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
