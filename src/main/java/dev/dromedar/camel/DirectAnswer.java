package dev.dromedar.camel;

import dev.dromedar.oauth.CallRecord;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import javax.net.ssl.SSLSession;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;

/** An answer in the types of {@code java.net.http}. Immutable; prints no query and no header. */
record DirectAnswer<T>(Head head, HttpRequest request, URI uri, T body, Optional<SSLSession> sslSession)
        implements HttpResponse<T> {
    @Override
    public int statusCode() {
        return head.statusCode();
    }

    @Override
    public java.net.http.HttpHeaders headers() {
        return head.headers();
    }

    @Override
    public Optional<HttpResponse<T>> previousResponse() {
        return Optional.empty();
    }

    @Override
    public java.net.http.HttpClient.Version version() {
        return head.version();
    }

    @Override
    public String toString() {
        return "(" + request.method() + " " + CallRecord.shown(uri) + ") " + statusCode();
    }

    /** Its status and headers. */
    record Head(int statusCode, java.net.http.HttpHeaders headers) implements HttpResponse.ResponseInfo {
        @Override
        public java.net.http.HttpClient.Version version() {
            return java.net.http.HttpClient.Version.HTTP_1_1;
        }

        static Head of(ClassicHttpResponse answer) {
            return new Head(answer.getCode(), headers(answer));
        }

        private static java.net.http.HttpHeaders headers(ClassicHttpResponse answer) {
            Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            for (Header header : answer.getHeaders()) {
                headers.computeIfAbsent(header.getName(), none -> new ArrayList<>())
                        .add(Objects.requireNonNullElse(header.getValue(), ""));
            }
            return java.net.http.HttpHeaders.of(headers, (name, value) -> !name.isBlank());
        }
    }
}
