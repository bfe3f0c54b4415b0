package dev.dromedar.camel;

import org.apache.camel.component.properties.DefaultPropertiesFunctionResolver;
import org.apache.camel.spi.PropertiesFunction;
import org.jspecify.annotations.Nullable;

/** Camel's functions of a context, asked through {@link GuardedProperties}. Thread-safe. */
final class GuardedFunctions extends DefaultPropertiesFunctionResolver {
    private final GuardedProperties guard;

    GuardedFunctions(GuardedProperties guard) {
        this.guard = guard;
    }

    @Nullable
    PropertiesFunction unguarded(String name) {
        return super.resolvePropertiesFunction(name);
    }

    @Override
    public @Nullable PropertiesFunction resolvePropertiesFunction(String name) {
        PropertiesFunction function = super.resolvePropertiesFunction(name);
        return function == null ? null : new Guarded(guard, function);
    }

    private record Guarded(GuardedProperties guard, PropertiesFunction function) implements PropertiesFunction {
        @Override
        public String getName() {
            return function.getName();
        }

        @Override
        public String apply(String remainder) {
            guard.check(function.getName(), remainder);
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
