package dev.dromedar.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.quartz.Scheduler;
import org.quartz.TriggerKey;
import org.quartz.impl.jdbcjobstore.PostgreSQLDelegate;

/**
 * Lets a node take only firings of routes that run on it. Without this a node that does not have a route yet, or has it
 * stopped, would take its firing and do nothing with it. Quartz makes the instance, by the class's name.
 */
public final class ClusteredTriggers extends PostgreSQLDelegate {
    @Override
    public List<TriggerKey> selectTriggerToAcquire(
            Connection connection, long noLaterThan, long noEarlierThan, int maxCount) throws SQLException {
        Cluster cluster = Cluster.ofNode(instanceId);
        if (cluster == null) {
            return super.selectTriggerToAcquire(connection, noLaterThan, noEarlierThan, maxCount);
        }
        for (int look = maxCount; ; look *= 8) {
            List<TriggerKey> found = super.selectTriggerToAcquire(connection, noLaterThan, noEarlierThan, look);
            List<TriggerKey> own = found.stream()
                    .filter(key -> key.getGroup().equals(Scheduler.DEFAULT_RECOVERY_GROUP) || cluster.runs(key))
                    .limit(maxCount)
                    .toList();
            if (!own.isEmpty() || found.size() < look) {
                return own;
            }
        }
    }
}
