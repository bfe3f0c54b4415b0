package dev.dromedar.cli;

import dev.dromedar.cluster.Node;
import dev.dromedar.cluster.OpenStore;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code cluster}: the nodes of the cluster, and the SQL of its tables. */
@Command(
        name = "cluster",
        description = "Lists the nodes of the cluster, or prints the SQL of its tables.",
        footer = {"  ./run cluster nodes", "  ./run cluster sql > tables.sql"})
final class ClusterCommand extends CommandGroup {
    private static final int LAST = 999;

    private final Shell shell;

    ClusterCommand(Shell shell) {
        this.shell = shell;
    }

    @Command(
            name = "nodes",
            description = "Lists the nodes that were seen within the last hour.",
            footer = {"  ./run cluster nodes"})
    int nodes() {
        try (OpenStore store = OpenStore.with(shell.folder().storeSettings())) {
            List<Node> nodes = store.nodes();
            if (nodes == null) {
                shell.out().println("This worker is not in a cluster: dromedar.cluster.address is not set.");
                return ExitStatus.FAILED;
            }
            if (nodes.isEmpty()) {
                shell.out()
                        .println("No worker of cluster " + store.clusterName()
                                + " is running, or was within the last hour.");
                return ExitStatus.FAILED;
            }
            nodes.forEach(node -> shell.out()
                    .println(node.name() + "  " + (node.alive() ? "alive" : "not seen since " + node.seen())));
            return ExitStatus.DONE;
        }
    }

    @Command(
            name = "sql",
            description = {
                "Prints the SQL that creates the tables of a cluster, for a database where the worker may not, or upgrades"
                        + " those of an older version."
            },
            footer = {"  ./run cluster sql > tables.sql", "  ./run cluster sql 1"})
    int sql(
            @Parameters(
                            arity = "0..1",
                            paramLabel = "VERSION",
                            defaultValue = "0",
                            description = "The version of the tables that are there; none for a new database.")
                    int version) {
        if (version < 0 || version > LAST) {
            throw new ParameterException(
                    spec.subcommands().get("sql"), "VERSION: " + version + " is not from 0 to " + LAST + ".");
        }
        shell.out().print(OpenStore.sql(version));
        return ExitStatus.DONE;
    }
}
