package dev.dromedar.oauth;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The configuration, or what a route asked for, cannot work. Holds every fault found, one sentence each. */
@PublicApi
public final class InvalidSettings extends OAuthException {
    private static final long serialVersionUID = 1;

    private final List<String> faults;
    private final @Nullable String key;

    public InvalidSettings(List<String> faults) {
        super(String.join(System.lineSeparator(), faults), null);
        this.faults = List.copyOf(faults);
        this.key = null;
    }

    /** @param key the property that the fault is about, without {@code dromedar.api.<name>.}; not a part of the message */
    public InvalidSettings(@Nullable String key, String fault) {
        super(fault, null);
        this.faults = List.of(fault);
        this.key = key;
    }

    public InvalidSettings(String fault) {
        this(null, fault);
    }

    public List<String> faults() {
        return faults;
    }

    /** The property of an API that the fault is about, without {@code dromedar.api.<name>.}, or null if it is not known. */
    public @Nullable String key() {
        return key;
    }

    @Override
    InvalidSettings reworded(String message) {
        return new InvalidSettings(key, message);
    }
}
