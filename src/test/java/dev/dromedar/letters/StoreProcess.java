package dev.dromedar.letters;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A process of its own on a store, for tests that kill it. Ends when its input does. */
final class StoreProcess {
    static final int BODY = 3000;

    private StoreProcess() {}

    /** Its output is for the caller to read. */
    static Process start(List<Process> started, Path folder, String... words) throws IOException {
        return start(started, ProcessBuilder.Redirect.PIPE, folder, words);
    }

    static Process start(List<Process> started, ProcessBuilder.Redirect out, Path folder, String... words)
            throws IOException {
        return start(started, out, System.getProperty("java.class.path"), folder, words);
    }

    static Process start(
            List<Process> started, ProcessBuilder.Redirect out, String classPath, Path folder, String... words)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                StoreProcess.class.getName(),
                folder.toString()));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(out)
                .start();
        started.add(process);
        return process;
    }

    static DeadLetterSettings settings(Path folder) {
        return new DeadLetterSettings(folder, Duration.ofDays(30), 100_000_000, null, false, 0, Duration.ZERO);
    }

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        try {
            switch (args[1]) {
                case "open" -> DeadLetterStore.forWorker(settings(folder)).close();
                case "command" -> {
                    try (var store = DeadLetterStore.forCommand(settings(folder))) {
                        System.out.println("worker runs: " + store.workerRuns() + ", letters: "
                                + store.list(1000).size());
                    }
                }
                case "claim" -> {
                    var store = DeadLetterStore.forWorker(settings(folder));
                    System.out.println("claimed "
                            + Objects.requireNonNull(store.claims().claim()).id());
                    System.in.read();
                }
                case "feed" -> feed(folder);
                default -> write(folder, args[2]);
            }
            if (args[1].equals("open")) {
                System.out.println("opened");
            }
        } catch (StoreFailure e) {
            System.out.println(e.getMessage());
        }
    }

    /** Says each id when the letter is kept. */
    private static void write(Path folder, String prefix) {
        Instant then = Instant.parse("2026-01-01T00:00:00Z");
        var store = DeadLetterStore.forWorker(settings(folder));
        for (int i = 0; ; i++) {
            String id = prefix + "-" + i;
            store.add(
                    new Letter(id, "in", null, then, then, 1, Letter.State.KEPT, "why"),
                    new KeptMessage(Map.of(), KeptMessage.Kind.BYTES, new byte[BODY]));
            System.out.println(id);
            System.out.flush();
        }
    }

    /** Moves a feed on by one, a hundred times, against whoever else does; says how often it was this process. */
    private static void feed(Path folder) {
        int moved = 0;
        try (var database = LocalDatabase.forWorkers(new StoreFolder(folder, StoreFolder.Use.FEEDS))) {
            database.complete();
            var positions = new FeedPositions(database);
            for (int i = 0; i < 100; i++) {
                FeedPositions.Position from = positions.position("events");
                if (positions.advance("events", from, from == null ? 1 : from.number() + 1) != null) {
                    moved++;
                }
            }
        }
        System.out.println(moved);
    }
}
