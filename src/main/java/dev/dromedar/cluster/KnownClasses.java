package dev.dromedar.cluster;

import java.io.InputStream;
import java.net.URL;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.camel.component.quartz.CamelJob;
import org.apache.camel.component.quartz.StatefulCamelJob;
import org.jspecify.annotations.Nullable;
import org.quartz.Job;
import org.quartz.spi.ClassLoadHelper;

/**
 * The classes of Camel's two jobs, and our own. A row names the class of its job, and anyone who may write to the database
 * writes that name: another one is reported, and stands for Camel's job that never runs twice at a time.
 */
final class KnownClasses implements ClassLoadHelper {
    private static final Set<Class<?>> KNOWN = Set.of(CamelJob.class, StatefulCamelJob.class, ClusteredTriggers.class);

    private final ClassLoadHelper loader;
    private final Supplier<@Nullable Cluster> cluster;

    KnownClasses(ClassLoadHelper loader, Supplier<@Nullable Cluster> cluster) {
        this.loader = loader;
        this.cluster = cluster;
    }

    @Override
    public void initialize() {
        // Quartz has initialized the loader
    }

    @Override
    public Class<?> loadClass(String name) throws ClassNotFoundException {
        for (Class<?> known : KNOWN) {
            if (known.getName().equals(name)) {
                return known;
            }
        }
        throw new ClassNotFoundException("not a class of this worker's schedules");
    }

    @Override
    public <T> Class<? extends T> loadClass(String name, Class<T> type) throws ClassNotFoundException {
        try {
            return loadClass(name).asSubclass(type);
        } catch (ClassNotFoundException | ClassCastException e) {
            if (type != Job.class) {
                throw e;
            }
            Cluster node = cluster.get();
            if (node != null) {
                node.distrust("The database names the class " + name + " for a job, which is not loaded");
            }
            return StatefulCamelJob.class.asSubclass(type);
        }
    }

    @Override
    public @Nullable URL getResource(String name) {
        return loader.getResource(name);
    }

    @Override
    public @Nullable InputStream getResourceAsStream(String name) {
        return loader.getResourceAsStream(name);
    }

    @Override
    public ClassLoader getClassLoader() {
        return loader.getClassLoader();
    }
}
