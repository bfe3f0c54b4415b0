package dev.dromedar.cluster;

import dev.dromedar.letters.StoreFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.component.quartz.QuartzComponent;
import org.quartz.utils.ConnectionProvider;
import org.quartz.utils.DBConnectionManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts a worker's part in a cluster into its Camel context, and the context's Quartz on the database. */
final class ClusterSetup {
    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);

    private ClusterSetup() {}

    /**
     * Makes the tables if needed, and puts the context's Quartz on the database. Call once, before routes are added.
     *
     * @throws StoreFailure if the database cannot be used; then nothing is installed
     */
    static Cluster install(CamelContext context, ClusterSettings settings) throws Exception {
        return install(context, settings, InstantSource.system());
    }

    /** @param clock this machine's */
    static Cluster install(CamelContext context, ClusterSettings settings, InstantSource clock) throws Exception {
        var database = new Database(settings, Cluster.PATIENCE);
        try {
            database.tables().prepare();
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
        var cluster = new Cluster(context, settings, database, clock);
        try {
            cluster.begin();
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
        try {
            configureQuartz(context, settings, database);
        } catch (RuntimeException e) {
            cluster.giveUp();
            database.close();
            throw e;
        }
        context.addRoutePolicyFactory(cluster.routes()::policy);
        context.addStartupListener((camel, started) -> cluster.beginWork());
        context.addService(new DatabaseLeases(cluster, context), true, true);
        context.getRegistry().bind("dromedar-cluster-health", new ClusterHealth(cluster));
        // At once: a start of many routes takes longer than a node may be silent
        context.addService(cluster, true, true);
        LOG.info(
                "Cluster {}: this is node {}; a node that dies is noticed within {} s",
                settings.name(),
                settings.node(),
                settings.deadAfter().plus(settings.checkIn()).toSeconds() + 1);
        return cluster;
    }

    private static void configureQuartz(CamelContext context, ClusterSettings settings, Database database) {
        var quartz = context.getComponent("quartz", QuartzComponent.class);
        Map<?, ?> theirs = quartz.getProperties() == null ? Map.of() : quartz.getProperties();
        if (theirs.containsKey("org.quartz.jobStore.class")) {
            throw new StoreFailure("camel.component.quartz.properties: sets org.quartz.jobStore.class, and so does"
                    + " dromedar.cluster.address. Remove one of the two.");
        }
        String source = "dromedar-" + settings.node();
        DBConnectionManager.getInstance().addConnectionProvider(source, new Connections(database));
        Map<Object, Object> properties = new HashMap<>(theirs);
        properties.put("org.quartz.scheduler.instanceName", settings.name());
        properties.put("org.quartz.scheduler.instanceId", settings.node());
        properties.put("org.quartz.scheduler.dbFailureRetryInterval", "2000");
        // A node that finds every schedule taken looks again after this: half a minute by default, in which one node
        // does all
        properties.putIfAbsent("org.quartz.scheduler.idleWaitTime", "2000");
        // What is due at once is acquired together, and nothing before its time: Quartz's window for that is 0
        properties.putIfAbsent(
                "org.quartz.scheduler.batchTriggerAcquisitionMaxCount", String.valueOf(settings.threads()));
        properties.put("org.quartz.threadPool.class", GatheredThreads.class.getName());
        properties.put("org.quartz.threadPool.threadCount", String.valueOf(settings.threads()));
        properties.put("org.quartz.jobStore.class", ClusteredJobs.class.getName());
        properties.put("org.quartz.jobStore.driverDelegateClass", ClusteredTriggers.class.getName());
        properties.put("org.quartz.triggerListener.dromedar.class", FiringGuard.class.getName());
        properties.put("org.quartz.jobStore.dataSource", source);
        properties.put("org.quartz.jobStore.tablePrefix", "dromedar_qrtz_");
        // Text, not serialized objects: see QuartzRows
        properties.put("org.quartz.jobStore.useProperties", "true");
        properties.put("org.quartz.jobStore.isClustered", "true");
        // Without it a node that is slow between its look and its claim takes a firing that another has just finished
        // (quartz-scheduler/quartz#107): seen once in 1,000 firings of three nodes on a busy machine
        properties.put("org.quartz.jobStore.acquireTriggersWithinLock", "true");
        properties.put(
                "org.quartz.jobStore.clusterCheckinInterval",
                String.valueOf(settings.checkIn().toMillis()));
        properties.put("org.quartz.jobStore.dbRetryInterval", "2000");
        properties.putIfAbsent("org.quartz.jobStore.misfireThreshold", "60000");
        var all = new Properties();
        all.putAll(properties);
        quartz.setProperties(all);
        quartz.setPrefixInstanceName(false);
    }

    private record Connections(Database database) implements ConnectionProvider {
        @Override
        public Connection getConnection() throws SQLException {
            return database.connection();
        }

        @Override
        public void shutdown() {
            // the cluster closes it, after Quartz
        }

        @Override
        public void initialize() {
            // it is open
        }
    }
}
