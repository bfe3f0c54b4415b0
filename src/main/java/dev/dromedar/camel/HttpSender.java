package dev.dromedar.camel;

import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultMessage;
import org.apache.camel.support.service.ServiceHelper;
import org.jspecify.annotations.Nullable;

/** Sends requests by Camel's HTTP producers. Thread-safe. */
final class HttpSender {
    private final CamelContext context;
    /** By the whole address, whose base may change while this one lives. */
    private final Map<String, Producer> producers = new ConcurrentHashMap<>();

    private volatile @Nullable Fixed fixed;

    /** The producer for the one target under a base address. */
    private record Fixed(URI base, Producer producer) {}

    HttpSender(CamelContext context) {
        this.context = context;
    }

    /** Sends one request, and leaves the message as it was; Camel makes an out message of the answer. */
    Message send(Exchange exchange, Call call, CallRequest request, String options) throws Exception {
        return send(
                exchange,
                request,
                producer(call.client().settings().baseAddress() + "?" + options),
                producer -> new Destination(
                                producer.getEndpoint(),
                                request.target().path(),
                                request.target().query())
                        .send(exchange, producer));
    }

    /** As {@link #send}, where all requests have the target of this one: Camel then reads its address once. */
    Message sendFixed(Exchange exchange, Call call, CallRequest request, String options) throws Exception {
        URI base = call.client().settings().baseAddress();
        Fixed known = fixed;
        if (known == null || known.base() != base) {
            String path = request.target().path();
            String start = path.isEmpty() ? base.toString() : base.toString().replaceFirst("/+\\z", "");
            known = new Fixed(base, producer(start + path + "?" + options));
            fixed = known;
        }
        return send(exchange, request, known.producer(), producer -> producer.process(exchange));
    }

    private interface Sending {
        void by(Producer producer) throws Exception;
    }

    @SuppressWarnings("deprecation")
    private Message send(Exchange exchange, CallRequest request, Producer producer, Sending sending) throws Exception {
        Message original = exchange.getIn();
        Object notes = RouteHeaders.notes(exchange);
        Message sent = new DefaultMessage(context);
        sent.setBody(request.body());
        exchange.setIn(sent);
        try {
            request.headers().forEach((name, value) -> RouteHeaders.set(exchange, name, value));
            sending.by(producer);
            return exchange.getMessage();
        } finally {
            exchange.setOut(null);
            exchange.setIn(original);
            if (RouteHeaders.notes(exchange) != notes) {
                RouteHeaders.notes(exchange, notes);
            }
        }
    }

    private Producer producer(String uri) {
        return producers.computeIfAbsent(uri, address -> {
            Endpoint http = context.getEndpoint(address);
            try {
                Producer made = http.createProducer();
                ServiceHelper.startService(http, made);
                return made;
            } catch (Exception e) {
                throw new IllegalStateException("Camel's HTTP producer cannot be made", e);
            }
        });
    }

    void stop() {
        producers.values().forEach(ServiceHelper::stopService);
        producers.clear();
        fixed = null;
    }
}
