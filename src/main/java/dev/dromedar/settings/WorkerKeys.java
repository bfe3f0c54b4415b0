package dev.dromedar.settings;

import static dev.dromedar.settings.Key.Type.choice;
import static dev.dromedar.settings.Key.Type.file;
import static dev.dromedar.settings.Key.Type.flag;
import static dev.dromedar.settings.Key.Type.secret;
import static dev.dromedar.settings.Key.Type.text;
import static dev.dromedar.settings.Key.Type.time;
import static dev.dromedar.settings.Key.Type.words;

import dev.dromedar.settings.Key.Page;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys of the worker as a whole, under {@code dromedar.}, in the order of the READMEs. */
final class WorkerKeys {
    static final List<Key> ALL = List.of(
            key(
                    Page.MAIN,
                    "sandbox.enabled",
                    flag(),
                    "false",
                    "Start authorities and APIs on this machine, and provide their settings as `{{sandbox...}}`."),
            key(Page.MAIN, "reload", flag(), "false", "Apply edits of settings and routes while the worker runs."),
            key(Page.MAIN, "log.json", flag(), "false", "Log one JSON object per line."),
            key(
                    Page.MAIN,
                    "audit",
                    text(),
                    "false",
                    "Record each outbound call: `true` in the log, `file:data/audit/audit.jsonl` in a chained file of its own."),
            key(
                    Page.OPERATIONS,
                    "audit.on-failure",
                    choice("stop", "continue"),
                    "stop",
                    "While the audit file cannot be written: refuse calls, or make them without a record."),
            key(
                    Page.OPERATIONS,
                    "audit.roll-size",
                    new Key.Type.Size(1L << 10, 100L << 30),
                    "100MB",
                    "Size at which the audit file is closed and another begun; each day (UTC) begins another too."),
            key(
                    Page.OPERATIONS,
                    "audit.keep",
                    time("1d", "36600d"),
                    "no end",
                    "How long closed audit files are kept; the worker then removes them."),
            key(
                    Page.OPERATIONS,
                    "audit.secret-key",
                    secret(),
                    "made in `<file>.key`",
                    "Base64 of 32 bytes: the records' hashes are keyed with it."),
            key(
                    Page.MAIN,
                    "camel-cli",
                    flag(),
                    "false",
                    "Make this worker visible to Camel's command line (`camel ps`, `camel get`, `camel trace`)."),
            key(
                    Page.MAIN,
                    "management.token-file",
                    file(),
                    "data/management-<port>.token",
                    "Where the token of the management port is written at each start."),
            key(
                    Page.MAIN,
                    "management.hosts",
                    words(),
                    null,
                    "Names by which a reverse proxy reaches the management port, with or without a port, separated by spaces."),
            key(
                    Page.MAIN,
                    "health.api-down",
                    flag(),
                    "true; false under Spring Boot, where it would take the whole application down",
                    "Whether health is DOWN while an API has no token or its breaker is open. Otherwise its check says so and stays UP."),
            key(
                    Page.MAIN,
                    "tls.ca-file",
                    file(),
                    null,
                    "A PEM file of certificate authorities to trust besides the JDK's, for authorities and APIs."),
            key(
                    Page.MAIN,
                    "spool.megabytes",
                    new Key.Type.Count(1, 100_000_000),
                    "10000",
                    "Disk space for the large bodies of all running calls together. A call that needs more fails."),
            key(
                    Page.MAIN,
                    "private-headers",
                    words(),
                    "none; passwords, keys, tokens and cookies are private in any case",
                    "Names of headers, such as `person-id`, whose values are in no dead letter, log or console; separated by spaces. A"
                            + " replay goes without them."),
            key(
                    Page.CLUSTER,
                    "cluster.address",
                    text(),
                    "none: a worker on its own",
                    "The database; turns the cluster on. Two servers:"
                            + " `jdbc:postgresql://a,b/dromedar?targetServerType=primary`."),
            key(Page.CLUSTER, "cluster.user", text(), null, "User of the database."),
            key(Page.CLUSTER, "cluster.secret", secret(), null, "Password of that user."),
            key(
                    Page.CLUSTER,
                    "cluster.name",
                    text(),
                    "dromedar",
                    "The same on all nodes; clusters of other names can share the database."),
            key(
                    Page.CLUSTER,
                    "cluster.node",
                    text(),
                    "host, process and a random part",
                    "Name of this node, unique in the cluster."),
            key(Page.CLUSTER, "cluster.migrate", flag(), "true", "Create and upgrade the tables at start."),
            key(
                    Page.CLUSTER,
                    "cluster.check-in",
                    time("1s", "1m"),
                    "3s",
                    "How often a node reports that it is alive; not seen three times as long, it is considered dead."),
            key(
                    Page.CLUSTER,
                    "cluster.repeat-interrupted",
                    flag(),
                    "true",
                    "Whether another node repeats the run of a node that died."),
            key(
                    Page.CLUSTER,
                    "cluster.repeat-interrupted-except",
                    words(),
                    null,
                    "Route ids for which the opposite holds, separated by spaces."),
            key(
                    Page.CLUSTER,
                    "cluster.connections",
                    new Key.Type.Count(4, 500),
                    "10",
                    "Most connections of one node to the database."),
            key(Page.CLUSTER, "cluster.threads", new Key.Type.Count(1, 500), "10", "Most firings of one node at once."),
            key(
                    Page.CLUSTER,
                    "dead-letters.folder",
                    file(),
                    "data/dead-letters",
                    "Where dead letters are kept on a single machine; one worker per folder."),
            key(
                    Page.CLUSTER,
                    "dead-letters.every-route",
                    flag(),
                    "false",
                    "Keep what fails in routes without an error handler."),
            key(
                    Page.CLUSTER,
                    "dead-letters.answers",
                    flag(),
                    "true where `secret-key` is set, otherwise false",
                    "Keep the beginning (8000 characters) of the body by which an API refused a call (status 400 to 499)."),
            key(
                    Page.CLUSTER,
                    "dead-letters.redeliveries",
                    new Key.Type.Count(0, 1000),
                    "0",
                    "Redeliveries of that error handler before the message becomes a dead letter."),
            key(Page.CLUSTER, "dead-letters.redelivery-delay", time("1ms", "1h"), "5s", "Delay between them."),
            key(
                    Page.CLUSTER,
                    "dead-letters.keep",
                    time("1m", "3660d"),
                    "30d",
                    "How long after its last failure a letter is removed."),
            key(
                    Page.CLUSTER,
                    "dead-letters.megabytes",
                    new Key.Type.Count(1, 1_000_000),
                    "1000",
                    "Room for all letters; a warning is logged at 80 percent."),
            key(
                    Page.CLUSTER,
                    "dead-letters.sealed",
                    flag(),
                    "true",
                    "Whether letters are sealed with AES-256-GCM; otherwise they are readable on disk."),
            key(
                    Page.CLUSTER,
                    "dead-letters.secret-key",
                    secret(),
                    "made in `<folder>.key`; required in a cluster",
                    "Base64 of 32 bytes, which seals letters; keys of before may follow, separated by spaces: they open theirs."),
            key(
                    Page.CLUSTER,
                    "feed.folder",
                    file(),
                    "data/feeds",
                    "Where feed positions are kept on a single machine."));

    private WorkerKeys() {}

    private static Key key(Page page, String name, Key.Type type, @Nullable String otherwise, String document) {
        return new Key(name, type, otherwise, document, page, "0.1.0");
    }
}
