package dev.dromedar.cluster;

import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Down while the database does not answer, or this machine's clock is wrong. Readiness only: a restart would not help. */
final class ClusterHealth extends AbstractHealthCheck {
    private final Cluster cluster;

    ClusterHealth(Cluster cluster) {
        super("dromedar", "cluster");
        this.cluster = cluster;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        builder.detail("node", cluster.node());
        builder.detail("nodes", cluster.nodes().stream().filter(Node::alive).count());
        builder.detail("clock-offset-ms", cluster.clockOffset().toMillis());
        String fault = cluster.fault();
        if (fault == null) {
            fault = cluster.clockFault();
        }
        if (fault != null) {
            builder.down().message(fault);
        } else {
            builder.up().message(cluster.words());
        }
    }
}
