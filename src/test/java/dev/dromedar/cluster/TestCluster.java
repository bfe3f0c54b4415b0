package dev.dromedar.cluster;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A PostgreSQL and nodes in processes of their own, which a test stops, kills and starts. Ends all of them. */
final class TestCluster implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(10);

    private final Path folder;
    private final int port;
    private EmbeddedPostgres postgres;
    private final Map<String, Process> nodes = new LinkedHashMap<>();
    /** How long the log of a node was when it was started last. */
    private final Map<String, Long> begun = new HashMap<>();

    TestCluster(Path folder) throws IOException {
        this.folder = folder;
        this.postgres = builder(0).start();
        this.port = postgres.getPort();
    }

    private EmbeddedPostgres.Builder builder(int atPort) {
        return EmbeddedPostgres.builder()
                .setPort(atPort)
                .setDataDirectory(folder.resolve("database"))
                .setCleanDataDirectory(false)
                .setPGStartupWait(Duration.ofMinutes(2));
    }

    String address() {
        return "jdbc:postgresql://localhost:" + port + "/postgres";
    }

    void stopDatabase() throws IOException {
        postgres.close();
    }

    void startDatabase() throws IOException {
        postgres = builder(port).start();
    }

    void start(String node, String... options) throws IOException {
        startAt(address(), node, options);
    }

    int port() {
        return port;
    }

    void startAt(String databaseAddress, String node, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + Integer.getInteger("nodes.heap", 512) + "m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "-Dlogback.configurationFile=dromedar-logback.xml",
                ClusterNode.class.getName(),
                databaseAddress,
                node));
        command.addAll(List.of(options));
        File log = log(node).toFile();
        begun.put(node, log.length());
        nodes.put(
                node,
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                        .start());
    }

    /** The worker itself, in a folder of its own with properties and routes; the cluster's keys are added. */
    void startWorker(Path site, String node, List<String> options, Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Ddromedar.cluster.address=" + address(),
                "-Ddromedar.cluster.user=postgres",
                "-Ddromedar.cluster.node=" + node,
                "-Ddromedar.cluster.check-in=1s"));
        command.addAll(options);
        String classes = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(part -> Path.of(part).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
        command.addAll(List.of("-cp", classes, "dev.dromedar.Dromedar"));
        var builder = new ProcessBuilder(command)
                .directory(site.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log(node).toFile()));
        builder.environment().putAll(environment);
        begun.put(node, log(node).toFile().length());
        nodes.put(node, builder.start());
    }

    /** Waits until a worker has ended by itself; its exit status. */
    int awaitEnd(String node) throws InterruptedException {
        Process process = Objects.requireNonNull(nodes.remove(node));
        if (!process.waitFor(START.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(node + " does not end: " + log(node));
        }
        return process.exitValue();
    }

    /** SIGTERM. */
    void terminate(String node) throws InterruptedException {
        Process process = nodes.remove(node);
        if (process != null) {
            process.destroy();
            if (!process.waitFor(START.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(node + " does not stop: " + log(node));
            }
        }
    }

    void awaitStarted(String... names) {
        for (String node : names) {
            // Not what it said before it was killed, or in another test
            await(node, node + " started", START, () -> said(node).contains("started " + node));
        }
    }

    /** Waits for what a node that runs does; fails at once if it has ended, and with what it said last. */
    void await(String node, String what, Duration most, Callable<Boolean> condition) {
        try {
            Await.until(what, most, () -> {
                boolean runs = isRunning(node);
                boolean done = condition.call();
                if (!done && !runs) {
                    throw new AssertionError(node + " has ended");
                }
                return done;
            });
        } catch (AssertionError e) {
            List<String> lines = said(node).lines().toList();
            String end = String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
            throw new AssertionError(e.getMessage() + ". " + node + " said last:\n" + end, e);
        }
    }

    /** What a node has said since it was started. */
    private String said(String node) {
        try {
            String all = Files.readString(log(node));
            return all.substring(Math.min(all.length(), (int) (long) begun.getOrDefault(node, 0L)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isRunning(String node) {
        Process process = nodes.get(node);
        return process != null && process.isAlive();
    }

    Path log(String node) {
        return folder.resolve(node + ".log");
    }

    /** kill -9. */
    void kill(String node) throws InterruptedException, IOException {
        Process process = nodes.remove(node);
        if (process != null) {
            process.destroyForcibly().waitFor();
            Files.move(log(node), folder.resolve(node + ".killed.log"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** SIGSTOP: as a virtual machine that is paused. What it has open stays open. */
    void freeze(String node) throws InterruptedException, IOException {
        signal("STOP", node);
    }

    /** SIGCONT. */
    void thaw(String node) throws InterruptedException, IOException {
        signal("CONT", node);
    }

    private void signal(String signal, String node) throws InterruptedException, IOException {
        signal(signal, Objects.requireNonNull(nodes.get(node)).pid());
    }

    /** SIGSTOP to all processes of the database: nothing is refused, and nothing answered. */
    void freezeDatabase() throws InterruptedException, IOException {
        ProcessHandle main = database();
        signal("STOP", main.pid()); // it starts no more
        for (ProcessHandle process : main.descendants().toList()) {
            signal("STOP", process.pid());
        }
    }

    void thawDatabase() throws InterruptedException, IOException {
        ProcessHandle main = database();
        for (ProcessHandle process : main.descendants().toList()) {
            signal("CONT", process.pid());
        }
        signal("CONT", main.pid());
    }

    private static void signal(String signal, long process) throws InterruptedException, IOException {
        int status = new ProcessBuilder("kill", "-" + signal, String.valueOf(process))
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("kill -" + signal + " " + process + ": " + status);
        }
    }

    /** Lets a node end what it does and stop. */
    void stop(String node) throws InterruptedException, IOException {
        Process process = nodes.remove(node);
        if (process != null) {
            process.getOutputStream().close();
            if (!process.waitFor(START.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(node + " does not stop: " + log(node));
            }
        }
    }

    Process process(String node) {
        return Objects.requireNonNull(nodes.get(node), node);
    }

    /** Has a node stop its routes, and go on living. */
    void stopRoutes(String node) throws IOException {
        ask(node, 's', "routes stopped");
    }

    /** Has it start them again. */
    void startRoutes(String node) throws IOException {
        ask(node, 'r', "routes started");
    }

    private void ask(String node, char what, String done) throws IOException {
        var input = Objects.requireNonNull(nodes.get(node)).getOutputStream();
        input.write(what);
        input.flush();
        Await.until(done, START, () -> Files.readString(log(node)).contains(done));
    }

    /** The processes of the nodes that were started and neither killed nor stopped. */
    List<ProcessHandle> processes() {
        return nodes.values().stream().map(Process::toHandle).toList();
    }

    /** The database's main process; its connections are its children. */
    ProcessHandle database() throws IOException {
        List<String> lines = Files.readAllLines(folder.resolve("database").resolve("postmaster.pid"));
        return ProcessHandle.of(Long.parseLong(lines.get(0).strip())).orElseThrow();
    }

    void run(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(address(), "postgres", "");
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    long number(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(address(), "postgres", "");
                var statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    List<String> rows(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(address(), "postgres", "");
                var statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                var row = new StringBuilder(String.valueOf(rows.getString(1)));
                for (int i = 2; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.append(' ').append(rows.getString(i));
                }
                all.add(row.toString());
            }
            return all;
        }
    }

    void endNodes() {
        nodes.values().forEach(Process::destroyForcibly);
        for (Map.Entry<String, Process> node : nodes.entrySet()) {
            try {
                node.getValue().waitFor(10, TimeUnit.SECONDS);
                Files.deleteIfExists(log(node.getKey()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        nodes.clear();
    }

    @Override
    public void close() throws IOException {
        endNodes();
        postgres.close();
    }
}
