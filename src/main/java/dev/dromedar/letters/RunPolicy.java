package dev.dromedar.letters;

import java.io.InputStream;
import java.time.Instant;
import java.util.function.Predicate;
import org.apache.camel.ErrorHandlerFactory;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Route;
import org.apache.camel.StreamCache;
import org.apache.camel.model.errorhandler.DeadLetterChannelDefinition;
import org.apache.camel.support.RoutePolicySupport;
import org.quartz.Scheduler;
import org.quartz.Trigger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows each run of one route: what comes into it, whether it was interrupted, and whether its error handling failed. */
final class RunPolicy extends RoutePolicySupport {
    private static final Logger LOG = LoggerFactory.getLogger(RunPolicy.class);

    private final DeadLetters letters;

    RunPolicy(DeadLetters letters) {
        this.letters = letters;
    }

    @Override
    public void onExchangeBegin(Route entered, Exchange exchange) {
        enter(entered, exchange);
        tellInterruptedRun(entered, exchange);
    }

    @Override
    public void onExchangeDone(Route left, Exchange exchange) {
        keepWhatItsErrorHandlingCouldNot(left, exchange);
        RouteRun.leave(exchange, left.getRouteId());
    }

    /** An error in the error handling itself: the failure never came here. */
    private void keepWhatItsErrorHandlingCouldNot(Route route, Exchange exchange) {
        if (exchange.getException() == null
                || !(exchange.getException().getCause() instanceof Error error)
                || !letters.isOpen()) {
            return;
        }
        RouteRun run = RouteRun.of(exchange);
        if (run != null && run.route().equals(route.getRouteId()) && !run.hasOutcome() && sendsHere(route, exchange)) {
            exchange.setProperty(Exchange.EXCEPTION_CAUGHT, error);
            letters.keep(exchange);
        }
    }

    private boolean sendsHere(Route route, Exchange exchange) {
        ErrorHandlerFactory own = route.getErrorHandlerFactory();
        return (own == null ? exchange.getContext().getCamelContextExtension().getErrorHandlerFactory() : own)
                        instanceof DeadLetterChannelDefinition channel
                && String.valueOf(channel.getDeadLetterUri()).startsWith(DeadLetters.ADDRESS);
    }

    private void enter(Route route, Exchange exchange) {
        if (!letters.isOpen()) {
            return;
        }
        Message message = exchange.getIn();
        if (message.getBody() instanceof InputStream && !(message.getBody() instanceof StreamCache)) {
            StreamCache cache = exchange.getContext().getStreamCachingStrategy().cache(exchange);
            if (cache != null) {
                message.setBody(cache);
            }
        }
        RouteRun.enter(exchange, route.getRouteId(), (Letter) exchange.removeProperty(Replays.REPLAY));
    }

    /** The run of a node that died begins again here, or becomes a letter. */
    private void tellInterruptedRun(Route route, Exchange exchange) {
        Predicate<String> isRepeated = letters.repeats();
        if (isRepeated == null
                || !(exchange.getIn().getHeader("trigger") instanceof Trigger trigger)
                || !trigger.getKey().getGroup().equals(Scheduler.DEFAULT_RECOVERY_GROUP)
                || !route.getEndpoint().equals(exchange.getFromEndpoint())) {
            return;
        }
        String due = trigger.getJobDataMap()
                .getString(Scheduler.FAILED_JOB_ORIGINAL_TRIGGER_SCHEDULED_FIRETIME_IN_MILLISECONDS);
        String words = "its run of " + (due == null ? "before" : Instant.ofEpochMilli(Long.parseLong(due)))
                + " was interrupted when node " + trigger.getKey().getName().replaceAll("^recover_|_\\d+$", "")
                + " died, and may have done its work, wholly or in part";
        if (isRepeated.test(route.getRouteId())) {
            LOG.warn("Route {}: {}. It begins again here.", route.getRouteId(), words);
        } else {
            letters.keepInterrupted(route, exchange, words);
        }
    }
}
