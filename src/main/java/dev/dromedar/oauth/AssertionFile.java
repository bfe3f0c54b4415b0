package dev.dromedar.oauth;

import dev.dromedar.keys.Json;
import dev.dromedar.keys.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client assertion that the platform writes into a file and renews, such as a projected service account token of
 * Kubernetes (RFC 7523 section 2.2). Read anew each time; never shown.
 *
 * @param path a relative one starts at the folder that the worker runs in
 */
public record AssertionFile(Path path) {
    private static final int LARGEST = 16_384;

    /** What is wrong with the file, in words that follow its name. */
    public static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        Unusable(String words) {
            super(words);
        }
    }

    /**
     * What the file holds now.
     *
     * @param compact the assertion
     * @param claims its claims, whose signature the authority checks
     */
    record Content(Secret compact, Map<String, @Nullable Object> claims) {
        /** When it ends, or null if it does not say. */
        @Nullable
        Instant expires() {
            return claims.get("exp") instanceof Number number
                            && number.doubleValue() > 0
                            && number.doubleValue() < 1e11 // in seconds
                    ? Instant.ofEpochSecond(number.longValue())
                    : null;
        }

        @Override
        public String toString() {
            return "Content(***)";
        }
    }

    /**
     * Looks at the file once, as at start.
     *
     * @throws Unusable if it cannot be read or holds no JWT; an expired one is no fault here
     */
    public void check() throws Unusable {
        read();
    }

    /** @throws Unusable if it cannot be read or holds no JWT */
    Content read() throws Unusable {
        byte[] bytes;
        if (Files.exists(path) && !Files.isRegularFile(path)) { // a pipe would never end
            throw new Unusable("is not a file. Name the file that holds the token");
        }
        try (InputStream file = Files.newInputStream(path)) {
            bytes = file.readNBytes(LARGEST + 1);
        } catch (NoSuchFileException e) {
            throw new Unusable("does not exist. Check the path, and that the platform mounts it into this process");
        } catch (IOException | SecurityException e) {
            throw new Unusable("cannot be read. Check that this process's user may read it");
        }
        if (bytes.length > LARGEST) {
            throw new Unusable("holds more than " + LARGEST + " bytes, which is no assertion. Check the path");
        }
        String text = new String(bytes, StandardCharsets.UTF_8).strip();
        if (text.isEmpty()) {
            throw new Unusable("is empty. The platform has not written it yet; check what renews it");
        }
        String[] parts = text.split("\\.", -1);
        try {
            if (parts.length == 3 && ForeignText.isOf(text, LARGEST, "-_.") && !parts[2].isEmpty()) {
                Json.object(Base64.getUrlDecoder().decode(parts[0]));
                return new Content(
                        Secret.of(text), Json.object(Base64.getUrlDecoder().decode(parts[1])));
            }
        } catch (IOException | IllegalArgumentException e) {
            // reported below, without its words
        }
        throw new Unusable("holds no signed JWT. Check the path: a key or a secret has properties of its own");
    }

    /**
     * The assertion of this moment.
     *
     * @throws AuthorityUnavailable if there is none that an authority could accept
     */
    String current(Instant now) {
        try {
            Content content = read();
            Instant expires = content.expires();
            if (expires == null) {
                throw new Unusable("has no expiry (exp), which RFC 7523 section 3 requires");
            }
            if (!now.isBefore(expires)) {
                throw new Unusable("expired " + ago(Duration.between(expires, now))
                        + " ago, and the platform has not renewed it. Check what writes it, and this machine's clock");
            }
            return content.compact().reveal();
        } catch (Unusable e) {
            throw new AuthorityUnavailable(
                    "No token was requested: client-assertion-file '" + path + "' " + e.getMessage() + ".", null);
        }
    }

    private static String ago(Duration time) {
        long seconds = Math.max(1, time.toSeconds());
        return seconds < 120 ? seconds + " s" : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }

    /** Of a claim, for people: texts and lists of texts on one line. */
    static String shown(@Nullable Object claim) {
        return claim == null
                ? "(none)"
                : ForeignText.line(claim instanceof String text ? text : Json.write(claim), 200);
    }
}
