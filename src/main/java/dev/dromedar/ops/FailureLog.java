package dev.dromedar.ops;

import dev.dromedar.camel.Apis;
import dev.dromedar.camel.FailedCall;
import dev.dromedar.camel.Places;
import dev.dromedar.camel.RefusedCall;
import dev.dromedar.letters.StoreFailure;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.Masking;
import dev.dromedar.oauth.NetworkFailure;
import dev.dromedar.oauth.OAuthException;
import dev.dromedar.routes.RouteRuns;
import java.io.IOException;
import java.lang.ref.WeakReference;
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
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RedeliveryPolicyDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;
import org.apache.camel.spi.CamelLogger;
import org.apache.camel.spi.ExceptionHandler;
import org.apache.camel.spi.ExchangeFormatter;
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

    /** Camel shows an exchange that has failed to this, right before it logs the failure, on the same thread. */
    private static final ExchangeFormatter SEEN = exchange -> {
        FailureLog.FAILED.set(new WeakReference<>(exchange));
        return "";
    };

    private static final ThreadLocal<@Nullable WeakReference<Exchange>> FAILED = new ThreadLocal<>();
    private static final String FORMATTER = "dromedar-failures";

    private FailureLog() {
        super(LOG, LoggingLevel.ERROR);
    }

    private static @Nullable Exchange failed() {
        WeakReference<Exchange> seen = FAILED.get();
        FAILED.remove();
        return seen == null ? null : seen.get();
    }

    /** Makes it so for all routes that come, also for those with an error handler of their own that names no logger. */
    public static void install(CamelContext context) {
        var log = new FailureLog();
        context.getRegistry().bind(FORMATTER, SEEN);
        var handler = new DefaultErrorHandlerDefinition();
        log.listenTo(handler);
        if (context instanceof ModelCamelContext model) {
            model.addModelLifecycleStrategy(new ModelLifecycleStrategySupport() {
                @Override
                public void onAddRouteDefinition(RouteDefinition route) {
                    if (route.getErrorHandlerFactory() instanceof DefaultErrorHandlerDefinition own
                            && own.getLoggerBean() == null
                            && own.getLoggerRef() == null) {
                        log.listenTo(own);
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

    private void listenTo(DefaultErrorHandlerDefinition handler) {
        handler.setLoggerBean(this);
        RedeliveryPolicyDefinition policy = handler.getRedeliveryPolicy();
        if (handler.getRedeliveryPolicyRef() == null && (policy == null || policy.getExchangeFormatterRef() == null)) {
            RedeliveryPolicyDefinition ours = policy == null ? new RedeliveryPolicyDefinition() : policy;
            ours.setExchangeFormatterRef(FORMATTER);
            handler.setRedeliveryPolicy(ours);
        }
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
            Exchange exchange = failed();
            String words = "Failed" + place(exchange) + ": " + words(exchange, cause);
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
     * The step that failed, with its file and line: by Camel's model of it, and not by the table that it prints, which cuts
     * what is long.
     */
    private static String place(@Nullable Exchange exchange) {
        if (exchange == null) {
            return "";
        }
        String id = exchange.getExchangeExtension().getHistoryNodeId();
        ProcessorDefinition<?> step = id != null && exchange.getContext() instanceof ModelCamelContext model
                ? model.getProcessorDefinition(id)
                : null;
        if (step == null) {
            String route =
                    exchange.getProperty(ExchangePropertyKey.FAILURE_ROUTE_ID, exchange.getFromRouteId(), String.class);
            return route == null ? "" : " in route " + ForeignText.line(route, 200);
        }
        String place = Places.of(step);
        String route = ProcessorDefinitionHelper.getRouteId(step);
        return ForeignText.line(
                " at " + (place == null ? "" : place + ", ") + (route == null ? "" : route + "/") + id, 1000);
    }

    /** With API, address, status and advice, if a call to an API is what failed. */
    private static String words(@Nullable Exchange exchange, Throwable failure) {
        String call = exchange == null ? null : Apis.failure(exchange);
        boolean ofCall = failure instanceof HttpOperationFailedException
                || failure instanceof IOException network && NetworkFailure.isOfNetwork(network);
        if (call != null && ofCall) {
            return ForeignText.line(call);
        }
        if (exchange == null || !ofCall) {
            return words(failure);
        }
        String address = exchange.getProperty(ExchangePropertyKey.TO_ENDPOINT, "", String.class);
        return address.startsWith("http") ? uncredentialed(exchange.getContext(), address, failure) : words(failure);
    }

    /** Of a call that no API's credentials went with: its address without the query, and whose it should have been. */
    private static String uncredentialed(CamelContext context, String endpoint, Throwable failure) {
        String address = endpoint.replaceFirst("[?].*", "").replaceFirst("^(https?):/*", "$1://");
        String words = ForeignText.line(Masking.withoutCredentials(address), 300) + ": " + words(failure);
        String api = failure instanceof HttpOperationFailedException refused
                        && (refused.getStatusCode() == 401 || refused.getStatusCode() == 403)
                ? Apis.above(context, address)
                : null;
        return api == null
                ? words
                : words + ". The call to the API '" + api + "' had no credentials. Put process: {ref: " + api
                        + "} right before it; it holds for one call.";
    }

    private static String words(Throwable failure) {
        String words = String.valueOf(RouteRuns.words(failure));
        if (failure instanceof StoreFailure) {
            return ForeignText.joined(Masking.withoutQueries(String.valueOf(failure.getMessage())), 2000);
        }
        if (saysItself(failure) || failure.getMessage() == null) {
            return ForeignText.line(words);
        }
        return ForeignText.joined(Masking.withoutQueries(words + ": " + failure.getMessage()), 2000);
    }

    private static boolean saysItself(Throwable failure) {
        return failure instanceof OAuthException
                || failure instanceof RefusedCall
                || failure instanceof FailedCall
                || failure instanceof StoreFailure
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
                LOG.error(
                        "Route {}: its {} failed: {}",
                        ForeignText.line(route, 200),
                        exchange == null ? "consumer" : "run",
                        words(exchange, failure));
            }
        }
    }
}
