package dev.dromedar.ops;

import dev.dromedar.camel.FailedCall;
import dev.dromedar.camel.Places;
import dev.dromedar.camel.RefusedCall;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.NetworkFailure;
import dev.dromedar.oauth.OAuthException;
import dev.dromedar.routes.RouteRuns;
import java.io.IOException;
import java.util.Collection;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.LoggingLevel;
import org.apache.camel.Route;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;
import org.apache.camel.spi.CamelLogger;
import org.apache.camel.spi.ExceptionHandler;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.LoggingExceptionHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a worker logs an exchange that failed and whose route has no error handling of its own: one line where the exception
 * says what is wrong, such as no token, an API's refusal or a network that is down; with the stack trace otherwise. Whatever
 * the route begins with (a timer, a queue, a file), it is logged once, and without queries.
 */
public final class FailureLog extends CamelLogger {
    private static final Logger LOG = LoggerFactory.getLogger("dromedar.failures");

    private final CamelContext context;

    private FailureLog(CamelContext context) {
        super(LOG, LoggingLevel.ERROR);
        this.context = context;
    }

    /** Makes it so for all routes that come, also for those with an error handler of their own that names no logger. */
    public static void install(CamelContext context) {
        var log = new FailureLog(context);
        var handler = new DefaultErrorHandlerDefinition();
        handler.setLoggerBean(log);
        if (context instanceof ModelCamelContext model) {
            model.addModelLifecycleStrategy(new ModelLifecycleStrategySupport() {
                @Override
                public void onAddRouteDefinition(RouteDefinition route) {
                    if (route.getErrorHandlerFactory() instanceof DefaultErrorHandlerDefinition own
                            && own.getLoggerBean() == null
                            && own.getLoggerRef() == null) {
                        own.setLoggerBean(log);
                    }
                }
            });
        }
        context.getCamelContextExtension().setErrorHandlerFactory(handler);
        context.addLifecycleStrategy(new LifecycleStrategySupport() {
            @Override
            public void onRoutesAdd(Collection<Route> routes) {
                routes.forEach(FailureLog::listenTo);
            }
        });
    }

    /** Camel's own handler would log once more, with a stack trace, what the route's error handling has logged. */
    private static void listenTo(Route route) {
        if (route.getConsumer() instanceof DefaultConsumer consumer
                && consumer.getExceptionHandler() instanceof LoggingExceptionHandler) {
            consumer.setExceptionHandler(new OfConsumer(route.getRouteId()));
        }
    }

    @Override
    public void log(String message, Throwable failure) {
        log(message, failure, getLevel());
    }

    @Override
    public void log(String message, Throwable failure, LoggingLevel level) {
        Throwable cause = failure instanceof CamelExecutionException && failure.getCause() instanceof Error
                ? failure.getCause()
                : failure;
        try {
            String words = "Failed" + place(message) + ": " + words(cause);
            if (saysItself(cause)) {
                log(words, level);
            } else {
                super.log(words, cause, level);
            }
        } catch (StackOverflowError e) { // of a failure that is too deep to be described
            log("Failed: " + cause.getClass().getSimpleName(), level);
        }
    }

    /**
     * The step that failed, with its file and line: the last in Camel's message history. Camel itself leaves out the
     * file's ending, and tells of a step that is written on one line the line above it.
     */
    private String place(String message) {
        String place = "";
        String history = message.substring(0, Math.min(message.length(), ForeignText.LONGEST));
        for (String line : history.lines().toList()) {
            int end = endOfWord(line, 0);
            int next = end;
            while (next < line.length() && Character.isWhitespace(line.charAt(next))) {
                next++;
            }
            int nextEnd = endOfWord(line, next);
            String source = line.substring(0, end);
            String step = line.substring(next, nextEnd);
            int colon = source.lastIndexOf(':');
            int slash = step.lastIndexOf('/');
            if (colon > 0
                    && slash > 0
                    && nextEnd < line.length()
                    && ForeignText.isNumber(source.substring(colon + 1), 9)) {
                ProcessorDefinition<?> known = context instanceof ModelCamelContext model
                        ? model.getProcessorDefinition(step.substring(slash + 1))
                        : null;
                String truePlace = known == null ? null : Places.of(known);
                place = " at " + (truePlace == null ? source : truePlace) + ", " + step;
            }
        }
        return ForeignText.line(place, 500);
    }

    private static int endOfWord(String line, int from) {
        int end = from;
        while (end < line.length() && !Character.isWhitespace(line.charAt(end))) {
            end++;
        }
        return end;
    }

    private static String words(Throwable failure) {
        String words = String.valueOf(RouteRuns.words(failure));
        if (saysItself(failure) || failure.getMessage() == null) {
            return ForeignText.line(words);
        }
        return ForeignText.joined(ForeignText.withoutQueries(words + ": " + failure.getMessage()), 2000);
    }

    private static boolean saysItself(Throwable failure) {
        return failure instanceof OAuthException
                || failure instanceof RefusedCall
                || failure instanceof FailedCall
                || failure instanceof HttpOperationFailedException
                || failure instanceof Error
                || failure instanceof IOException network && NetworkFailure.isOfNetwork(network);
    }

    /** What a route's consumer hands on: an exchange that failed, or that it could not get one. */
    private static final class OfConsumer implements ExceptionHandler {
        private final String route;

        OfConsumer(String route) {
            this.route = route;
        }

        @Override
        public void handleException(Throwable failure) {
            handleException(null, null, failure);
        }

        @Override
        public void handleException(String message, Throwable failure) {
            handleException(message, null, failure);
        }

        @Override
        public void handleException(@Nullable String message, @Nullable Exchange exchange, Throwable failure) {
            // The route's error handling has seen it, and logged it
            boolean logged = exchange != null
                    && exchange.getException() != null
                    && exchange.getException() == exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT);
            if (logged) {
                LOG.debug("Route {}: {}", route, message);
            } else {
                LOG.error("Route {}: its {} failed: {}", route, exchange == null ? "consumer" : "run", words(failure));
            }
        }
    }
}
