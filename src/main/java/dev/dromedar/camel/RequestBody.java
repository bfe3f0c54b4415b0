package dev.dromedar.camel;

import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Flow;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;

/**
 * The body of a request of {@code java.net.http}, for HttpClient. It is subscribed to once: what can be sent again is kept by
 * {@link RecoveryInterceptor}, so that a publisher need not be able to publish twice.
 */
final class RequestBody implements Flow.Subscriber<ByteBuffer> {
    private static final Set<String> WITHOUT = Set.of("GET", "HEAD", "DELETE", "OPTIONS", "TRACE");

    private final BodySubscriber<InputStream> stream = BodySubscribers.ofInputStream();

    private RequestBody() {}

    /** Puts the body into a request. The stream is to be closed when the request has been sent, or has failed. */
    static InputStream of(HttpRequest from, HttpUriRequestBase to) {
        HttpRequest.BodyPublisher publisher = from.bodyPublisher().orElse(null);
        long length = publisher == null ? 0 : publisher.contentLength();
        if (publisher == null || length == 0) {
            if (!WITHOUT.contains(to.getMethod())) {
                to.setEntity(new ByteArrayEntity(new byte[0], null));
            }
            return InputStream.nullInputStream();
        }
        var body = new RequestBody();
        publisher.subscribe(body);
        InputStream content = body.stream.getBody().toCompletableFuture().join();
        to.setEntity(new InputStreamEntity(content, length, null));
        return content;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        stream.onSubscribe(subscription);
    }

    @Override
    public void onNext(ByteBuffer piece) {
        stream.onNext(List.of(piece));
    }

    @Override
    public void onError(Throwable failure) {
        stream.onError(failure);
    }

    @Override
    public void onComplete() {
        stream.onComplete();
    }
}
