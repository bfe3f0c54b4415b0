package dev.dromedar.camel;

import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.CallRecord;
import dev.dromedar.oauth.FailureKind;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.Masking;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.support.ExchangeHelper;
import org.jspecify.annotations.Nullable;

/**
 * What a call was to be that was not made: there was no token for it, or its message cannot be sent. Read from the route, as it is
 * written there: names of parameters stand in the place of their values.
 *
 * @param method empty if it is not known
 * @param address without query; null if it is not known
 */
record Attempted(String method, @Nullable String address) {
    /** Exchange property: what calls are for, for the audit. */
    static final String PURPOSE = "DromedarPurpose";
    /** Exchange property: whom calls are about, such as a patient's number. The audit has it as a keyed hash. */
    static final String SUBJECT = "DromedarSubject";
    /** Exchange property: on whose behalf calls are made, for the audit. */
    static final String USER = "DromedarUser";

    /** Steps between {@code process} and its call. */
    private static final int FARTHEST = 10;

    /** Where a call comes from; nothing if no one needs it. */
    static CallRecord.Origin origin(Exchange exchange, ApiClient client) {
        return client.needsOrigin()
                ? new CallRecord.Origin(
                        ExchangeHelper.getRouteId(exchange),
                        exchange.getExchangeId(),
                        exchange.getProperty(PURPOSE, String.class),
                        exchange.getProperty(SUBJECT, String.class),
                        exchange.getProperty(USER, String.class))
                : CallRecord.Origin.NONE;
    }

    static Attempted at(Exchange exchange, ApiClient client) {
        Object method = RouteHeaders.ofRoute(exchange, Exchange.HTTP_METHOD);
        String known = method == null ? "" : ForeignText.line(method.toString(), 40);
        String node = exchange.getExchangeExtension().getHistoryNodeId();
        if (node == null || !(exchange.getContext() instanceof ModelCamelContext context)) {
            return new Attempted(known, null);
        }
        ProcessorDefinition<?> step = context.getProcessorDefinition(node);
        String written = step == null ? null : address(step);
        if (written != null && written.startsWith("api:")) {
            return new Attempted(known(written, known), shown(client.settings().baseAddress() + path(written)));
        }
        return new Attempted(known, step == null ? null : next(exchange, step));
    }

    /** Counts and reports a call that was refused before it was one, and names the API. */
    static RefusedCall refused(Call call, Exchange exchange, RefusedCall why) {
        ApiClient client = call.client();
        String words = CallRecord.words(client.name(), why);
        exchange.setProperty(Call.FAILURE, client.name() + ": " + words);
        Attempted attempted = at(exchange, client);
        client.called(new CallRecord(
                attempted.method(),
                attempted.address(),
                0,
                Duration.ZERO,
                why.kind(),
                words,
                call.request(),
                null,
                null,
                origin(exchange, client)));
        return why.kind() == FailureKind.REFUSED_HERE ? new RefusedCall(client.name() + ": " + words) : why;
    }

    /** The address of the call that follows a step. */
    private static @Nullable String next(Exchange exchange, ProcessorDefinition<?> step) {
        ProcessorDefinition<?> parent = step.getParent();
        List<ProcessorDefinition<?>> steps = parent == null ? List.of() : parent.getOutputs();
        int here = steps.indexOf(step);
        for (int i = here + 1; here >= 0 && i < Math.min(steps.size(), here + FARTHEST); i++) {
            String written = address(steps.get(i));
            if (written != null) {
                try {
                    written = exchange.getContext().resolvePropertyPlaceholders(written);
                } catch (RuntimeException e) {
                    // then as it is written
                }
                return shown(written);
            }
        }
        return null;
    }

    private static @Nullable String address(ProcessorDefinition<?> step) {
        return step instanceof SendDefinition<?> send
                ? send.getEndpointUri() == null ? send.getUri() : send.getEndpointUri()
                : step instanceof ToDynamicDefinition dynamic ? dynamic.getUri() : null;
    }

    /** {@code api:} makes a GET unless its option says otherwise. */
    private static String known(String written, String otherwise) {
        int at = written.indexOf("method=");
        if (at < 0) {
            return "GET";
        }
        String rest = written.substring(at + "method=".length());
        int end = rest.indexOf('&');
        String method = end < 0 ? rest : rest.substring(0, end);
        return ForeignText.isWord(method, 20) ? method : otherwise;
    }

    private static String path(String written) {
        int slash = written.indexOf('/');
        int query = written.indexOf('?');
        return slash < 0 || query >= 0 && query < slash ? "" : written.substring(slash);
    }

    private static String shown(String address) {
        int query = address.indexOf('?');
        String whole = query < 0 ? address : address.substring(0, query);
        try {
            return CallRecord.shown(URI.create(whole));
        } catch (IllegalArgumentException e) {
            return ForeignText.line(Masking.withoutCredentials(whole), 2000);
        }
    }
}
