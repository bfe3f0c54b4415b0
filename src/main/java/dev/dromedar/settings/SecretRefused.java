package dev.dromedar.settings;

/** A placeholder names a secret and is not one of our settings. An {@link IllegalArgumentException}, as Camel's parser throws. */
public final class SecretRefused extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public SecretRefused(String message) {
        super(message);
    }

    /**
     * The refusal of one placeholder.
     *
     * @param name its name
     */
    public static SecretRefused of(String name) {
        String shown = name.replaceAll("[^A-Za-z0-9._:/?-]", "?");
        return new SecretRefused("{{" + (shown.length() > 100 ? shown.substring(0, 100) + "..." : shown)
                + "}} holds a secret, which routes and messages cannot read. Remove it: the worker itself adds an API's"
                + " credentials to each call. A password of another component goes into its camel.* key.");
    }

    /** The refusal that is at the bottom of a failure, or null. */
    public static @org.jspecify.annotations.Nullable SecretRefused in(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SecretRefused refused) {
                return refused;
            }
        }
        return null;
    }
}
