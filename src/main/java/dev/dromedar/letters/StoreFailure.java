package dev.dromedar.store;

import org.jspecify.annotations.Nullable;

/** A store cannot do what was asked. The message names the file, table or property key and says what to do. */
public final class StoreFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StoreFailure(String message) {
        this(message, null);
    }

    public StoreFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
