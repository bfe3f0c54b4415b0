package dev.dromedar.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Work that costs as much for many as for one, as a transaction does: what several threads want at once is done by the first of
 * them for all that came while the last was at it. Each waits until its own is done, and gets its own result. Thread-safe.
 */
final class Together<T, R> {
    private final Function<List<T>, List<R>> work;
    private final Queue<Wish<T, R>> wishes = new ConcurrentLinkedQueue<>();
    /** Fair: a thread whose result is there leaves before a later one begins, so that no result ages behind its work. */
    private final ReentrantLock turn = new ReentrantLock(true);

    private static final class Wish<T, R> {
        private final T value;
        private boolean done;
        private @Nullable R result;
        private @Nullable RuntimeException failure;

        Wish(T value) {
            this.value = value;
        }
    }

    /**
     * @param work gives a result for each value, in their order; an exception of it goes to all of its callers, an error, as of a
     *     stack that is too deep, to the one that did the work: the others do it themselves
     */
    Together(Function<List<T>, List<R>> work) {
        this.work = work;
    }

    @SuppressWarnings("NullAway") // done, and without failure: there is a result
    R call(T value) {
        var own = new Wish<T, R>(value);
        wishes.add(own);
        turn.lock();
        try {
            if (!own.done) {
                workOff(own);
            }
        } finally {
            turn.unlock();
        }
        if (own.failure != null) {
            throw own.failure;
        }
        return own.result;
    }

    private void workOff(Wish<T, R> own) {
        List<Wish<T, R>> all = new ArrayList<>();
        for (Wish<T, R> next = wishes.poll(); next != null; next = wishes.poll()) {
            all.add(next);
        }
        try {
            List<R> results = work.apply(all.stream().map(wish -> wish.value).toList());
            for (int i = 0; i < all.size(); i++) {
                all.get(i).result = results.get(i);
            }
        } catch (RuntimeException e) {
            all.forEach(wish -> wish.failure = e);
        } catch (Error e) {
            all.remove(own);
            wishes.addAll(all);
            throw e;
        }
        all.forEach(wish -> wish.done = true);
    }
}
