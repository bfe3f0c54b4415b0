package dev.dromedar.letters;

import org.jspecify.annotations.Nullable;

/** A store cannot do what was asked. The message names the file, table or property key and says what to do. */
public final class StoreFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean damage;

    public StoreFailure(String message) {
        this(message, null);
    }

    public StoreFailure(String message, @Nullable Throwable cause) {
        this(message, cause, false);
    }

    private StoreFailure(String message, @Nullable Throwable cause, boolean damage) {
        super(message, cause);
        this.damage = damage;
    }

    /** Of a store that is damaged: what cannot be read now may be lost, and does not come back by itself. */
    static StoreFailure damaged(String message) {
        return new StoreFailure(message, null, true);
    }

    boolean isDamage() {
        return damage;
    }
}
