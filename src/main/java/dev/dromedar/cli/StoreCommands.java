package dev.dromedar.store;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The commands on what is kept: {@code dead-letters}, {@code feed} and {@code cluster}. They start no worker. */
public final class StoreCommands {
    private static final String FEED = """
            feed show [NAME]           where each feed is: the last event whose work is done
            feed rewind NAME NUMBER    puts a feed's pointer to a number; the next event asked for is the one after it
            """;
    private static final String CLUSTER = """
            cluster nodes              the nodes that were seen within an hour
            cluster sql [VERSION]      prints the SQL that makes the tables, or upgrades those of a version
            """;

    private StoreCommands() {}

    /**
     * Runs one command.
     *
     * @return the process's status: 0, or 1 if something was not done, or 2 for words it does not know
     */
    public static int run(String command, List<String> rest, StoreSettings settings, PrintStream out) {
        if (command.equals("cluster") && !rest.isEmpty() && rest.get(0).equals("sql")) {
            String from = rest.size() > 1 ? rest.get(1) : "0";
            if (!from.matches("\\d{1,3}")) {
                out.print(CLUSTER);
                return 2;
            }
            out.print(Database.sql(Integer.parseInt(from)));
            return 0;
        }
        ClusterSettings cluster = settings.cluster();
        try {
            if (cluster == null) {
                return onFiles(command, rest, settings, out);
            }
            try (var database = new Database(cluster, Duration.ofSeconds(5))) {
                database.check();
                return onDatabase(command, rest, settings, cluster, database, out);
            }
        } catch (StoreFailure e) {
            out.println(e.getMessage());
            return 1;
        }
    }

    private static int onFiles(String command, List<String> args, StoreSettings settings, PrintStream out) {
        return switch (command) {
            case "dead-letters" ->
                DeadLettersCommand.run(args, out, () -> FileLetters.forCommand(settings.deadLetters()));
            case "feed" -> feed(args, new FilePointers(settings.feedFolder()), out);
            default -> {
                out.print("This worker is on its own: dromedar.cluster.address is not set.\n" + CLUSTER);
                yield 2;
            }
        };
    }

    private static int onDatabase(
            String command,
            List<String> args,
            StoreSettings settings,
            ClusterSettings cluster,
            Database database,
            PrintStream out) {
        return switch (command) {
            case "dead-letters" ->
                DeadLettersCommand.run(args, out, () -> new DatabaseLetters(database, cluster, settings.deadLetters()));
            case "feed" -> feed(args, new DatabasePointers(database, cluster.name()), out);
            default -> nodes(args, cluster, database, out);
        };
    }

    private static int nodes(List<String> args, ClusterSettings cluster, Database database, PrintStream out) {
        if (!args.equals(List.of("nodes"))) {
            out.print(CLUSTER);
            return 2;
        }
        List<Cluster.Node> nodes = Cluster.nodes(database, cluster);
        if (nodes.isEmpty()) {
            out.println("No worker of cluster " + cluster.name() + " runs, or has run in the last hour.");
        }
        for (Cluster.Node node : nodes) {
            out.println(node.name() + "  " + (node.alive() ? "alive" : "not seen since " + node.seen()));
        }
        return 0;
    }

    private static int feed(List<String> args, Pointers pointers, PrintStream out) {
        String verb = args.isEmpty() ? "" : args.get(0);
        if (verb.equals("show") && args.size() <= 2) {
            Map<String, Long> all = pointers.all();
            if (args.size() == 2 && !all.containsKey(args.get(1))) {
                return noFeed(args.get(1), out);
            }
            if (all.isEmpty()) {
                out.println("No feed is read yet. A route makes the pointer when it advances it for the first time.");
            }
            all.forEach((feed, position) -> {
                if (args.size() == 1 || args.get(1).equals(feed)) {
                    out.println(feed + "  " + position);
                }
            });
            return 0;
        }
        if (!verb.equals("rewind") || args.size() != 3 || !args.get(2).matches("\\d{1,18}")) {
            out.print(FEED);
            return 2;
        }
        String feed = args.get(1);
        if (!pointers.all().containsKey(feed)) {
            return noFeed(feed, out);
        }
        pointers.set(feed, Long.parseLong(args.get(2)));
        out.println(feed + " is at " + args.get(2) + " now. A page that is worked on meanwhile does not move it.");
        return 0;
    }

    private static int noFeed(String feed, PrintStream out) {
        out.println("There is no feed " + feed + " yet. feed show lists them.");
        return 1;
    }
}
