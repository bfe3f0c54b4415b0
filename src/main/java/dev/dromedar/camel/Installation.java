package dev.dromedar.camel;

import dev.dromedar.audit.Audit;
import dev.dromedar.audit.AuditSettings;
import dev.dromedar.cluster.Store;
import dev.dromedar.cluster.StoreSettings;
import dev.dromedar.keys.NativeProvider;
import dev.dromedar.oauth.Clients;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.Time;
import dev.dromedar.settings.Settings;
import dev.dromedar.settings.TrustedAuthorities;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.cluster.CamelClusterService;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.support.EventNotifierSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Installs the APIs that properties name, with what they need of a Camel context: store, spool, audit, HTTP layer. */
public final class Installation {
    private static final Logger LOG = LoggerFactory.getLogger(Apis.class);

    private Installation() {}

    /**
     * Installs the APIs that the context's properties name. Call once, before routes are added.
     *
     * @throws InvalidSettings with every fault of the properties; then nothing is installed
     */
    public static Apis install(CamelContext context) {
        return install(context, Time.SYSTEM);
    }

    /**
     * As {@link #install(CamelContext)}, by other clocks.
     *
     * @throws InvalidSettings with every fault of the properties; then nothing is installed
     */
    public static Apis install(CamelContext context, Time time) {
        GuardedSimple.install(context);
        context.getRegistry().bind(RunSummary.NAME, new RunSummary());
        CaughtErrors.install(context);
        Apis.Plan plan = Apis.plan(context);
        return audited(plan, audit -> install(context, time, plan, audit));
    }

    private static Apis audited(Apis.Plan plan, Function<@Nullable Audit, Apis> make) {
        AuditSettings settings = plan.settings().audit();
        Audit audit = settings == null ? null : Audit.begin(settings);
        try {
            return make.apply(audit);
        } catch (RuntimeException e) {
            if (audit != null) {
                audit.close();
            }
            throw e;
        }
    }

    private static Apis install(CamelContext context, Time time, Apis.Plan plan, @Nullable Audit audit) {
        CamelCli.asConfigured(context);
        Apis apis = begin(context, plan, time, audit);
        StoreSettings store = plan.settings().store();
        Store.install(context, store, Call::api, Call::refusal);
        try {
            Path spool = store.deadLetters().folder().resolveSibling("spool");
            Spool.install(context, spool, plan.settings().spoolBytes());
            context.addService(apis);
            context.getManagementStrategy().addEventNotifier(new CallsEnd(apis));
        } catch (InvalidSettings e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("Camel does not take the APIs as a service", e);
        }
        return apis;
    }

    /**
     * The APIs that properties name, for calls from Java alone: the context that reads them is never started, and has no
     * route, store or view. To be closed.
     *
     * @throws InvalidSettings with every fault of the properties; then nothing is left open
     */
    public static Apis alone(Properties properties) {
        CamelContext context = new DefaultCamelContext();
        context.getPropertiesComponent().setInitialProperties(properties);
        Apis.Plan plan = Apis.plan(context);
        return audited(plan, audit -> begin(context, plan, Time.SYSTEM, audit));
    }

    private static Apis begin(CamelContext context, Apis.Plan plan, Time time, @Nullable Audit audit) {
        Settings settings = plan.settings();
        var trusted = TrustedAuthorities.with(settings.caFile());
        var clients = new Clients(List.of(), trusted.context(), Duration.ofSeconds(5), time);
        clients.rotateIf(() -> leads(context));
        var apis = new Apis(context, clients, audit);
        if (audit != null) {
            clients.listen(audit);
            context.getRegistry().bind("dromedar-audit", audit);
        }
        apis.update(plan);
        apis.connect(trusted, settings.caFile() != null);
        if (NativeProvider.description() != null) {
            LOG.info("Signatures by {}", NativeProvider.description());
        }
        return apis;
    }

    /** Whether this node is the one of its cluster that rotates keys; true without a cluster. */
    private static boolean leads(CamelContext context) {
        CamelClusterService cluster = context.hasService(CamelClusterService.class);
        try {
            return cluster == null
                    || cluster.getView("dromedar-key-rotation").getLocalMember().isLeader();
        } catch (Exception e) {
            LOG.debug("The lease of key rotation is not known", e);
            return false;
        }
    }

    /**
     * Ends calls that are still under way when the routes have stopped: their time to end is over, and Quartz would wait for
     * their runs until the calls' own time limits.
     */
    private static final class CallsEnd extends EventNotifierSupport {
        private final Apis apis;

        CallsEnd(Apis apis) {
            this.apis = apis;
            setIgnoreCamelContextInitEvents(true);
            setIgnoreRouteEvents(true);
            setIgnoreServiceEvents(true);
            setIgnoreStepEvents(true);
            setIgnoreExchangeEvents(true);
        }

        @Override
        public void notify(CamelEvent event) throws IOException {
            if (event instanceof CamelEvent.CamelContextRoutesStoppedEvent) {
                apis.endCalls();
            }
        }
    }
}
