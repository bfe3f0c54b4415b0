package dev.dromedar.spring;

import dev.dromedar.Door;
import dev.dromedar.Dromedar;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.spi.CamelContextCustomizer;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Installs the APIs that {@code dromedar.*} of Spring's environment names into the application's Camel context, before its
 * routes. {@code dromedar.enabled=false} leaves it out. A fault of the properties ends the start with all faults.
 */
@AutoConfiguration
@ConditionalOnClass(CamelContext.class)
@ConditionalOnProperty(name = "dromedar.enabled", havingValue = "true", matchIfMissing = true)
public class DromedarAutoConfiguration {

    /** Hands Spring's properties to Camel, under the names that the worker knows, and installs. */
    @Bean
    CamelContextCustomizer dromedarCustomizer(Environment environment) {
        return context -> {
            var properties = new Properties();
            Properties before = context.getPropertiesComponent().loadProperties();
            before.stringPropertyNames().forEach(key -> properties.setProperty(key, before.getProperty(key)));
            Binder.get(environment)
                    .bind("dromedar", Bindable.mapOf(String.class, String.class))
                    .orElse(Map.of())
                    .forEach((key, value) -> properties.setProperty("dromedar." + key, value));
            properties.remove("dromedar.enabled");
            properties.putIfAbsent("dromedar.health.api-down", "false");
            context.getPropertiesComponent().setInitialProperties(properties);
            Dromedar.install(context);
        };
    }

    /** When all beans are there: beside Actuator, Camel makes its registry of checks with a level of its own. */
    @Bean
    SmartInitializingSingleton dromedarHealth(CamelContext context, Environment environment) {
        return () -> sayWhy(context, environment);
    }

    /** A check that is up is in Actuator's health at Camel's level {@code full} alone, and an API that fails is such a one. */
    private static void sayWhy(CamelContext context, Environment environment) {
        HealthCheckRegistry registry = HealthCheckRegistry.get(context);
        if (registry != null
                && !Binder.get(environment)
                        .bind("camel.health.exposure-level", String.class)
                        .isBound()) {
            registry.setExposureLevel("full");
        }
    }

    /** Calls the APIs from Java; see {@link ApiInterceptor} for Spring's own clients. */
    @Bean
    @ConditionalOnMissingBean
    Door dromedarDoor(CamelContext context) {
        return Dromedar.door(context);
    }
}
