package dev.dromedar.ops;

import dev.dromedar.cluster.Cluster;
import dev.dromedar.cluster.Node;
import dev.dromedar.letters.DeadLetters;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** What of the cluster and the dead letters needs the operator's attention. */
final class StoreNotices {
    private StoreNotices() {}

    /** Of each notice its level ({@code bad} or {@code warn}), title and words. */
    static List<Map<String, String>> of(CamelContext context) {
        List<Map<String, String>> notices = new ArrayList<>();
        Cluster cluster = context.hasService(Cluster.class);
        if (cluster != null) {
            String fault = cluster.fault();
            String clockFault = cluster.clockFault();
            if (fault != null) {
                notices.add(notice(
                        "bad", "Cluster: no firing starts until this is mended; it then continues by itself", fault));
            } else if (clockFault != null) {
                notices.add(notice("warn", "Cluster: this machine's clock is wrong", clockFault));
            }
            if (cluster.scheduleFault() != null) {
                notices.add(notice("warn", "Cluster: nodes have different schedules", cluster.scheduleFault()));
            }
            for (Node node : cluster.nodes()) {
                if (fault == null && !node.alive()) {
                    notices.add(notice(
                            "warn",
                            "Cluster: node " + node.name() + " is dead, and others do its work",
                            "It was last seen at " + node.seen().truncatedTo(ChronoUnit.SECONDS)
                                    + ". Start it again, or look why it is cut off; after an hour it is forgotten."));
                }
            }
        }
        DeadLetters letters = context.hasService(DeadLetters.class);
        if (letters != null) {
            DeadLetters.Status status = letters.status();
            if (status.fault() != null) {
                notices.add(notice("bad", "Dead letters: what fails now may not be kept", status.fault()));
            } else if (status.letters() > 0) {
                notices.add(
                        notice(
                                "warn",
                                status.letters() == 1 ? "1 dead letter" : status.letters() + " dead letters",
                                "Look at them, then replay or discard them: /observe/dead-letters, or ./run dead-letters list."));
            }
        }
        return notices;
    }

    private static Map<String, String> notice(String level, String title, @Nullable String words) {
        return Map.of("level", level, "title", title, "words", String.valueOf(words));
    }
}
