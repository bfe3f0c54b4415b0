package dev.dromedar.store;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where dead letters are: files on one machine, or the database of a cluster. Every change of a letter's state is one atomic
 * step, so that a command and workers need no lock between them. Thread-safe. Every method throws {@link StoreFailure} if the
 * store cannot be reached or read.
 */
interface Letters extends AutoCloseable {

    /**
     * How full it is.
     *
     * @param letters of all states
     * @param bytes of all letters
     * @param mostBytes the bound
     */
    record Usage(long letters, long bytes, long mostBytes) {
        int percent() {
            return (int) Math.min(100, bytes * 100 / Math.max(1, mostBytes));
        }

        /** Until the next count; its bytes are counted then. */
        Usage withOneMore() {
            return new Usage(letters + 1, bytes, mostBytes);
        }
    }

    /** Keeps a letter. When this returns, it is on disk; when this throws, nothing of it is. */
    void add(Letter letter, Input input);

    /** The oldest letters, oldest first. One that cannot be read is among them and says why. */
    List<Letter> list(int most);

    /** All letters, oldest first. */
    default List<Letter> list() {
        return list(Integer.MAX_VALUE);
    }

    @Nullable
    Letter find(String id);

    Input input(Letter letter);

    /** Asks for a replay. False if the letter is not there, or asked for or running already. */
    boolean ask(String id);

    /** Removes a letter that is not running. */
    boolean discard(String id);

    /** Takes the oldest letter that a replay is asked for; nobody else gets it. Null if there is none. */
    @Nullable
    Letter claim();

    /** The replay of a claimed letter has done its work. */
    void done(Letter letter);

    /** The replay of a claimed letter has failed; the letter is kept again, with what is new in it. */
    void failed(Letter letter, Input input);

    /** The replay of a claimed letter could not begin; the letter is kept again as it was. */
    void release(Letter letter);

    /** Finds the letters whose worker died while it replayed them, and marks them interrupted. */
    List<Letter> findInterrupted();

    /** Removes kept and interrupted letters whose last failure was before then, and says how many. */
    int removeBefore(Instant time);

    Usage usage();

    /** Finds out whether a letter could be kept now, apart from the bound. */
    void probe();

    /** Whether a worker is there that replays. */
    boolean workerRuns();

    @Override
    void close();
}
