package dev.dromedar.keys;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A JSON file that holds a private key in one of its members: the file that HelseID Selvbetjening offers for a client, whose
 * {@code privateJwk} is a text, and its like. Immutable; prints no key.
 *
 * @param key the key as text
 * @param authority the issuer that the file names, or null
 * @param clientId the client that the file names, or null
 * @param scopes those that the file names
 */
public record ClientFile(
        Secret key, @Nullable String authority, @Nullable String clientId, List<String> scopes) {
    private static final Set<String> KEYS = Set.of("privatejwk", "jwk", "privatekey", "rsaprivatekey");

    public ClientFile {
        scopes = List.copyOf(scopes);
    }

    /**
     * The client file that a text is.
     *
     * @return null if the text is no such file
     */
    public static @Nullable ClientFile of(String text) {
        if (!text.startsWith("{")) {
            return null;
        }
        Map<String, Object> members = new TreeMap<>();
        try {
            Json.object(text.getBytes(StandardCharsets.UTF_8)).forEach((name, value) -> {
                if (value != null) {
                    members.put(name.replaceAll("[_-]", "").toLowerCase(Locale.ROOT), value);
                }
            });
        } catch (IOException e) {
            return null;
        }
        if (members.containsKey("kty") || members.containsKey("keys")) {
            return null;
        }
        List<String> keys = members.entrySet().stream()
                .filter(member -> KEYS.contains(member.getKey()))
                .map(member -> member.getValue() instanceof Map<?, ?> jwk
                        ? Json.write(jwk)
                        : String.valueOf(member.getValue()).strip())
                .filter(key -> key.startsWith("{") || key.contains("-----BEGIN"))
                .toList();
        return keys.size() != 1
                ? null
                : new ClientFile(
                        Secret.of(keys.get(0)),
                        text(members.get("authority")),
                        text(members.get("clientid")),
                        words(members.containsKey("scopes") ? members.get("scopes") : members.get("scope")));
    }

    private static @Nullable String text(@Nullable Object value) {
        return value instanceof String text && !text.isBlank() ? text : null;
    }

    private static List<String> words(@Nullable Object value) {
        List<String> words = new ArrayList<>();
        if (value instanceof List<?> list) {
            list.forEach(element -> words.add(String.valueOf(element)));
        } else if (value instanceof String text && !text.isBlank()) {
            words.addAll(List.of(text.strip().split("\\s+")));
        }
        return words;
    }

    @Override
    public String toString() {
        return "ClientFile(***)";
    }
}
