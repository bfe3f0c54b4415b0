package dev.dromedar.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Measures variants of one thing in turn, a short while each, many times over: what disturbs the machine then disturbs all
 * alike, and a ratio is taken within a round before its median is.
 */
public final class Rounds {
    /** One thing to measure. */
    @FunctionalInterface
    public interface Work {
        void run() throws Exception;
    }

    /** What a variant came to in one round: how often, in what time, with how much of the calling thread's CPU. */
    public record Score(long times, double seconds, double cpuSeconds) {
        public double rate() {
            return times / seconds;
        }

        public double perCpuSecond() {
            return times / cpuSeconds;
        }

        public double cpuMicros() {
            return cpuSeconds * 1e6 / times;
        }
    }

    /** Median, least and most of a figure over all rounds. */
    public record Figure(double median, double least, double most) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%.3g (%.3g..%.3g)", median, least, most);
        }
    }

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Duration each;
    private final Map<String, ThrowingScore> variants = new LinkedHashMap<>();
    private final Map<String, Score[]> scores = new LinkedHashMap<>();
    private final int rounds;

    private interface ThrowingScore {
        Score measure() throws Exception;
    }

    public Rounds(int rounds, Duration each) {
        this.rounds = rounds;
        this.each = each;
    }

    public Rounds add(String name, Work work) {
        variants.put(name, () -> measured(work));
        return this;
    }

    /** A variant that measures itself, such as another program. */
    public Rounds addScored(String name, java.util.concurrent.Callable<Score> score) {
        variants.put(name, score::call);
        return this;
    }

    /** A tenth as many rounds to warm up, three at least, then the ones that count; every other one in reverse order. */
    public Rounds run() throws Exception {
        variants.keySet().forEach(name -> scores.put(name, new Score[rounds]));
        List<Map.Entry<String, ThrowingScore>> order = new ArrayList<>(variants.entrySet());
        for (int round = -Math.max(3, rounds / 10); round < rounds; round++) {
            Collections.reverse(order);
            for (var variant : order) {
                Score score = variant.getValue().measure();
                Score[] kept = scores.get(variant.getKey());
                if (round >= 0 && kept != null) {
                    kept[round] = score;
                }
            }
        }
        return this;
    }

    private Score measured(Work work) throws Exception {
        long start = System.nanoTime();
        long cpu = THREADS.getCurrentThreadCpuTime();
        long times = 0;
        long now = start;
        while (now - start < each.toNanos()) {
            work.run();
            times++;
            now = System.nanoTime();
        }
        return new Score(times, (now - start) / 1e9, (THREADS.getCurrentThreadCpuTime() - cpu) / 1e9);
    }

    public Figure figure(String name, ToDoubleFunction<Score> of) {
        return figure(Arrays.stream(of(name)).mapToDouble(of).toArray());
    }

    /** Paired: the ratio within each round, and of those the median. */
    public Figure ratio(String name, String base, ToDoubleFunction<Score> of) {
        double[] ratios = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            ratios[i] = of.applyAsDouble(of(name)[i]) / of.applyAsDouble(of(base)[i]);
        }
        return figure(ratios);
    }

    /** Paired: the difference within each round. */
    public Figure difference(String name, String base, ToDoubleFunction<Score> of) {
        double[] differences = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            differences[i] = of.applyAsDouble(of(name)[i]) - of.applyAsDouble(of(base)[i]);
        }
        return figure(differences);
    }

    private Score[] of(String name) {
        Score[] found = scores.get(name);
        if (found == null) {
            throw new IllegalArgumentException(name);
        }
        return found;
    }

    public static Figure figure(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Figure(sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
    }

    /** A line of a table: what, measured, floor, stretch. */
    public static void row(String what, Object measured, String floor, String stretch) {
        System.out.printf(Locale.ROOT, "| %-74s | %-28s | %-12s | %-10s |%n", what, measured, floor, stretch);
    }
}
