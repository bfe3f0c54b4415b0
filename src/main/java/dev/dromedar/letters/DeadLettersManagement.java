package dev.dromedar.letters;

import java.util.List;
import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;
import org.apache.camel.api.management.ManagedAttribute;
import org.apache.camel.api.management.ManagedOperation;
import org.apache.camel.api.management.ManagedResource;
import org.apache.camel.spi.ManagementAgent;
import org.slf4j.LoggerFactory;

/** Dead letters in JMX: {@code org.apache.camel:context=...,type=dromedar,name="dead-letters"}. Shows no bodies. */
@ManagedResource(description = "Dromedar's dead letters")
public final class DeadLettersManagement {
    private static final int PAGE = 1000;

    private final DeadLetters deadLetters;

    private DeadLettersManagement(DeadLetters deadLetters) {
        this.deadLetters = deadLetters;
    }

    static void register(CamelContext context, DeadLetters deadLetters) {
        ManagementAgent agent = context.getManagementStrategy() == null
                ? null
                : context.getManagementStrategy().getManagementAgent();
        if (agent == null) {
            return;
        }
        try {
            agent.register(
                    new DeadLettersManagement(deadLetters),
                    new ObjectName(agent.getMBeanObjectDomainName() + ":context=" + context.getManagementName()
                            + ",type=dromedar,name=\"dead-letters\""));
        } catch (JMException e) {
            LoggerFactory.getLogger(DeadLettersManagement.class)
                    .warn("Dead letters are not in JMX: {}", e.getMessage());
        }
    }

    @ManagedAttribute(description = "Number of dead letters")
    public long getLetters() {
        return deadLetters.status().letters();
    }

    @ManagedAttribute(description = "Bytes of all dead letters")
    public long getBytes() {
        return deadLetters.status().bytes();
    }

    @ManagedOperation(description = "The oldest 1000 dead letters, oldest first, one a line")
    public List<String> list() {
        return list("");
    }

    @ManagedOperation(description = "The 1000 dead letters after one, oldest first, one a line")
    public List<String> list(String after) {
        return deadLetters.list(after, PAGE).stream().map(LetterText::line).toList();
    }

    @ManagedOperation(description = "One dead letter in full, without its body")
    public List<String> show(String id) {
        List<String> details = deadLetters.details(id);
        return details.isEmpty() ? List.of("There is no dead letter " + id + ".") : details;
    }

    @ManagedOperation(description = "Requests a replay; false if the letter is gone, requested or running")
    public boolean replay(String id) {
        return deadLetters.replay(id, "JMX");
    }

    @ManagedOperation(description = "Removes a dead letter for good; false if it is gone or running")
    public boolean discard(String id) {
        return deadLetters.discard(id, "JMX");
    }
}
