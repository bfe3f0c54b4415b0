package dev.dromedar.oauth;

import dev.dromedar.keys.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once a day at the keys that the authority has registered for each client with {@code key-registry}, and replaces one that
 * expires within {@code key-rotation}. A look that failed is repeated after an hour. Thread-safe.
 */
final class KeyWatch {
    private static final Logger LOG = LoggerFactory.getLogger(KeyWatch.class);
    private static final Duration EVERY = Duration.ofDays(1);
    private static final Duration AGAIN = Duration.ofHours(1);

    private final Executor executor;
    private final Time time;
    private final Function<ApiClient, KeyRegistry> registries;
    private final BiFunction<ApiClient, Consumer<String>, KeyRotation> rotations;
    private final Map<String, Instant> due = new ConcurrentHashMap<>();
    private volatile BooleanSupplier alone = () -> true;

    KeyWatch(
            Executor executor,
            Time time,
            Function<ApiClient, KeyRegistry> registries,
            BiFunction<ApiClient, Consumer<String>, KeyRotation> rotations) {
        this.executor = executor;
        this.time = time;
        this.registries = registries;
        this.rotations = rotations;
    }

    /** @param may whether this process may rotate keys now; of a cluster's nodes one at a time may */
    void rotateIf(BooleanSupplier may) {
        alone = may;
    }

    /** Begins the looks that are due, on other threads. */
    void look(Collection<ApiClient> apis) {
        for (ApiClient api : apis) {
            Instant at = due.get(api.name());
            if (api.settings().client().keyLife().registry() != null
                    && (at == null || !time.now().isBefore(at))) {
                due.put(api.name(), time.now().plus(AGAIN));
                try {
                    executor.execute(() -> look(api));
                } catch (RejectedExecutionException e) {
                    return; // this worker is stopping
                }
            }
        }
    }

    private void look(ApiClient api) {
        try {
            SigningKey key = api.settings().client().authentication().key();
            if (key == null) {
                return;
            }
            Instant ends = registries.apply(api).list().stream()
                    .filter(one -> one.is(key.keyId(), key.thumbprint()))
                    .map(KeyRegistry.Registered::ends)
                    .findFirst()
                    .orElse(null);
            api.keyEnds(key, ends);
            if (rotates(api, ends)) {
                rotations.apply(api, api::keyRotation).run(false);
            } else if (ends == null) {
                LOG.warn("{}: the authority's list of registered keys does not have kid {}", api.name(), key.keyId());
            }
            due.put(api.name(), time.now().plus(rotates(api, ends) ? AGAIN : EVERY));
        } catch (OAuthException e) {
            LOG.warn("{}: {} Next attempt in an hour.", api.name(), e.getMessage());
        } catch (IOException e) {
            LOG.warn(
                    "{}: its key cannot be rotated: the disk refused ({}). Next attempt in an hour.",
                    api.name(),
                    e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // this worker is stopping; it goes on at the next start
        } catch (RuntimeException e) {
            LOG.error("{}: the look at its registered keys failed here", api.name(), e);
        }
    }

    private boolean rotates(ApiClient api, @Nullable Instant ends) {
        Duration ahead = api.settings().client().keyLife().ahead();
        Path file = api.settings().client().keyLife().file();
        return ahead != null
                && file != null
                && (Files.exists(new KeyPlace(file).journal())
                        || ends != null && time.now().plus(ahead).isAfter(ends))
                && alone.getAsBoolean();
    }
}
