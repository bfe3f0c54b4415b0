package dev.dromedar.sandbox;

import java.nio.file.Path;
import java.util.Map;

/** A sandbox's APIs as the {@code application.properties} of a worker; keys and secrets go into files of their own. */
public final class SettingsFile {
    private SettingsFile() {}

    /** The text of the file; writes the files that it names into the sandbox's folder. */
    public static String of(Sandbox sandbox) {
        var text = new StringBuilder("# The sandbox's APIs, for application.properties\n");
        if (sandbox.https()) {
            text.append("dromedar.tls.ca-file = ")
                    .append(slashes(sandbox.caFile()))
                    .append("\n");
        }
        for (ProtectedApi api : sandbox.apis()) {
            text.append('\n');
            Map<String, String> settings = sandbox.settings(api);
            boolean helseid = "helseid".equals(settings.get("profile"));
            settings.forEach((key, value) -> {
                boolean usual = key.equals("dpop") && Boolean.parseBoolean(value) == helseid;
                if (!usual) {
                    text.append("dromedar.api.")
                            .append(api.name())
                            .append('.')
                            .append(key)
                            .append(" = ");
                    text.append(shown(sandbox, api, key, value)).append('\n');
                }
            });
        }
        return text.append('\n').toString();
    }

    private static String shown(Sandbox sandbox, ProtectedApi api, String key, String value) {
        return switch (key) {
            case "private-key" -> secretFile(sandbox.write(api.name() + ".jwk.json", value));
            case "tls-private-key" -> secretFile(sandbox.write(api.name() + ".key.pem", value));
            case "certificate", "tls-certificate" -> secretFile(sandbox.write(api.name() + ".crt.pem", value));
            case "client-secret" -> secretFile(sandbox.write(api.name() + ".secret", value));
            default -> value;
        };
    }

    private static String secretFile(Path file) {
        return "{{secretfile:" + slashes(file) + "}}";
    }

    /** A backslash would be an escape in a properties file. */
    private static String slashes(Path file) {
        return file.toString().replace('\\', '/');
    }
}
