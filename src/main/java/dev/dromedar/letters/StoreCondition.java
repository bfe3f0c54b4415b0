package dev.dromedar.letters;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the store of the dead letters does: how full it is, and what is wrong with it. Thread-safe. */
final class StoreCondition {
    private static final Logger LOG = LoggerFactory.getLogger(StoreCondition.class);
    private static final int WARN_AT_PERCENT = 80;

    private volatile DeadLetterStore.@Nullable Usage usage;
    private volatile @Nullable String fault;
    private volatile @Nullable String damage;
    private volatile boolean warned;

    /** As of the last count, or null before the first. */
    DeadLetterStore.@Nullable Usage usage() {
        return usage;
    }

    /** Why the last letter could not be kept, or null. */
    @Nullable
    String fault() {
        return damage == null ? fault : damage;
    }

    void failed(StoreFailure failure) {
        fault = failure.getMessage();
    }

    void works() {
        fault = null;
    }

    void oneMore() {
        DeadLetterStore.Usage counted = usage;
        usage = counted == null ? null : counted.withOneMore();
    }

    void closed() {
        usage = null;
    }

    /** Reports what has ended a piece of the work in the background. */
    void report(Throwable e) {
        if (e instanceof StoreFailure failure && failure.isDamage()) {
            reportDamage(failure);
        } else if (fault == null) {
            LOG.warn("Dead letters: {}", e.getMessage(), e instanceof StoreFailure ? null : e);
        }
        fault = String.valueOf(e.getMessage());
    }

    /** Once, and until the worker is restarted: letters may be lost that no look at the rest finds. */
    private void reportDamage(StoreFailure failure) {
        if (damage == null) {
            LOG.error("Dead letters: {}", failure.getMessage());
        }
        damage = failure.getMessage();
    }

    /** Whether a letter could be kept, and how much room there is. */
    void look(DeadLetterStore store) {
        store.probe();
        DeadLetterStore.Usage now = count(store);
        if (fault != null && now.percent() < WARN_AT_PERCENT) {
            LOG.info("Dead letters can be kept again");
            fault = null;
        }
    }

    DeadLetterStore.Usage count(DeadLetterStore store) {
        DeadLetterStore.Usage now = store.usage();
        usage = now;
        warnBeforeFull(now);
        return now;
    }

    private void warnBeforeFull(DeadLetterStore.Usage now) {
        boolean nearlyFull = now.percent() >= WARN_AT_PERCENT;
        if (nearlyFull && !warned) {
            LOG.warn(
                    "Dead letters use {} percent of {} MB. When they are full, failed exchanges are not kept: replay or"
                            + " discard letters, or raise dromedar.dead-letters.megabytes.",
                    now.percent(),
                    now.mostBytes() / 1_000_000);
        }
        warned = nearlyFull;
    }
}
