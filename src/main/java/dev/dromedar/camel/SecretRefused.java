package dev.dromedar.camel;

/** A placeholder names a secret and is not one of our settings. An {@link IllegalArgumentException}, as Camel's parser throws. */
final class SecretRefused extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    SecretRefused(String message) {
        super(message);
    }

    /** The refusal that is at the bottom of a failure, or null. */
    static @org.jspecify.annotations.Nullable SecretRefused in(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SecretRefused refused) {
                return refused;
            }
        }
        return null;
    }
}
