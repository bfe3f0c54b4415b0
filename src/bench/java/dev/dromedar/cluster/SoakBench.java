package dev.dromedar.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Three nodes, fifty APIs of mixed profiles, five schedules of each second, about 200 calls a second, for an hour, while nodes are
 * frozen, cut off, killed and edited. Start it by {@code src/bench/run Soak [MINUTES]}; ends with 1 if something was found.
 */
final class SoakBench {
    private SoakBench() {}

    public static void main(String[] args) throws Exception {
        int minutes = args.length == 0 ? 60 : Integer.parseInt(args[0]);
        Path folder = Files.createTempDirectory("dromedar-soak");
        System.out.println("The nodes say: " + folder);
        boolean good;
        try (var soak = new ClusterSoak(folder, 50, 5, 770)) {
            SoakVerdict verdict = soak.run(Duration.ofMinutes(minutes), Duration.ofSeconds(15));
            verdict.words().forEach(System.out::println);
            verdict.faults().stream().limit(200).forEach(fault -> System.out.println("FAULT " + fault));
            System.out.println(verdict.faults().size() + " faults");
            good = verdict.faults().isEmpty();
        }
        System.exit(good ? 0 : 1);
    }
}
