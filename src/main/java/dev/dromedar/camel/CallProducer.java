package dev.dromedar.camel;

import dev.dromedar.camel.CallAddress.Target;
import dev.dromedar.keys.Secret;
import dev.dromedar.letters.ReadPages;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.OAuthException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Message;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.support.DefaultProducer;
import org.apache.camel.support.SynchronizationAdapter;
import org.apache.camel.support.UnitOfWorkHelper;
import org.apache.camel.util.CaseInsensitiveMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes the calls of {@code api:}: the API's {@link ApiProcessor} sees to the token and marks the exchange, and
 * Camel's HTTP producer sends a message that holds what the endpoint names and nothing else. Thread-safe.
 */
final class CallProducer extends DefaultProducer {
    /** Of a request that a later answer follows: they are not for the requests after it. */
    private static final Set<String> OF_THE_FIRST = Set.of("prefer", "content-type", "idempotency-key");

    private final CallPlan plan;
    private final CamelContext context;
    private final HttpSender sender;
    /** As last found, for Camel looks through placeholders and beans each time. */
    private volatile @Nullable ApiProcessor api;

    CallProducer(Endpoint endpoint, CallPlan plan) {
        super(endpoint);
        this.plan = plan;
        this.context = endpoint.getCamelContext();
        this.sender = new HttpSender(context);
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        ApiProcessor api = api();
        try {
            Map<String, @Nullable Object> token = token(exchange);
            Call call = mark(exchange, api, token);
            CallRequest request;
            try {
                request = CallRequest.of(plan, getEndpoint(), exchange, call, token);
            } catch (RefusedCall e) {
                throw Attempted.refused(call, exchange, e);
            }
            LaterAnswer.Answer answer = answer(exchange, api, call, request);
            take(exchange, answer.message());
            if (plan.body().keyed()) {
                IdempotencyKey.done(exchange);
            }
            Pages pages = plan.reply().pages();
            if (pages != null) {
                var read = new ReadPages();
                exchange.setProperty(ReadPages.PROPERTY, read);
                var items = new PageItems(pages, new Following(exchange, request), page(answer, () -> {}), read);
                exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
                    @Override
                    public void onDone(Exchange done) {
                        items.close();
                    }
                });
                exchange.getIn().setBody(items);
            } else {
                exchange.removeProperty(ReadPages.PROPERTY);
            }
        } catch (HttpOperationFailedException e) {
            throw failed(exchange, e);
        } catch (OAuthException | RefusedCall | IOException e) {
            throw failed(exchange, e);
        }
    }

    /** The answer that the route gets: the first, a later one, or one that was kept. */
    private LaterAnswer.Answer answer(Exchange exchange, ApiProcessor api, Call call, CallRequest request)
            throws Exception {
        Duration await = plan.reply().await();
        if (plan.reply().kept()) {
            return answer(call, request.target(), conditional(exchange, api.kept(call.client()), call, request));
        }
        Message message = plan.address().isFixed()
                ? sender.sendFixed(exchange, call, request, plan.options())
                : sender.send(exchange, call, request, plan.options());
        var first = answer(call, request.target(), message);
        return await == null
                ? first
                : new LaterAnswer(exchange, await).follow(first, plan.address().isWhole(), target -> {
                    Call next = mark(exchange, api(), request.token());
                    return answer(
                            next, target, sender.send(exchange, next, following(request, target), followingOptions()));
                });
    }

    /** The request for a page after the first, or for a later answer: that one is fetched, whatever the first request did. */
    private CallRequest following(CallRequest first, Target target) {
        boolean get = plan.reply().await() != null;
        Map<String, String> headers = new LinkedHashMap<>(first.headers());
        headers.keySet().removeIf(name -> get && OF_THE_FIRST.contains(name.toLowerCase(Locale.ROOT)));
        return new CallRequest(target, headers, get ? null : first.body(), first.token());
    }

    private String followingOptions() {
        return plan.reply().await() == null ? plan.options() : plan.optionsOfGet();
    }

    private static LaterAnswer.Answer answer(Call call, Target target, Message message) {
        return new LaterAnswer.Answer(call.client().settings().baseAddress(), target, message);
    }

    private Message conditional(Exchange exchange, KeptAnswers answers, Call call, CallRequest request)
            throws Exception {
        Map<String, Secret> fixed = new LinkedHashMap<>();
        ApiSettings.Headers own = call.client().settings().calls().headers();
        own.fixed().forEach((name, value) -> fixed.put(name, value.current()));
        Map<String, String> headers = new LinkedHashMap<>(request.headers());
        headers.keySet().removeIf(name -> name.equalsIgnoreCase(own.correlation()) || CallRequest.TRACE.contains(name));
        var key = new KeptAnswers.Key(request.target(), headers, call.request(), fixed);
        KeptAnswers.Kept kept = answers.get(key);
        CallRequest sent = kept == null ? request : request.with("If-None-Match", kept.tag());
        Message answer = sender.send(exchange, call, sent, plan.options());
        Integer status = answer.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        if (kept != null && Integer.valueOf(304).equals(status)) {
            return kept.answer(exchange, answer);
        }
        if (Integer.valueOf(200).equals(status)) {
            answers.keep(key, answer);
        }
        return answer;
    }

    private static PageItems.Page page(LaterAnswer.Answer answer, Runnable release) {
        InputStream body = answer.message().getBody(InputStream.class);
        return new PageItems.Page(
                answer.base(),
                answer.target(),
                body == null ? InputStream.nullInputStream() : body,
                answer.message().getHeaders(),
                release);
    }

    /** Pages after the first: each is a call of its own, with its own token and proof, and an exchange that ends with it. */
    private final class Following implements PageItems.Source {
        private final Exchange whole;
        private final Exchange template;
        private final CallRequest first;

        Following(Exchange whole, CallRequest first) {
            this.whole = whole;
            this.first = first;
            this.template = whole.copy();
            template.getIn().setBody(null);
            template.removeProperty(ExchangePropertyKey.STREAM_CACHE_UNIT_OF_WORK);
        }

        @Override
        public PageItems.Page page(Target target) {
            Exchange exchange = template.copy();
            exchange.getExchangeExtension().setUnitOfWork(null);
            try {
                Call call = mark(exchange, api(), first.token());
                Message message = sender.send(exchange, call, following(first, target), followingOptions());
                return CallProducer.page(answer(call, target, message), () -> release(exchange));
            } catch (Exception e) {
                throw failed(exchange, e);
            }
        }

        @Override
        public FailedCall stopped(Exception cause, int page, long items) {
            FailedCall failure = (cause instanceof FailedCall known ? known : CallProducer.this.failed(whole, cause))
                    .at(page, items);
            whole.setProperty(Call.FAILURE, failure.getMessage());
            return failure;
        }

        private FailedCall failed(Exchange exchange, Exception cause) {
            release(exchange);
            return cause instanceof HttpOperationFailedException status
                    ? CallProducer.this.failed(exchange, status)
                    : CallProducer.this.failed(exchange, cause);
        }

        /** Deletes what the page has spooled to disk. */
        private void release(Exchange exchange) {
            UnitOfWorkHelper.doneSynchronizations(
                    exchange, exchange.getExchangeExtension().handoverCompletions());
        }
    }

    private Map<String, @Nullable Object> token(Exchange exchange) {
        if (plan.token().isEmpty()) {
            return Map.of();
        }
        Map<String, @Nullable Object> token = new LinkedHashMap<>();
        plan.token().forEach((property, value) -> token.put(property, value.text(exchange)));
        return token;
    }

    private ApiProcessor api() {
        ApiProcessor known = api;
        return known != null && !known.isGone() ? known : lookUp();
    }

    private ApiProcessor lookUp() {
        ApiProcessor found = context.getRegistry().lookupByNameAndType(plan.api(), ApiProcessor.class);
        if (found == null) {
            api = null;
            throw new RefusedCall("A call was refused: there is no API '" + plan.api() + "' any more. Nothing was"
                    + " sent. Define it with properties dromedar.api." + plan.api() + ".*");
        }
        api = found;
        return found;
    }

    private FailedCall failed(Exchange exchange, HttpOperationFailedException e) {
        String known = exchange.getProperty(Call.FAILURE, String.class);
        String words = known != null
                ? known
                : plan.api() + ": HTTP " + e.getStatusCode() + ", which okStatus="
                        + plan.terms().okStatus() + " does not list.";
        exchange.setProperty(Call.FAILURE, words);
        return FailedCall.of(plan.api(), words, e);
    }

    private FailedCall failed(Exchange exchange, Exception e) {
        String known = exchange.getProperty(Call.FAILURE, String.class);
        String own = String.valueOf(e.getMessage());
        String name = plan.api() + ": ";
        String words = known != null ? known : own.startsWith(name) ? own : name + ForeignText.line(own);
        exchange.setProperty(Call.FAILURE, words);
        return FailedCall.of(plan.api(), words, e);
    }

    /** The properties hold for this call alone. */
    private Call mark(Exchange exchange, ApiProcessor api, Map<String, @Nullable Object> token) {
        if (token.isEmpty()) {
            return api.process(exchange, plan.terms());
        }
        Map<String, @Nullable Object> before = new LinkedHashMap<>();
        token.forEach((property, value) -> {
            before.put(property, exchange.getProperty(property));
            exchange.setProperty(property, value == null ? "" : value); // an empty one is refused, and says so
        });
        try {
            return api.process(exchange, plan.terms());
        } finally {
            before.forEach(exchange::setProperty);
        }
    }

    /** What a route needs of an answer. Its Content-Type in the message would go out with the next call, whatever that sends. */
    @SuppressWarnings("deprecation") // the out message
    private void take(Exchange exchange, Message answer) {
        Message message = exchange.getIn();
        message.setBody(answer.getBody());
        // The answer's own, which is not read again, except for pages
        Map<String, Object> headers =
                plan.reply().pages() == null && answer.getHeaders() instanceof CaseInsensitiveMap own
                        ? own
                        : new CaseInsensitiveMap(answer.getHeaders());
        for (Iterator<Map.Entry<String, Object>> all = headers.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<String, Object> header = all.next();
            String name = header.getKey();
            boolean camels = name.regionMatches(true, 0, "Camel", 0, 5);
            if (camels) {
                message.setHeader(name, header.getValue());
            }
            if (camels || !HeaderNames.isShown(name)) {
                all.remove();
            }
        }
        message.removeHeader(Exchange.CONTENT_TYPE);
        exchange.setProperty(Call.ANSWER, headers);
        exchange.removeProperty(Call.FAILURE); // of a status that okStatus lists
        if (exchange.getPattern().isOutCapable()) {
            exchange.setOut(message); // otherwise Camel copies it for a caller that expects an answer
        }
    }

    @Override
    protected void doStop() {
        sender.stop();
    }
}
