package dev.dromedar.settings;

import static dev.dromedar.settings.ApiKeys.file;
import static dev.dromedar.settings.ApiKeys.flag;
import static dev.dromedar.settings.ApiKeys.secret;
import static dev.dromedar.settings.ApiKeys.text;
import static dev.dromedar.settings.ApiKeys.time;
import static dev.dromedar.settings.ApiKeys.words;

import dev.dromedar.settings.Key.Page;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys of the worker as a whole, under {@code dromedar.}, in the order of the READMEs. */
final class WorkerKeys {
    private static final List<Key> DECLARED = new ArrayList<>();

    static final Key SANDBOX_ENABLED = key(
            Page.MAIN,
            "sandbox.enabled",
            flag(),
            "false",
            "Start authorities and APIs on this machine, and provide their settings as `{{sandbox...}}`.");
    static final Key RELOAD =
            key(Page.MAIN, "reload", flag(), "false", "Apply edits of settings and routes while the worker runs.");
    static final Key LOG_JSON = key(Page.MAIN, "log.json", flag(), "false", "Log one JSON object per line.");
    static final Key AUDIT = key(
            Page.MAIN,
            "audit",
            text(),
            "false",
            "Record each outbound call: `true` in the log, `file:data/audit/audit.jsonl` in a chained file of its own.");
    static final Key AUDIT_ON_FAILURE = key(
            Page.OPERATIONS,
            "audit.on-failure",
            ApiKeys.choice("stop", "continue"),
            "stop",
            "While the audit file cannot be written: refuse calls, or make them without a record.");
    static final Key AUDIT_ROLL_SIZE = key(
            Page.OPERATIONS,
            "audit.roll-size",
            new Key.Type.Size(1L << 10, 100L << 30),
            "100MB",
            "Size at which the audit file is closed and another begun; each day (UTC) begins another too.");
    static final Key AUDIT_KEEP = key(
            Page.OPERATIONS,
            "audit.keep",
            time("1d", "36600d"),
            "no end",
            "How long closed audit files are kept; the worker then removes them.");
    static final Key AUDIT_SECRET_KEY = key(
            Page.OPERATIONS,
            "audit.secret-key",
            secret(),
            "made in `<file>.key`",
            "Base64 of 32 bytes: the records' hashes are keyed with it.");
    static final Key CAMEL_CLI = key(
            Page.MAIN,
            "camel-cli",
            flag(),
            "false",
            "Make this worker visible to Camel's command line (`camel ps`, `camel get`, `camel trace`).");
    static final Key MANAGEMENT_TOKEN_FILE = key(
            Page.MAIN,
            "management.token-file",
            file(),
            "data/management-<port>.token",
            "Where the token of the management port is written at each start.");
    static final Key MANAGEMENT_HOSTS = key(
            Page.MAIN,
            "management.hosts",
            words(),
            null,
            "Names by which a reverse proxy reaches the management port, with or without a port, separated by spaces.");
    static final Key HEALTH_API_DOWN = key(
            Page.MAIN,
            "health.api-down",
            flag(),
            "true; false under Spring Boot, where it would take the whole application down",
            "Whether health is DOWN while an API has no token. Otherwise its check says so and stays UP.");
    static final Key TLS_CA_FILE = key(
            Page.MAIN,
            "tls.ca-file",
            file(),
            null,
            "A PEM file of certificate authorities to trust besides the JDK's, for authorities and APIs.");

    static final Key PRIVATE_HEADERS = key(
            Page.MAIN,
            "private-headers",
            words(),
            "none; passwords, keys, tokens and cookies are private in any case",
            "Names of headers, such as `person-id`, whose values are in no dead letter, log or console; separated by spaces. A"
                    + " replay goes without them.");

    static final Key CLUSTER_ADDRESS = key(
            Page.CLUSTER,
            "cluster.address",
            text(),
            "none: a worker on its own",
            "The database; turns the cluster on. Two servers:"
                    + " `jdbc:postgresql://a,b/dromedar?targetServerType=primary`.");
    static final Key CLUSTER_USER = key(Page.CLUSTER, "cluster.user", text(), null, "User of the database.");
    static final Key CLUSTER_SECRET = key(Page.CLUSTER, "cluster.secret", secret(), null, "Password of that user.");
    static final Key CLUSTER_NAME = key(
            Page.CLUSTER,
            "cluster.name",
            text(),
            "dromedar",
            "The same on all nodes; clusters of other names can share the database.");
    static final Key CLUSTER_NODE = key(
            Page.CLUSTER,
            "cluster.node",
            text(),
            "host, process and a random part",
            "Name of this node, unique in the cluster.");
    static final Key CLUSTER_MIGRATE =
            key(Page.CLUSTER, "cluster.migrate", flag(), "true", "Create and upgrade the tables at start.");
    static final Key CLUSTER_CHECK_IN = key(
            Page.CLUSTER,
            "cluster.check-in",
            time("1s", "1m"),
            "3s",
            "How often a node reports that it is alive; not seen three times as long, it is considered dead.");
    static final Key CLUSTER_REPEAT_INTERRUPTED = key(
            Page.CLUSTER,
            "cluster.repeat-interrupted",
            flag(),
            "true",
            "Whether another node repeats the run of a node that died.");
    static final Key CLUSTER_REPEAT_INTERRUPTED_EXCEPT = key(
            Page.CLUSTER,
            "cluster.repeat-interrupted-except",
            words(),
            null,
            "Route ids for which the opposite holds, separated by spaces.");
    static final Key CLUSTER_CONNECTIONS = key(
            Page.CLUSTER,
            "cluster.connections",
            new Key.Type.Count(4, 500),
            "10",
            "Most connections of one node to the database.");
    static final Key CLUSTER_THREADS =
            key(Page.CLUSTER, "cluster.threads", new Key.Type.Count(1, 500), "10", "Most firings of one node at once.");

    static final Key DEAD_LETTERS_FOLDER = key(
            Page.CLUSTER,
            "dead-letters.folder",
            file(),
            "data/dead-letters",
            "Where dead letters are kept on a single machine; one worker per folder.");
    static final Key DEAD_LETTERS_EVERY_ROUTE = key(
            Page.CLUSTER,
            "dead-letters.every-route",
            flag(),
            "false",
            "Keep what fails in routes without an error handler.");
    static final Key DEAD_LETTERS_ANSWERS = key(
            Page.CLUSTER,
            "dead-letters.answers",
            flag(),
            "true where `secret-key` is set, otherwise false",
            "Keep the beginning (8000 characters) of the body by which an API refused a call (status 400 to 499).");
    static final Key DEAD_LETTERS_REDELIVERIES = key(
            Page.CLUSTER,
            "dead-letters.redeliveries",
            new Key.Type.Count(0, 1000),
            "0",
            "Redeliveries of that error handler before the message becomes a dead letter.");
    static final Key DEAD_LETTERS_REDELIVERY_DELAY =
            key(Page.CLUSTER, "dead-letters.redelivery-delay", time("1ms", "1h"), "5s", "Delay between them.");
    static final Key DEAD_LETTERS_KEEP = key(
            Page.CLUSTER,
            "dead-letters.keep",
            time("1m", "3660d"),
            "30d",
            "How long after its last failure a letter is removed.");
    static final Key DEAD_LETTERS_MEGABYTES = key(
            Page.CLUSTER,
            "dead-letters.megabytes",
            new Key.Type.Count(1, 1_000_000),
            "1000",
            "Room for all letters; a warning is logged at 80 percent.");
    static final Key DEAD_LETTERS_SEALED = key(
            Page.CLUSTER,
            "dead-letters.sealed",
            flag(),
            "true",
            "Whether letters are sealed with AES-256-GCM; otherwise they are readable on disk.");
    static final Key DEAD_LETTERS_SECRET_KEY = key(
            Page.CLUSTER,
            "dead-letters.secret-key",
            secret(),
            "made in `<folder>.key`; required in a cluster",
            "Base64 of 32 bytes, which seals letters; keys of before may follow, separated by spaces: they open theirs.");
    static final Key FEED_FOLDER = key(
            Page.CLUSTER, "feed.folder", file(), "data/feeds", "Where feed positions are kept on a single machine.");

    static final List<Key> ALL = List.copyOf(DECLARED);

    private WorkerKeys() {}

    private static Key key(Page page, String name, Key.Type type, @Nullable String otherwise, String document) {
        var key = new Key(name, type, otherwise, document, page, "0.1.0");
        DECLARED.add(key);
        return key;
    }
}
