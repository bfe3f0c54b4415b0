package dev.dromedar.settings;

import java.util.List;
import java.util.regex.Pattern;

/** How our properties are named, and which of anybody's hold a secret. */
public final class KeyNames {
    /** Of all our properties. */
    public static final String PREFIX = "dromedar.";

    /** Of the properties of APIs: the API's name comes next. */
    public static final String API_PREFIX = PREFIX + "api.";

    /** Every key of an API, as after {@code dromedar.api.<name>.}; {@code claim.*}, {@code token-parameter.*}, {@code header.*} and {@code exchange-header.*} besides. */
    public static final List<String> OF_AN_API = ApiKeys.ALL.stream()
            .filter(key -> !key.isOpen())
            .map(Key::name)
            .sorted()
            .toList();

    private static final Pattern SECRET_NAME = Pattern.compile(
            "(?i)secret|passw|passord|passphrase|private.?key|credential|access.?token|api.?key|hemmelig|n(?:ø|oe)kkel|pinkode");

    private KeyNames() {}

    /** Whether a key of ours holds a secret: no other reader gets its value, and no fault quotes it. */
    public static boolean isSecret(String key) {
        return key.startsWith(PREFIX)
                && (isSecretName(key)
                        || key.startsWith(API_PREFIX)
                                && (key.contains(".token-parameter.")
                                        || key.contains(".header.")
                                        || key.contains(".exchange-header.")));
    }

    /** Whether a name, of a property or an environment variable of anybody's, says that it holds a secret. */
    public static boolean isSecretName(String name) {
        String last = name.startsWith(API_PREFIX) ? name.substring(name.indexOf('.', API_PREFIX.length()) + 1) : name;
        return SECRET_NAME.matcher(last).find();
    }
}
