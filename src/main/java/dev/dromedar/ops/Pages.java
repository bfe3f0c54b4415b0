package dev.dromedar.ops;

import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** What the pages of the management server have in common. */
final class Pages {
    private Pages() {}

    /** Nothing runs or shows but what the page itself holds, by its hash (Content Security Policy Level 3 section 2.3.1). */
    static String policy(String page) {
        return "default-src 'none'; connect-src 'self'; img-src data:; style-src " + hash(page, "style")
                + "; script-src " + hash(page, "script")
                + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    private static String hash(String page, String tag) {
        String opening = "<" + tag + ">";
        int start = page.indexOf(opening) + opening.length();
        byte[] content =
                page.substring(start, page.indexOf("</" + tag + ">", start)).getBytes(StandardCharsets.UTF_8);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    static HttpServerResponse answer(HttpServerResponse response, String type) {
        return response.putHeader("Content-Type", type)
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer");
    }

    static String page(String name) {
        try (InputStream page = Pages.class.getResourceAsStream(name)) {
            if (page == null) {
                throw new IllegalStateException(name + " is missing from the jar");
            }
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(name + " cannot be read from the jar", e);
        }
    }
}
