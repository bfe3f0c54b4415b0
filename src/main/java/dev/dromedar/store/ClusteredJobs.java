package dev.dromedar.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.quartz.JobPersistenceException;
import org.quartz.impl.jdbcjobstore.JobStoreTX;
import org.quartz.impl.jdbcjobstore.SchedulerStateRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Quartz's clustered store, with another way to tell that a node is dead: by the database's clock and our own signs of life.
 * Quartz compares the nodes' clocks, and would repeat the runs of a living node whose clock is some seconds behind. Quartz
 * makes the instance, by the class's name.
 */
@SuppressWarnings("unchecked") // JobStoreTX overrides a generic method without its types
public final class ClusteredJobs extends JobStoreTX {
    /** Quartz's words are Quartz's, whatever the class that it logs by. */
    @Override
    protected Logger getLog() {
        return LoggerFactory.getLogger(JobStoreTX.class);
    }

    /** Every other node is suspected; {@link #findFailedInstances} asks the database. */
    @Override
    protected long calcFailedIfAfter(SchedulerStateRecord record) {
        return 0;
    }

    @Override
    protected List<SchedulerStateRecord> findFailedInstances(Connection connection) throws JobPersistenceException {
        List<SchedulerStateRecord> suspects = super.findFailedInstances(connection);
        Cluster cluster = Cluster.ofNode(getInstanceId());
        if (cluster == null || suspects.isEmpty()) {
            return suspects;
        }
        try {
            Set<String> alive = cluster.alive(connection);
            return suspects.stream()
                    .filter(suspect -> !alive.contains(suspect.getSchedulerInstanceId()))
                    .toList();
        } catch (SQLException e) {
            throw new JobPersistenceException("The database does not tell which nodes live", e);
        }
    }
}
