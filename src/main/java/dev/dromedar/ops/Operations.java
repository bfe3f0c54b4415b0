package dev.dromedar.ops;

import dev.dromedar.audit.Audit;
import dev.dromedar.oauth.ApiListener;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.ApiSnapshot;
import dev.dromedar.oauth.Clients;
import dev.dromedar.routes.RouteRuns;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;
import org.apache.camel.StartupListener;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.spi.ManagementAgent;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All views of one context's APIs: puts them up when the context starts, follows APIs that come and go, and takes them down
 * with the context. A part that the class path or the context lacks is left out.
 */
public final class Operations extends ServiceSupport implements ApiListener, StartupListener {
    private static final Logger LOG = LoggerFactory.getLogger(Operations.class);

    private final CamelContext context;
    private final Clients clients;
    private final Function<String, String> check;
    private final RouteRuns routes;
    private final Status document;
    private final Map<String, Views> views = new LinkedHashMap<>();
    private final AuditLog audit = new AuditLog();
    private @Nullable Meters meters;
    private @Nullable AutoCloseable health;
    private @Nullable AutoCloseable page;
    private @Nullable AutoCloseable letters;
    private @Nullable StoreViews store;
    private @Nullable AutoCloseable guard;
    private boolean shown;

    private record Views(ApiBean bean, @Nullable ObjectName name, HealthCheck health) {}

    private Operations(CamelContext context, Clients clients, Function<String, String> check) {
        this.context = context;
        this.clients = clients;
        this.check = check;
        this.routes = new RouteRuns(context);
        this.document = new Status(context, clients, routes);
    }

    /**
     * Puts the views into a context, before or after its start.
     *
     * @param check looks at one API's whole set-up, by name, and answers in lines of text: the operation {@code check} in JMX
     */
    public static Operations install(CamelContext context, Clients clients, Function<String, String> check) {
        var operations = new Operations(context, clients, check);
        try {
            ScrubbedConsoles.install(context);
        } catch (NoClassDefFoundError e) {
            LOG.debug("An application without camel-console", e);
        }
        try {
            context.getCamelContextExtension().setManagementMBeanAssembler(new SharedDescriptions(context));
            context.addRoutePolicyFactory(operations.routes);
            context.addService(operations);
            context.addStartupListener(operations);
            operations.guard = guard(context);
            operations.store = StoreViews.install(context);
        } catch (Exception e) {
            throw new IllegalStateException("Camel does not take the views of the APIs", e);
        }
        return operations;
    }

    Status status() {
        return document;
    }

    /** The routes of the context and their runs. */
    public RouteRuns routes() {
        return routes;
    }

    /** Camel calls this for each route that is added later, too. */
    @Override
    public synchronized void onCamelContextStarted(CamelContext started, boolean already) {
        if (shown) {
            return;
        }
        shown = true;
        clients.listen(this);
        clients.listen(audit);
        guard = guard == null ? guard(context) : guard;
        begin();
        health = health();
        page = page();
        letters = letters();
        meters = meters();
        if (meters != null) {
            clients.listen(meters);
        }
        register(new RoutesHealthCheck(routes));
        Audit file = file();
        if (file != null) {
            register(new AuditHealthCheck(file));
        }
        refresh();
    }

    private static @Nullable AutoCloseable guard(CamelContext context) {
        try {
            return ManagementGuard.of(context);
        } catch (NoClassDefFoundError e) {
            return null; // an application without Camel's management server
        }
    }

    private @Nullable Audit file() {
        return context.getRegistry().findSingleByType(Audit.class);
    }

    private void begin() {
        if (guard instanceof ManagementGuard management) {
            management.begin();
        }
    }

    private @Nullable Meters meters() {
        try {
            MeterRegistry registry = context.getRegistry().findSingleByType(MeterRegistry.class);
            return registry == null ? null : new Meters(registry, clients, routes);
        } catch (NoClassDefFoundError e) {
            return null; // an application without Micrometer
        }
    }

    private @Nullable AutoCloseable health() {
        try {
            return HealthPage.mount(context);
        } catch (NoClassDefFoundError e) {
            return null; // an application without Camel's management server
        }
    }

    private @Nullable AutoCloseable letters() {
        try {
            return store == null ? null : DeadLettersPage.mount(context, store);
        } catch (NoClassDefFoundError e) {
            return null; // an application without Camel's management server
        }
    }

    private @Nullable AutoCloseable page() {
        try {
            return StatusPage.mount(context, document);
        } catch (NoClassDefFoundError e) {
            return null; // an application without Camel's management server
        }
    }

    /** Follows the APIs as they are now: views of new ones come, views of removed ones go. */
    public synchronized void refresh() {
        Set<String> now = new java.util.LinkedHashSet<>();
        clients.all().forEach(api -> now.add(api.name()));
        for (String gone : new ArrayList<>(views.keySet())) {
            if (!now.contains(gone)) {
                remove(gone);
            }
        }
        now.forEach(api -> views.computeIfAbsent(api, this::add));
    }

    private Views add(String api) {
        var bean = new ApiBean(() -> clients.named(api), () -> check.apply(api), new AuditedActs(file(), "apis", api));
        var health = new ApiHealthCheck(
                api,
                () -> clients.named(api),
                !"false".equals(context.resolvePropertyPlaceholders("{{dromedar.health.api-down:true}}")));
        register(health);
        if (meters != null) {
            meters.add(api);
        }
        return new Views(bean, expose(api, bean), health);
    }

    private void remove(String api) {
        Views gone = views.remove(api);
        if (gone == null) {
            return;
        }
        HealthCheckRegistry registry = HealthCheckRegistry.get(context);
        if (registry != null) {
            registry.unregister(gone.health());
        }
        if (meters != null) {
            meters.remove(api);
        }
        ManagementAgent agent = context.getManagementStrategy().getManagementAgent();
        if (agent != null && gone.name() != null) {
            try {
                agent.unregister(gone.name());
            } catch (JMException e) {
                LOG.warn("API {} stays in JMX: {}", api, e.getMessage());
            }
        }
    }

    private void register(HealthCheck health) {
        HealthCheckRegistry registry = HealthCheckRegistry.get(context);
        if (registry != null) {
            registry.register(health);
        }
    }

    private @Nullable ObjectName expose(String api, ApiBean bean) {
        ManagementAgent agent = context.getManagementStrategy().getManagementAgent();
        if (agent == null) {
            return null; // an application without camel-management
        }
        try {
            String contextName = context.getManagementName() == null ? context.getName() : context.getManagementName();
            var name = new ObjectName(agent.getMBeanObjectDomainName() + ":context=" + contextName + ",type=apis,name="
                    + ObjectName.quote(api));
            agent.register(bean, name);
            return name;
        } catch (JMException e) {
            LOG.warn("API {} is not in JMX: {}", api, e.getMessage());
            return null;
        }
    }

    @Override
    public synchronized void turned(ApiSettings api, ApiSnapshot now) {
        Views shown = views.get(api.name());
        if (shown != null) {
            shown.bean().turned(now);
        }
    }

    @Override
    protected synchronized void doStop() {
        shown = false;
        clients.unlisten(this);
        clients.unlisten(audit);
        close(health);
        close(page);
        close(letters);
        close(guard);
        health = null;
        page = null;
        letters = null;
        guard = null;
        List.copyOf(views.keySet()).forEach(this::remove);
        if (meters != null) {
            clients.unlisten(meters);
            meters.close();
            meters = null;
        }
    }

    private static void close(@Nullable AutoCloseable part) {
        if (part != null) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.debug("A part of the management port was gone before", e);
            }
        }
    }
}
