package dev.dromedar.letters;

import org.jspecify.annotations.Nullable;

/** A store cannot do what was asked. The message names the file, table or property key and says what to do. */
public final class StoreFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private enum Kind {
        DAMAGE,
        AWAY,
        OTHER
    }

    private final Kind kind;

    public StoreFailure(String message) {
        this(message, null);
    }

    public StoreFailure(String message, @Nullable Throwable cause) {
        this(message, cause, Kind.OTHER);
    }

    private StoreFailure(String message, @Nullable Throwable cause, Kind kind) {
        super(message, cause);
        this.kind = kind;
    }

    /** Of a database that does not answer: it may do what was asked later. */
    public static StoreFailure away(String message, Throwable cause) {
        return new StoreFailure(message, cause, Kind.AWAY);
    }

    /** Of a store that is damaged: what cannot be read now may be lost, and does not come back by itself. */
    static StoreFailure damaged(String message) {
        return new StoreFailure(message, null, Kind.DAMAGE);
    }

    boolean isDamage() {
        return kind == Kind.DAMAGE;
    }

    boolean isAway() {
        return kind == Kind.AWAY;
    }
}
