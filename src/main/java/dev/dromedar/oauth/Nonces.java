package dev.dromedar.oauth;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest DPoP nonce of each origin (RFC 9449 sections 8 and 9). An authority's and an API's are kept in two of these,
 * because neither server takes the other's. Thread-safe; keeps the 64 origins used last.
 */
final class Nonces {
    private static final int ORIGINS = 64;
    private static final int LENGTH = 1024;

    private final Map<String, String> newest = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > ORIGINS;
        }
    };

    @Nullable
    String of(String origin) {
        synchronized (newest) {
            return newest.get(origin);
        }
    }

    /** Remembers the nonce of an answer, whatever its status; an answer without one changes nothing. */
    void learn(String origin, @Nullable String nonce) {
        if (nonce != null && !nonce.isEmpty() && nonce.length() <= LENGTH) {
            synchronized (newest) {
                newest.put(origin, nonce);
            }
        }
    }
}
