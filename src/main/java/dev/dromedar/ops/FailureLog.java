package dev.dromedar.ops;

import dev.dromedar.camel.RefusedCall;
import dev.dromedar.camel.RouteFiles;
import dev.dromedar.oauth.OAuthException;
import dev.dromedar.oauth.Reason;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.LoggingLevel;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;
import org.apache.camel.spi.CamelLogger;
import org.slf4j.LoggerFactory;

/**
 * How a worker tells of an exchange that failed and whose route has no error handling of its own: one line where the
 * exception says what is wrong, such as no token, an API's refusal or a network that is down; with the steps of the route and
 * the stack trace otherwise, as Camel does for all.
 */
public final class FailureLog extends CamelLogger {
    private static final Pattern STEP = Pattern.compile("(?m)^(\\S+:\\d+)\\s+(\\S+/(\\S+))\\s");

    private final CamelContext context;

    private FailureLog(CamelContext context) {
        super(LoggerFactory.getLogger("dromedar.failures"), LoggingLevel.ERROR);
        this.context = context;
    }

    /** Makes it so for all routes that come and have no error handler of their own. */
    public static void install(CamelContext context) {
        var handler = new DefaultErrorHandlerDefinition();
        handler.setLoggerBean(new FailureLog(context));
        context.getCamelContextExtension().setErrorHandlerFactory(handler);
    }

    @Override
    public void log(String message, Throwable failure) {
        log(message, failure, getLevel());
    }

    @Override
    public void log(String message, Throwable failure, LoggingLevel level) {
        if (saysItself(failure)) {
            log("Failed" + place(message) + ": " + Routes.words(failure), level);
        } else {
            super.log(message, failure, level);
        }
    }

    /**
     * The step that failed, with its file and line: the last that Camel's message history tells. Camel itself leaves out the
     * file's ending, and tells of a step that is written on one line the line above it.
     */
    private String place(String message) {
        String place = "";
        Matcher step = STEP.matcher(message);
        while (step.find()) {
            ProcessorDefinition<?> known =
                    context instanceof ModelCamelContext model ? model.getProcessorDefinition(step.group(3)) : null;
            String truePlace = known == null ? null : RouteFiles.place(known);
            place = " at " + (truePlace == null ? step.group(1) : truePlace) + ", " + step.group(2);
        }
        return place;
    }

    private static boolean saysItself(Throwable failure) {
        return failure instanceof OAuthException
                || failure instanceof RefusedCall
                || failure instanceof HttpOperationFailedException
                || failure instanceof IOException network && Reason.isOfNetwork(network);
    }
}
