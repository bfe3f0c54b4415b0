package dev.dromedar.cluster;

import dev.dromedar.sandbox.ProtectedApi;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Three workers on one database call APIs of mixed profiles by timers and by clustered schedules, with tokens of ten seconds and
 * a fault in one answer of a hundred, while they are frozen, cut off from the database, killed and edited. {@link SoakReceiver}
 * counts, {@link SoakVerdict} judges.
 */
final class ClusterSoak implements AutoCloseable {
    private static final Duration LONG = Duration.ofMinutes(8);

    private enum Trouble {
        FREEZE,
        CUT,
        KILL,
        FREEZE_AND_CUT
    }

    /** Each of them once in the beginning; a start writes a line for each API, and is not the rule. */
    private static final List<Trouble> TURNS = List.of(
            Trouble.FREEZE,
            Trouble.CUT,
            Trouble.KILL,
            Trouble.FREEZE_AND_CUT,
            Trouble.FREEZE,
            Trouble.CUT,
            Trouble.FREEZE,
            Trouble.FREEZE_AND_CUT,
            Trouble.FREEZE,
            Trouble.CUT);

    private final TestCluster cluster;
    private final SoakSite site;
    private final SoakNodes nodes;
    private final SoakReceiver receiver = new SoakReceiver(4);
    private final Random random = new Random(19);
    private final Random edited = new Random(20);
    /** Held while a node starts, or a file has a fault on purpose: a node does not start with that. */
    private final ReentrantLock files = new ReentrantLock();

    private final List<String> troubles = new ArrayList<>();
    private final List<String> editFaults = new ArrayList<>();
    private int edits;
    private int rejected;
    private volatile boolean ending;
    private volatile long longestPause;

    ClusterSoak(Path folder, int apis, int schedules, int period) throws Exception {
        cluster = new TestCluster(folder);
        site = new SoakSite(folder, apis, schedules, period);
        nodes = new SoakNodes(cluster, site, folder);
        site.apis().forEach(receiver::watch);
    }

    /** The verdict on so long a time, counted from when all have started. */
    SoakVerdict run(Duration length, Duration between) throws Exception {
        for (String node : SoakNodes.NODES) {
            nodes.start(node);
            nodes.awaitStarted(node);
        }
        awaitCalls();
        watchTheMachine();
        long begun = System.nanoTime();
        long end = begun + length.toNanos();
        var editor = new Thread(() -> editUntil(between), "editor");
        editor.start();
        long measured = 0;
        for (int turn = 0; System.nanoTime() < end || turn < Trouble.values().length; turn++) {
            pass(between.toMillis() / 2 + random.nextInt((int) between.toMillis()));
            if (turn == 0 || System.nanoTime() - measured > 60e9) {
                nodes.measure();
                measured = System.nanoTime();
                site.apis().forEach(api -> api.origin().forgetReceived());
            }
            make(TURNS.get(turn % TURNS.size()), (System.nanoTime() - begun) / (double) length.toNanos());
            awaitCalls();
            say();
        }
        ending = true;
        editor.join();
        pass(15_000);
        nodes.measure();
        awaitEdits();
        double minutes = (System.nanoTime() - begun) / 60e9;
        nodes.end();
        return new SoakVerdict(site, nodes, receiver, minutes)
                .with(troubles, edits, rejected, editFaults, longestPause);
    }

    /** The first node lives from the beginning to the end, the second from the middle on at least. */
    private void make(Trouble trouble, double passed) throws Exception {
        List<String> order = new ArrayList<>(SoakNodes.NODES);
        java.util.Collections.shuffle(order, random);
        String node = order.get(0);
        String what =
                switch (trouble) {
                    case FREEZE -> freeze(node);
                    case CUT -> {
                        nodes.cut(node);
                        pass(30_000);
                        nodes.heal(node);
                        yield node + " cut off for 30 s";
                    }
                    case KILL -> kill(passed < 0.4 && random.nextBoolean() ? "two" : "three");
                    case FREEZE_AND_CUT -> {
                        nodes.cut(node);
                        pass(random.nextInt(10_000));
                        String frozen = freeze(order.get(1));
                        pass(10_000);
                        nodes.heal(node);
                        yield node + " cut off, and meanwhile " + frozen;
                    }
                };
        troubles.add(now() + " " + what);
    }

    private String freeze(String node) throws Exception {
        int seconds = 5 + random.nextInt(16);
        nodes.freeze(node);
        pass(seconds * 1000L);
        nodes.thaw(node);
        return node + " frozen for " + seconds + " s";
    }

    private String kill(String node) throws Exception {
        files.lock();
        try {
            nodes.kill(node);
            pass(random.nextInt(20_000));
            nodes.start(node);
            nodes.awaitStarted(node);
        } finally {
            files.unlock();
        }
        return node + " killed and started again";
    }

    /** Each calls again, however starved the machine is. */
    private void awaitCalls() {
        for (String node : SoakNodes.NODES) {
            long before = receiver.answeredOf(node);
            Await.until(
                    node + " calls",
                    LONG,
                    () -> receiver.answeredOf(node) > before + site.apis().size() / 2);
        }
    }

    private void editUntil(Duration between) {
        try {
            while (!ending) {
                pass(between.toMillis() + edited.nextInt((int) between.toMillis()));
                files.lock();
                try {
                    edit();
                } finally {
                    files.unlock();
                }
            }
        } catch (Exception e) {
            editFaults.add("the editor ended: " + e);
        }
    }

    private void edit() throws Exception {
        String node = SoakNodes.NODES.get(edited.nextInt(3));
        ProtectedApi api = site.apis().get(edited.nextInt(site.apis().size()));
        switch (edited.nextInt(4)) {
            case 0 -> {
                site.timer(node, api, edits + 1);
                edits++;
            }
            case 1 -> {
                for (String each : SoakNodes.NODES) {
                    site.set(each, api, edits + 1);
                }
                edits++;
            }
            case 2 -> {
                String schedule =
                        site.schedules().get(edited.nextInt(site.schedules().size()));
                for (String each : SoakNodes.NODES) {
                    site.schedule(each, schedule, edits + 1);
                }
                edits++;
            }
            default -> {
                String before = site.spoil(node, api);
                pass(3_000);
                site.restore(node, api, before);
                rejected++;
            }
        }
    }

    /** The newest edit of everything is what calls show. */
    private void awaitEdits() {
        for (String node : SoakNodes.NODES) {
            for (ProtectedApi api : site.apis()) {
                awaitEdit(node, SoakSite.timerOf(api), site.editOf(node, SoakSite.timerOf(api)));
                awaitEdit(node, api.name(), site.editOf(node, api.name()));
            }
        }
    }

    private void awaitEdit(String node, String what, int edit) {
        try {
            Await.until(what, Duration.ofMinutes(1), () -> receiver.edit(what, node) == edit);
        } catch (AssertionError e) {
            editFaults.add(
                    "edit " + edit + " of " + what + " on " + node + " had no effect: " + receiver.edit(what, node));
        }
    }

    private void say() {
        System.out.printf(
                "%s: %d calls, %d with a fault, answers of the APIs other than 200: %s; %s%n",
                troubles.get(troubles.size() - 1),
                receiver.calls(),
                receiver.faulted(),
                receiver.refused(),
                nodes.last());
    }

    /** How long a thread that wants to run every tenth of a second waits for it: what a starved machine does to everything. */
    private void watchTheMachine() {
        var thread = new Thread(
                () -> {
                    while (!ending) {
                        long before = System.nanoTime();
                        LockSupport.parkNanos(100_000_000);
                        longestPause = Math.max(longestPause, System.nanoTime() - before - 100_000_000);
                    }
                },
                "machine");
        thread.setDaemon(true);
        thread.start();
    }

    private static String now() {
        return LocalTime.now(ZoneId.systemDefault())
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
    }

    private static void pass(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    @Override
    public void close() throws IOException {
        ending = true;
        cluster.close();
        nodes.close();
        site.close();
    }
}
