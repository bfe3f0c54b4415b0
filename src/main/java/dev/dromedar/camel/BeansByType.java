package dev.dromedar.camel;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.DefaultRegistry;
import org.apache.camel.support.SimpleRegistry;

/**
 * Camel's beans, with what was found by a type. Camel asks for a strategy of each route that it builds, and of each health check
 * at each look, and goes through all beans for it; each API is one. {@link #findByType} is thread-safe, and the rest as Camel's.
 */
public final class BeansByType extends SimpleRegistry {
    private static final long serialVersionUID = 1;

    private final transient Map<Class<?>, Set<?>> known = new ConcurrentHashMap<>();

    private BeansByType() {}

    /** Takes the place of a registry's own beans, and has those that are there. */
    public static void in(Registry registry) {
        if (registry instanceof DefaultRegistry whole
                && whole.getFallbackRegistry() instanceof SimpleRegistry plain
                && plain.getClass() == SimpleRegistry.class) {
            var beans = new BeansByType();
            beans.putAll(plain);
            whole.setFallbackRegistry(beans);
        }
    }

    @Override
    @SuppressWarnings("unchecked") // by type
    public <T> Set<T> findByType(Class<T> type) {
        Set<?> found = known.get(type);
        return new LinkedHashSet<>((Set<T>) (found == null ? find(type) : found));
    }

    private synchronized Set<?> find(Class<?> type) {
        Set<?> found = super.findByType(type);
        known.put(type, found);
        return found;
    }

    @Override
    public synchronized void bind(String id, Class<?> type, Object bean) {
        super.bind(id, type, bean);
        known.clear();
    }

    @Override
    public synchronized void unbind(String id) {
        super.unbind(id);
        known.clear();
    }

    @Override
    public synchronized void close() {
        clear();
        known.clear();
    }
}
