package dev.dromedar.oauth;

import java.util.List;

/** The configuration, or what a route asked for, cannot work. Holds every fault found, one sentence each. */
@PublicApi
public final class InvalidSettings extends OAuthException {
    private static final long serialVersionUID = 1;

    private final List<String> faults;

    public InvalidSettings(List<String> faults) {
        super(String.join(System.lineSeparator(), faults), null);
        this.faults = List.copyOf(faults);
    }

    public InvalidSettings(String fault) {
        this(List.of(fault));
    }

    public List<String> faults() {
        return faults;
    }

    @Override
    InvalidSettings reworded(String message) {
        return new InvalidSettings(message);
    }
}
