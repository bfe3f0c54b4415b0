package dev.dromedar.camel;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What a header does, by its name alone. Thread-safe. */
final class HeaderNames {
    /** By these many servers take another method, path or host than the request's. */
    private static final Set<String> OVERRIDES = Set.of(
            "expect",
            "forwarded",
            "x-forwarded-host",
            "x-forwarded-path",
            "x-forwarded-prefix",
            "x-forwarded-server",
            "x-host",
            "x-http-host-override",
            "x-http-method",
            "x-http-method-override",
            "x-method-override",
            "x-original-host",
            "x-original-uri",
            "x-original-url",
            "x-rewrite-url");

    /** Of an answer: what asks for credentials, and what is of its connection alone. */
    private static final Set<String> NOT_SHOWN =
            Set.of("www-authenticate", "content-length", "content-encoding", "transfer-encoding", "connection");

    private static final Set<String> CREDENTIALS = Set.of(
            "authorization",
            "authorisation",
            "authentication",
            "dpop",
            "cookie",
            "token",
            "secret",
            "passw",
            "passord",
            "hemmelig",
            "nøkkel",
            "noekkel",
            "pinkode",
            "credential",
            "assertion",
            "signature",
            "session",
            "sesjon",
            "jwt",
            "bearer",
            "apikey",
            "api-key",
            "api_key",
            "x-access");

    private static final int DIRECTS = 1;
    private static final int CREDENTIAL = 2;
    private static final int HIDDEN = 4;
    /** The names that came first: each call asks for each of its headers, and most names come again and again. */
    private static final Map<String, Integer> KNOWN = new ConcurrentHashMap<>();

    private static final int MOST_KNOWN = 1000;
    private static final int LONGEST_KNOWN = 100;

    private HeaderNames() {}

    /** Whether it says where a call goes, how, or as what. */
    static boolean directs(String name) {
        return (kind(name) & DIRECTS) != 0;
    }

    /** Whether it opens doors. */
    static boolean isCredential(String name) {
        return (kind(name) & CREDENTIAL) != 0;
    }

    static boolean isSpecial(String name) {
        return (kind(name) & (DIRECTS | CREDENTIAL)) != 0;
    }

    /** Whether a route sees it of an answer to {@code api:}. */
    static boolean isShown(String name) {
        return (kind(name) & (HIDDEN | CREDENTIAL)) == 0;
    }

    /** In a time linear in the name's length. */
    private static int kind(String name) {
        Integer known = KNOWN.get(name);
        if (known != null) {
            return known;
        }
        int kind = (looksDirecting(name) ? DIRECTS : 0)
                + (looksLikeCredential(name) ? CREDENTIAL : 0)
                + (NOT_SHOWN.contains(name.toLowerCase(Locale.ROOT)) ? HIDDEN : 0);
        if (name.length() <= LONGEST_KNOWN && KNOWN.size() < MOST_KNOWN) {
            KNOWN.put(name, kind);
        }
        return kind;
    }

    private static boolean looksDirecting(String name) {
        return name.regionMatches(true, 0, "CamelHttp", 0, 9)
                || name.regionMatches(true, 0, "CamelRest", 0, 9)
                || OVERRIDES.contains(name.toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    private static boolean looksLikeCredential(String name) {
        if (name.regionMatches(true, 0, "Camel", 0, 5)) {
            return false;
        }
        String lower = name.toLowerCase(Locale.ROOT);
        for (String word : CREDENTIALS) {
            if (lower.contains(word)) {
                return true;
            }
        }
        return (lower.endsWith("key") || lower.endsWith("-pin")) && !lower.contains("idempotency")
                || lower.startsWith("x-auth")
                || lower.equals("pin")
                || lower.equals("sig")
                || lower.equals("pwd");
    }
}
