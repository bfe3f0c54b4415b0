package dev.dromedar.keys;

import java.security.Provider;
import java.security.Signature;
import org.jspecify.annotations.Nullable;

/**
 * Amazon Corretto's crypto provider, when its jar is on the class path: 12 to 33 times the JDK's rate of ES256
 * signatures. It is never required, is used for our signatures alone, and is not registered for the rest of the JVM.
 */
public final class NativeProvider {
    private static final @Nullable Provider FOUND = find();

    private NativeProvider() {}

    /** The provider, or null when the JDK's own do the work. */
    public static @Nullable Provider found() {
        return FOUND;
    }

    /** Name and version of the provider that signs, or null when the JDK's own do. */
    public static @Nullable String description() {
        return FOUND == null ? null : FOUND.getName() + " " + FOUND.getVersionStr();
    }

    private static @Nullable Provider find() {
        try {
            var provider = (Provider) Class.forName("com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider")
                    .getField("INSTANCE")
                    .get(null);
            Signature.getInstance("SHA256withECDSAinP1363Format", provider);
            return provider;
        } catch (ReflectiveOperationException | java.security.GeneralSecurityException | LinkageError e) {
            return null;
        }
    }
}
