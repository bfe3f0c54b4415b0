package dev.dromedar.camel;

import java.util.function.BiConsumer;
import org.apache.camel.component.properties.DefaultPropertiesFunctionResolver;
import org.apache.camel.spi.PropertiesFunction;
import org.jspecify.annotations.Nullable;

/** Camel's functions of a context, each use of which is checked first: by its name, and what it is to look up. Thread-safe. */
final class GuardedFunctions extends DefaultPropertiesFunctionResolver {
    private final BiConsumer<String, String> check;

    GuardedFunctions(BiConsumer<String, String> check) {
        this.check = check;
    }

    @Nullable
    PropertiesFunction unguarded(String name) {
        return super.resolvePropertiesFunction(name);
    }

    @Override
    public @Nullable PropertiesFunction resolvePropertiesFunction(String name) {
        PropertiesFunction function = super.resolvePropertiesFunction(name);
        return function == null ? null : new Guarded(check, function);
    }

    private record Guarded(BiConsumer<String, String> check, PropertiesFunction function)
            implements PropertiesFunction {
        @Override
        public String getName() {
            return function.getName();
        }

        @Override
        public String apply(String remainder) {
            check.accept(function.getName(), remainder);
            return function.apply(remainder);
        }

        @Override
        public boolean lookupFirst(String remainder) {
            return function.lookupFirst(remainder);
        }

        @Override
        public boolean optional(String remainder) {
            return function.optional(remainder);
        }
    }
}
