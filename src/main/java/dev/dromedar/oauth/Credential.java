package dev.dromedar.oauth;

import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A key or secret that may change while the worker runs, because the file that it comes from does. {@link #check} reads it
 * again; what it finds is used from then on, if it is good. What is not good is told once, and the one before serves on.
 * Thread-safe.
 */
public final class Credential<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Credential.class);

    private final String name;
    private final Supplier<Content<T>> source;
    private volatile T current;
    private volatile @Nullable Instant changedAt;
    private volatile @Nullable String fault;
    private @Nullable Object used;
    private @Nullable Object seen;
    private @Nullable Object refused;

    /**
     * What a source holds now.
     *
     * @param mark equal as long as the content is the same; never printed
     * @param value makes the credential from it
     */
    public record Content<T>(Object mark, Supplier<T> value) {
        @Override
        public String toString() {
            return "Content(***)";
        }
    }

    private final String origin;
    private final Object mark;

    private Credential(String name, String origin, T current, Object mark, Supplier<Content<T>> source) {
        this.name = name;
        this.mark = origin.isEmpty() ? mark : origin;
        this.origin = origin;
        this.current = current;
        this.used = mark;
        this.seen = mark;
        this.source = source;
    }

    /**
     * Reads it for the first time.
     *
     * @param name the property key, for messages
     * @param origin the file it comes from, as the property names it; empty if it is from none. Two credentials that are
     *     equal now are the same only if they will change together
     * @param source reads everything anew; may throw {@link InvalidSettings} or, with a message for people,
     *     {@link IllegalArgumentException}
     * @throws InvalidSettings if it is not good
     */
    public static <T> Credential<T> of(String name, String origin, Supplier<Content<T>> source) {
        Content<T> content = source.get();
        return new Credential<>(name, origin, content.value().get(), content.mark(), source);
    }

    /** One that never changes. */
    public static <T> Credential<T> fixed(T value) {
        return new Credential<>("", "", value, value, () -> new Content<>(value, () -> value));
    }

    public T current() {
        return current;
    }

    /** The property key that it comes from; empty for one that never changes. */
    public String name() {
        return name;
    }

    String origin() {
        return origin;
    }

    /** Equal for two credentials that are the same now and will change together. Never printed. */
    Object mark() {
        return mark;
    }

    /** When it last changed, or null if it is still the one of the start. */
    public @Nullable Instant changedAt() {
        return changedAt;
    }

    /** Why what the source holds now is not used, or null if it is. */
    public @Nullable String fault() {
        return fault;
    }

    /**
     * Reads the source again. New content is used when it is seen the second time, so that a file that is just being
     * written, or a key whose certificate is still to come, is not taken for a change.
     *
     * @return whether there is a new one
     */
    synchronized boolean check(Time time) {
        Content<T> content;
        try {
            content = source.get();
        } catch (RuntimeException e) {
            return refuse(String.valueOf(e.getMessage()), e);
        }
        if (content.mark().equals(used)) {
            if (fault != null) {
                LOG.info("{}: what is there is the one in use again", name);
            }
            fault = null;
            seen = used;
            return false;
        }
        if (!content.mark().equals(seen)) {
            seen = content.mark();
            return false;
        }
        if (fault != null && content.mark().equals(refused)) {
            return false;
        }
        try {
            current = content.value().get();
        } catch (RuntimeException e) {
            refused = content.mark();
            return refuse(String.valueOf(e.getMessage()), e);
        }
        used = content.mark();
        refused = null;
        fault = null;
        changedAt = time.now();
        LOG.info("{}: a new one has been read and is used from now on: {}", name, current);
        return true;
    }

    private boolean refuse(String reason, RuntimeException failure) {
        String words = failure instanceof InvalidSettings || failure instanceof IllegalArgumentException
                ? reason.replaceFirst("\\.$", "")
                : failure.getClass().getSimpleName();
        if (!words.equals(fault)) {
            LOG.warn("{}: {}. What is there now is not used; the one before serves on.", name, words);
        }
        fault = words;
        return false;
    }

    @Override
    public String toString() {
        return "Credential(" + name + ")";
    }
}
