package dev.dromedar.oauth;

import dev.dromedar.keys.Followed;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the keys and secrets again that the APIs of this moment use, and informs the token clients of changes. Whatever goes
 * wrong with one does not touch the others, nor the next look. Thread-safe.
 */
final class CredentialWatch {
    private static final Logger LOG = LoggerFactory.getLogger(CredentialWatch.class);

    private final Set<String> failing = ConcurrentHashMap.newKeySet();
    private volatile List<Watched> watched = List.of();
    private volatile List<ApiClient> apis = List.of();

    /**
     * @param named whether an API of this moment has it by its name; otherwise it is from settings that are gone, whose token
     *     client is still used, and the same file has another name now
     */
    private record Watched(Followed<?> credential, boolean named, Set<TokenClient> clients) {}

    /** From now on these, and no others. */
    void watch(Collection<ApiClient> now) {
        IdentityHashMap<Followed<?>, Watched> all = new IdentityHashMap<>();
        List<Watched> ordered = new ArrayList<>();
        for (ApiClient api : now) {
            add(api.settings().credentials(), true, api.tokens(), all, ordered);
        }
        for (ApiClient api : now) {
            add(api.tokens().madeFrom().credentials(), false, api.tokens(), all, ordered);
        }
        apis = List.copyOf(now);
        watched = List.copyOf(ordered);
        failing.clear();
    }

    private static void add(
            List<Followed<?>> credentials,
            boolean named,
            TokenClient client,
            IdentityHashMap<Followed<?>, Watched> all,
            List<Watched> ordered) {
        for (Followed<?> credential : credentials) {
            all.computeIfAbsent(credential, none -> {
                        var added = new Watched(credential, named, new LinkedHashSet<>());
                        ordered.add(added);
                        return added;
                    })
                    .clients()
                    .add(client);
        }
    }

    /** Looks at all of them; says whether one has changed. Throws nothing. */
    boolean check() {
        var changed = new boolean[1];
        for (Watched one : watched) {
            guard(one.credential().name(), () -> changed[0] |= check(one));
        }
        for (ApiClient api : apis) {
            guard(api.name(), api::warnOfEnds);
        }
        return changed[0];
    }

    private static boolean check(Watched one) {
        Followed<?> credential = one.credential();
        Followed.Change change = credential.check();
        if (change == Followed.Change.REPLACED) {
            one.clients().forEach(TokenClient::credentialChanged);
        }
        if (one.named()) {
            log(credential, change);
        }
        return change == Followed.Change.REPLACED;
    }

    private static void log(Followed<?> credential, Followed.Change change) {
        switch (change) {
            case REPLACED ->
                LOG.info("{}: read again, in use from now on: {}", credential.name(), credential.current());
            case BROKEN ->
                LOG.warn(
                        "{}: {}. The new content is not used; the previous one stays in use.",
                        credential.name(),
                        credential.fault());
            case MENDED -> LOG.info("{}: holds again what is in use", credential.name());
            case NONE -> {
                // the usual
            }
        }
    }

    /** A failure here is a fault of this worker's own: reported once, until it is over. */
    private void guard(String name, Runnable look) {
        try {
            look.run();
            failing.remove(name);
        } catch (RuntimeException | Error e) {
            if (failing.add(name)) {
                LOG.error("{}: watching for changes failed here; the next attempt is in a few seconds", name, e);
            }
        }
    }
}
