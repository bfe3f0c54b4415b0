package dev.dromedar.cluster;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.quartz.JobDetail;
import org.quartz.JobPersistenceException;
import org.quartz.TriggerKey;
import org.quartz.spi.OperableTrigger;

/**
 * The schedules of a worker that starts. Camel looks for each and stores it, by a transaction each; here they are all read at
 * once, and what is new is kept until all are known, and stored together before the first route starts. Thread-safe.
 */
final class StartingSchedules {
    private final Map<TriggerKey, New> added = new LinkedHashMap<>();
    private final Set<TriggerKey> found = new HashSet<>();
    private @Nullable Map<TriggerKey, @Nullable OperableTrigger> stored;
    private @Nullable Tables tables;
    private boolean over;

    /** A schedule that Camel stores. */
    record New(JobDetail job, OperableTrigger trigger) {}

    /** What is in the database. */
    interface Tables {
        /** All schedules; null for one that must be read alone. */
        Map<TriggerKey, @Nullable OperableTrigger> all() throws JobPersistenceException;

        /** Stores those that no other node has stored meanwhile, and returns all that are there then. */
        Set<TriggerKey> store(List<New> all) throws JobPersistenceException;
    }

    synchronized void in(Tables database) {
        tables = database;
    }

    private @Nullable Map<TriggerKey, @Nullable OperableTrigger> stored() throws JobPersistenceException {
        if (stored == null && !over && tables != null) {
            stored = tables.all();
        }
        return over ? null : stored;
    }

    /** Whether {@link #find} knows whether there is a schedule of that key. */
    synchronized boolean knows(TriggerKey key) throws JobPersistenceException {
        Map<TriggerKey, @Nullable OperableTrigger> all = stored();
        return all != null && (added.containsKey(key) || !all.containsKey(key) || all.get(key) != null);
    }

    /** The schedule of that key, or null if there is none. */
    synchronized @Nullable OperableTrigger find(TriggerKey key) throws JobPersistenceException {
        New one = added.get(key);
        if (one != null) {
            return (OperableTrigger) one.trigger().clone();
        }
        Map<TriggerKey, @Nullable OperableTrigger> all = stored();
        OperableTrigger trigger = all == null ? null : all.get(key);
        if (trigger != null) {
            found.add(key);
        }
        return trigger;
    }

    /** Keeps a new schedule until {@link #store}; false if it is not for us to keep. */
    synchronized boolean add(JobDetail job, OperableTrigger trigger) throws JobPersistenceException {
        Map<TriggerKey, @Nullable OperableTrigger> all = stored();
        if (all == null || all.containsKey(trigger.getKey()) || added.containsKey(trigger.getKey())) {
            return false;
        }
        added.put(trigger.getKey(), new New(job, trigger));
        return true;
    }

    /** Another route of the same key; false if none is kept. */
    synchronized boolean replace(TriggerKey key, OperableTrigger trigger) {
        return added.computeIfPresent(key, (same, one) -> new New(one.job(), trigger)) != null;
    }

    /**
     * Stores what is new, and keeps nothing from now on.
     *
     * @return the keys of those that were there and no longer are: another node has removed them, since no node had claimed them
     */
    synchronized Set<TriggerKey> store() throws JobPersistenceException {
        over = true;
        if (tables == null || added.isEmpty() && found.isEmpty()) {
            return Set.of();
        }
        found.removeAll(tables.store(List.copyOf(added.values())));
        Set<TriggerKey> gone = Set.copyOf(found);
        added.clear();
        found.clear();
        stored = null;
        return gone;
    }
}
