package dev.dromedar.keys;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A key or secret that may change while the worker runs, because the file that it comes from does. {@link #check} reads it
 * again; what it finds is used from then on, if it is usable, and otherwise the one before stays in use. Thread-safe.
 */
public final class Followed<T> {
    private final String name;
    private final String origin;
    private final Object mark;
    private final Supplier<Content<T>> source;
    private volatile T current;
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

    /** What a look at the source has brought. */
    public enum Change {
        NONE,
        /** New content is in use. */
        REPLACED,
        /** The source cannot be used, for a reason that is new: {@link #fault()}. */
        BROKEN,
        /** The source holds again what is in use. */
        MENDED
    }

    private Followed(String name, String origin, T current, Object mark, Supplier<Content<T>> source) {
        this.mark = origin.isEmpty() ? mark : origin;
        this.name = name;
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
     * @param source reads everything again; may throw {@link UnusableCredential} or, with a message for people,
     *     {@link IllegalArgumentException}
     * @throws UnusableCredential if it cannot be used
     */
    public static <T> Followed<T> of(String name, String origin, Supplier<Content<T>> source) {
        Content<T> content = source.get();
        return new Followed<>(name, origin, content.value().get(), content.mark(), source);
    }

    /** One that never changes. */
    public static <T> Followed<T> fixed(T value) {
        return new Followed<>("", "", value, value, () -> new Content<>(value, () -> value));
    }

    /** Equal for two credentials that are the same now and will change together. Never printed. */
    public Object mark() {
        return mark;
    }

    public T current() {
        return current;
    }

    /** The property key that it comes from; empty for one that never changes. */
    public String name() {
        return name;
    }

    /** The file that it comes from, as the property names it; empty if it is from none. */
    public String origin() {
        return origin;
    }

    /** Why what the source holds now is not used, or null if it is. */
    public @Nullable String fault() {
        return fault;
    }

    /**
     * Reads the source again. New content is used when it is seen the second time, so that a file that is just being
     * written, or a key whose certificate is still to come, is not taken for a change. Throws nothing: whatever goes wrong,
     * an {@link Error} of a library or an endless file too, is a fault of this credential alone.
     */
    public synchronized Change check() {
        try {
            Content<T> content = source.get();
            Object mark = content.mark();
            if (mark.equals(used)) {
                seen = used;
                refused = null;
                return mended();
            }
            if (!mark.equals(seen)) {
                seen = mark;
                return Change.NONE;
            }
            if (fault != null && mark.equals(refused)) {
                return Change.NONE;
            }
            refused = mark; // unless it can be used
            current = content.value().get();
            used = mark;
            refused = null;
            fault = null;
            return Change.REPLACED;
        } catch (RuntimeException | Error e) {
            return broken(e);
        }
    }

    private Change mended() {
        boolean news = fault != null;
        fault = null;
        return news ? Change.MENDED : Change.NONE;
    }

    private Change broken(Throwable failure) {
        String words = failure instanceof UnusableCredential || failure instanceof IllegalArgumentException
                ? String.valueOf(failure.getMessage()).replaceFirst("\\.$", "")
                : "cannot be read here (" + failure.getClass().getSimpleName() + ")";
        boolean news = !words.equals(fault);
        fault = words;
        return news ? Change.BROKEN : Change.NONE;
    }

    @Override
    public String toString() {
        return "Followed(" + name + ")";
    }
}
