package dev.dromedar.cluster;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this node reaches the database, reported once for a whole outage: it is over when everything has worked for as long as
 * a node may be silent. While it lasts it is tried less often, since a server that is cut off may hold a connection for each
 * try. Thread-safe; one thread calls {@link #failed} and {@link #worked}.
 */
final class DatabaseOutage {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseOutage.class);

    private final long calmNanos;
    private final long retryNanos;
    private volatile @Nullable String fault;
    private volatile boolean reported;
    private long began;
    private long tried = System.nanoTime();
    private @Nullable Long calmSince;

    DatabaseOutage(ClusterSettings settings) {
        this.calmNanos = settings.deadAfter().toNanos();
        this.retryNanos = settings.checkIn().toNanos();
    }

    /** Why this node does not reach the database, or null. */
    @Nullable
    String fault() {
        return fault;
    }

    boolean isReported() {
        return reported;
    }

    boolean isTimeToTry() {
        long now = System.nanoTime();
        if (fault != null && now - tried < retryNanos) {
            return false;
        }
        tried = now;
        return true;
    }

    void failed(String why) {
        if (!reported) {
            began = System.nanoTime();
            reported = true;
            LOG.warn(
                    "Cluster: {}. No firing starts until then; this node continues by itself afterwards.",
                    why.replaceFirst("\\.$", ""));
        }
        calmSince = null;
        fault = why;
    }

    void worked() {
        fault = null;
        if (!reported) {
            return;
        }
        long now = System.nanoTime();
        if (calmSince == null) {
            calmSince = now;
        } else if (now - calmSince > calmNanos) {
            LOG.info(
                    "The database of the cluster answers again; it was away for {} s",
                    TimeUnit.NANOSECONDS.toSeconds(calmSince - began));
            reported = false;
        }
    }
}
