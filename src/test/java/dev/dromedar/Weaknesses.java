package dev.dromedar;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.maven.artifact.versioning.ComparableVersion;

/** Which components of a bill of materials (CycloneDX) have a weakness that the VEX document calls open. */
final class Weaknesses {
    /** What may be on the class path: it cannot be reached, and the document says why. */
    private static final Set<String> HARMLESS = Set.of("not_affected", "false_positive");

    private Weaknesses() {}

    /** A line for each component with an open weakness, or whose harmlessness is not explained. */
    static List<String> open(JsonNode bom, JsonNode vex) {
        List<String> open = new ArrayList<>();
        for (JsonNode component : bom.path("components")) {
            String purl = component.path("purl").asText();
            for (JsonNode weakness : vex.path("vulnerabilities")) {
                if (concerns(weakness, purl) && !isExplained(weakness)) {
                    open.add(purl + ": " + weakness.path("id").asText() + ", "
                            + weakness.path("description").asText()
                            + ". Upgrade it, or say in src/main/supply/vex.json why it cannot be reached.");
                }
            }
        }
        return open;
    }

    private static boolean isExplained(JsonNode weakness) {
        JsonNode analysis = weakness.path("analysis");
        return HARMLESS.contains(analysis.path("state").asText())
                && !analysis.path("justification").asText().isBlank()
                && !analysis.path("detail").asText().isBlank();
    }

    private static boolean concerns(JsonNode weakness, String purl) {
        String name = purl.replaceFirst("@.*", "");
        String version = purl.replaceFirst("^[^@]*@", "").replaceFirst("\\?.*", "");
        for (JsonNode affected : weakness.path("affects")) {
            if (affected.path("ref").asText().equals(name)) {
                for (JsonNode versions : affected.path("versions")) {
                    if (isIn(versions.path("range").asText(), version)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** A range as CycloneDX writes it, such as {@code vers:maven/>=4.0.0|<4.1.138.Final}: every bound holds. */
    private static boolean isIn(String range, String version) {
        String bounds = range.replaceFirst("^vers:maven/", "");
        for (String bound : bounds.split("\\|", -1)) {
            if (!bound.equals("*") && !holds(bound, new ComparableVersion(version))) {
                return false;
            }
        }
        return true;
    }

    private static boolean holds(String bound, ComparableVersion version) {
        int order = version.compareTo(new ComparableVersion(bound.replaceFirst("^[<>=]+", "")));
        return bound.startsWith("<=") && order <= 0
                || bound.startsWith(">=") && order >= 0
                || bound.startsWith("<") && !bound.startsWith("<=") && order < 0
                || bound.startsWith(">") && !bound.startsWith(">=") && order > 0;
    }
}
