package dev.dromedar.routes;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/** The names of all that this version of Camel has, on board or not, and the artifact of each: as in Camel's catalogue. */
final class CamelNames {
    static final String FILE = "camel-names.properties";

    private static final Properties NAMES = read();

    private CamelNames() {}

    /** What Camel names. */
    enum Kind {
        COMPONENT,
        DATA_FORMAT,
        LANGUAGE;

        String key(String name) {
            return name() + "." + name;
        }
    }

    static boolean has(Kind kind, String name) {
        return NAMES.containsKey(kind.key(name));
    }

    /** Empty if there is none. */
    static String artifact(Kind kind, String name) {
        return NAMES.getProperty(kind.key(name), "");
    }

    static Set<String> of(Kind kind) {
        Set<String> names = new TreeSet<>();
        NAMES.stringPropertyNames().stream()
                .filter(key -> key.startsWith(kind.key("")))
                .forEach(key -> names.add(key.substring(kind.key("").length())));
        return names;
    }

    private static Properties read() {
        var names = new Properties();
        try (InputStream file = Objects.requireNonNull(CamelNames.class.getResourceAsStream(FILE))) {
            names.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }
}
