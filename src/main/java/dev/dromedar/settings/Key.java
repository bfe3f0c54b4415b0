package dev.dromedar.settings;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A property, declared once: reading, the message for an unknown key, the tables of the READMEs, the metadata for editors and
 * masking all come from here. Immutable.
 *
 * @param name after {@code dromedar.} or {@code dromedar.api.<name>.}; ends with {@code .NAME} where any name may follow
 * @param type what a value looks like
 * @param otherwise the value without the property, as a person would write it or in words; null for none
 * @param document one sentence or two: what it does, for README and editors
 * @param page the README that has it in its table
 * @param since the first version that has it
 */
public record Key(String name, Type type, @Nullable String otherwise, String document, Page page, String since) {
    private static final String ANY_NAME = ".NAME";

    /** A README with a table of properties. */
    public enum Page {
        MAIN("README.md"),
        AUTHORITIES("README-authorities.md"),
        CLUSTER("README-cluster.md"),
        OPERATIONS("README-operations.md");

        private final String file;

        Page(String file) {
            this.file = file;
        }

        public String file() {
            return file;
        }
    }

    /** What a value looks like. */
    public sealed interface Type {
        /** Any text of one line. */
        record Text() implements Type {}

        /** Never shown; best given by reference. */
        record Secret() implements Type {}

        /** Words separated by spaces. */
        record Words() implements Type {}

        /** An absolute URI with a host. */
        record Address() implements Type {}

        /** A path; a relative one starts at the folder that the worker runs in. */
        record Location() implements Type {}

        /** {@code true} or {@code false}. */
        record Flag() implements Type {}

        /** A whole number between two others, both included. */
        record Count(int least, int most) implements Type {}

        /** A number of bytes between two others, such as {@code 64KB} or {@code 1GB}. */
        record Size(long least, long most) implements Type {}

        /** A duration between two others, both included. */
        record Time(Duration least, Duration most) implements Type {}

        /** One of some words. */
        record Choice(List<String> values) implements Type {
            public Choice {
                values = List.copyOf(values);
            }
        }

        static Type text() {
            return new Text();
        }

        static Type secret() {
            return new Secret();
        }

        static Type words() {
            return new Words();
        }

        static Type flag() {
            return new Flag();
        }

        static Type file() {
            return new Location();
        }

        static Type choice(String... values) {
            return new Choice(List.of(values));
        }

        /** Both ends as {@code 100ms}, {@code 20s}, {@code 5m}, {@code 1h} or {@code 1d}. */
        static Type time(String least, String most) {
            return new Time(Durations.parse(least), Durations.parse(most));
        }

        static Duration duration(String text) {
            return Durations.parse(text);
        }
    }

    boolean isSecret() {
        return type instanceof Type.Secret;
    }

    /** Whether any name may follow, as in {@code claim.NAME}. */
    boolean isOpen() {
        return name.endsWith(ANY_NAME);
    }

    /** The name, or where any may follow what comes before it, with the dot. */
    String beginning() {
        return isOpen() ? name.substring(0, name.length() - ANY_NAME.length() + 1) : name;
    }

    /** Whether this is the declaration of that key. */
    boolean declares(String key) {
        return isOpen()
                ? key.startsWith(beginning()) && key.length() > beginning().length()
                : key.equals(name);
    }

    /** The default as a number; for a key of that type. */
    int defaultCount() {
        return Integer.parseInt(String.valueOf(otherwise));
    }

    @Override
    public String toString() {
        return name;
    }
}
