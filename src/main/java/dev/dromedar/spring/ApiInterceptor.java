package dev.dromedar.spring;

import dev.dromedar.Api;
import dev.dromedar.camel.RefusedCall;
import dev.dromedar.oauth.OAuthException;
import dev.dromedar.oauth.PublicApi;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRequest;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;

/**
 * Sends the requests of a {@code RestClient} or {@code RestTemplate} to an API:
 *
 * <pre>{@code
 * RestClient orders = RestClient.builder()
 *         .baseUrl("https://api2.example.no")
 *         .requestInterceptor(new ApiInterceptor(door.api("orders")))
 *         .build();
 * Order order = orders.get().uri("/orders/{id}", 7).retrieve().body(Order.class);
 * }</pre>
 *
 * It is to be the last interceptor, since it sends the request itself, by {@link Api#send}: the client's own request factory
 * would follow redirects with the credentials, and knows nothing of the API's certificate, proxy and limits. Failures without
 * an answer are {@code ResourceAccessException}s; no token is an {@link OAuthException}, an address that is not the API's a
 * {@link RefusedCall}. Thread-safe.
 */
@PublicApi
public final class ApiInterceptor implements ClientHttpRequestInterceptor {
    private final Api api;

    public ApiInterceptor(Api api) {
        this.api = api;
    }

    @Override
    public ClientHttpResponse intercept(HttpRequest request, byte[] body, ClientHttpRequestExecution rest)
            throws IOException {
        var outgoing = java.net.http.HttpRequest.newBuilder(request.getURI())
                .method(
                        request.getMethod().name(),
                        body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        request.getHeaders().forEach((name, values) -> {
            if (!name.equalsIgnoreCase(HttpHeaders.CONTENT_LENGTH)) { // it follows from the body
                values.forEach(value -> outgoing.header(name, value));
            }
        });
        try {
            return new Response(api.send(outgoing.build(), BodyHandlers.ofInputStream()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            var interrupted = new InterruptedIOException("interrupted during a call");
            interrupted.initCause(e);
            throw interrupted;
        }
    }

    private record Response(HttpResponse<InputStream> answer) implements ClientHttpResponse {
        @Override
        public HttpStatusCode getStatusCode() {
            return HttpStatusCode.valueOf(answer.statusCode());
        }

        @Override
        public String getStatusText() {
            return "";
        }

        @Override
        public HttpHeaders getHeaders() {
            var headers = new HttpHeaders();
            answer.headers().map().forEach(headers::addAll);
            return headers;
        }

        @Override
        public InputStream getBody() {
            return answer.body();
        }

        @Override
        public void close() {
            try {
                answer.body().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
