package dev.dromedar.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One request as it arrived. */
public final class Request {
    private final String method;
    private final String origin;
    private final String target;
    private final List<Header> headers;
    private final byte[] body;

    Request(String method, String origin, String target, List<Header> headers, byte[] body) {
        this.method = method;
        this.origin = origin;
        this.target = target;
        this.headers = List.copyOf(headers);
        this.body = body;
    }

    public String method() {
        return method;
    }

    /** The request target as sent: path and query, still percent-encoded. */
    public String target() {
        return target;
    }

    /** The path as sent, still percent-encoded. */
    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** The query as sent, still percent-encoded; null if there is none. */
    public @Nullable String query() {
        int query = target.indexOf('?');
        return query < 0 ? null : target.substring(query + 1);
    }

    /** Origin and path, as the caller addressed this server: what {@code htu} must name. */
    public String url() {
        return origin + path();
    }

    public List<Header> headers() {
        return headers;
    }

    /** All values of the header, in their order. */
    public List<String> headers(String name) {
        return headers.stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .map(Header::value)
                .toList();
    }

    /** The first value of the header, or null. */
    public @Nullable String header(String name) {
        for (Header header : headers) {
            if (header.name().equalsIgnoreCase(name)) {
                return header.value();
            }
        }
        return null;
    }

    public String body() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** The size of the body in bytes. */
    public int size() {
        return body.length;
    }

    /** The claims of the proof this request carries, unverified; null without one that can be read. */
    public @Nullable Jws proof() {
        String value = header("DPoP");
        return value == null ? null : Jws.parse(value);
    }

    /** The assertion in the form of a token request, unverified; null without one that can be read. */
    public @Nullable Jws assertion() {
        try {
            String value = Form.parse(body()).get("client_assertion");
            return value == null ? null : Jws.parse(value);
        } catch (Refusal e) {
            return null;
        }
    }

    @Override
    public String toString() {
        return method + " " + url();
    }
}
