package dev.dromedar.sandbox;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Whose calls a client of Maskinporten may make: organisations that have delegated a scope, and system users. Thread-safe. */
public final class Customers {
    private static final String NO_REFERENCE = "";

    private final Set<String> consumers = ConcurrentHashMap.newKeySet();
    private final Map<String, Set<String>> systemUsers = new ConcurrentHashMap<>();
    private volatile String own = "999977774";

    /** The organisation that owns the client. */
    public void own(String organisation) {
        own = organisation;
    }

    /** These have delegated their scope to the client's owner. */
    public void delegating(String... organisations) {
        consumers.addAll(Set.of(organisations));
    }

    /**
     * The organisation has a system user for this client's system.
     *
     * @param reference what the vendor calls it, or null for a system user without one
     */
    public void systemUser(String organisation, @Nullable String reference) {
        systemUsers
                .computeIfAbsent(organisation, none -> ConcurrentHashMap.newKeySet())
                .add(reference == null ? NO_REFERENCE : reference);
    }

    String own() {
        return own;
    }

    boolean hasDelegated(String organisation) {
        return consumers.contains(organisation);
    }

    boolean hasSystemUser(String organisation, @Nullable String reference) {
        return systemUsers.getOrDefault(organisation, Set.of()).contains(reference == null ? NO_REFERENCE : reference);
    }
}
