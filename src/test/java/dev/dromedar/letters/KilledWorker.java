package dev.dromedar.letters;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/**
 * A worker in a process of its own that sends 20 messages a second into a route, half of whose runs fail, and that replays the
 * letters; killed at any moment, again and again. What it says it has done, and what is in its store, must agree.
 */
final class KilledWorker implements AutoCloseable {
    private static final int PER_SECOND = 20;
    private static final int LARGEST = 60_000;

    private final Path folder;
    private final List<Process> started = new ArrayList<>();
    private int round;

    /** @param folder for the store and for what the workers say */
    KilledWorker(Path folder) {
        this.folder = folder;
    }

    /** Starts a worker and kills it after a time, measured from when its store is open, or from its start if that is zero. */
    void killAfter(Duration time, boolean sinceItsStart) throws Exception {
        Path said = folder.resolve("said-" + round);
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder(
                        java.toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWorker.class.getName(),
                        folder.resolve("store").toString(),
                        String.valueOf(1_000_000 * ++round))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(said.toFile())
                .start();
        started.add(process);
        if (!sinceItsStart) {
            dev.dromedar.cluster.Await.until("it works: " + said, Duration.ofMinutes(3), () -> Files.readString(said)
                    .contains("begun"));
        }
        LockSupport.parkNanos(time.toNanos());
        process.destroyForcibly().waitFor();
        started.remove(process);
    }

    /**
     * What there is, counted.
     *
     * @param begun runs that were begun, but for replays
     * @param acknowledged of these, those whose sender got an answer
     * @param worked runs and replays that did their work
     * @param letters that are in the store
     * @param interrupted of these, those whose replay was under way at a kill; none is replayed by itself
     * @param faults what does not agree
     */
    record Found(long begun, long acknowledged, long worked, long letters, long interrupted, List<String> faults) {}

    Found look() throws Exception {
        Map<String, Integer> worked = new HashMap<>();
        List<String> begun = new ArrayList<>();
        List<String> acknowledged = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        for (int i = 0; i < round; i++) {
            for (String line : wholeLines(folder.resolve("said-" + i))) {
                String[] words = line.split(" ");
                switch (words[0]) {
                    case "begun" -> begun.add(words[1]);
                    case "acknowledged" -> acknowledged.add(words[1]);
                    case "worked" -> worked.merge(words[1], 1, Integer::sum);
                    default -> faults.add(line);
                }
            }
        }
        Map<String, Letter> letters = new HashMap<>();
        long interrupted = 0;
        try (var store = DeadLetterStore.forWorker(StoreProcess.settings(folder.resolve("store")))) {
            for (Letter letter : store.list(1_000_000)) {
                String body = store.messageToReplay(letter).bodyText();
                String number = body.substring(0, Math.max(0, body.indexOf(':')));
                if (number.isEmpty() || !body.equals(body(Long.parseLong(number)))) {
                    faults.add(letter.id() + " is not whole");
                } else if (letters.put(number, letter) != null) {
                    faults.add(number + " has two letters");
                }
                boolean underWay = letter.state() == Letter.State.RUNNING || letter.state() == Letter.State.INTERRUPTED;
                interrupted += underWay ? 1 : 0;
                if (worked.containsKey(number) && !underWay) {
                    faults.add(number + " has done its work, and its letter is " + letter.state());
                }
            }
        }
        worked.forEach((number, times) -> {
            if (times > 1) {
                faults.add(number + " has done its work " + times + " times");
            }
        });
        for (String number : acknowledged) {
            if (!worked.containsKey(number) && !letters.containsKey(number)) {
                faults.add(number + " was acknowledged, and is lost");
            }
        }
        return new Found(
                begun.size(),
                acknowledged.size(),
                worked.values().stream().mapToLong(Integer::longValue).sum(),
                letters.size(),
                interrupted,
                faults);
    }

    private static List<String> wholeLines(Path file) throws IOException {
        String text = Files.readString(file);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    private static String body(long number) {
        var random = new Random(number);
        byte[] bytes = new byte[random.nextInt(LARGEST)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ('a' + random.nextInt(26));
        }
        return number + ":" + new String(bytes, StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        started.forEach(process -> process.destroyForcibly().onExit().join());
    }

    public static void main(String[] args) throws Exception {
        var context = new DefaultCamelContext();
        var random = new Random();
        DeadLetters letters = DeadLettersSetup.install(
                context,
                StoreProcess.settings(Path.of(args[0])),
                DeadLetterStore::forWorker,
                Feeds.in(Path.of(args[0], "feeds")),
                exchange -> null,
                exchange -> null,
                Clock.systemUTC());
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(deadLetterChannel(DeadLetters.ADDRESS));
                from("direct:in").routeId("in").process(exchange -> {
                    if (random.nextBoolean()) {
                        throw new IllegalStateException("this time");
                    }
                    say("worked", exchange.getIn().getBody(String.class).replaceFirst(":.*", ""));
                });
            }
        });
        context.start();
        try (var producer = context.createProducerTemplate()) {
            long begun = System.nanoTime();
            for (long i = 0; ; i++) {
                long number = Long.parseLong(args[1]) + i;
                say("begun", String.valueOf(number));
                Exchange sent = producer.request(
                        "direct:in", exchange -> exchange.getIn().setBody(body(number)));
                if (sent.getException() == null) {
                    say("acknowledged", String.valueOf(number));
                }
                letters.list(1000).stream()
                        .filter(letter -> letter.state() == Letter.State.KEPT)
                        .limit(20)
                        .forEach(letter -> letters.replay(letter.id(), "test"));
                LockSupport.parkNanos(begun + (i + 1) * 1_000_000_000L / PER_SECOND - System.nanoTime());
            }
        }
    }

    private static synchronized void say(String what, String number) {
        System.out.print(what + ' ' + number + '\n');
        System.out.flush();
    }
}
