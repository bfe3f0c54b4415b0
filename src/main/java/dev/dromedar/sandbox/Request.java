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
    private final @Nullable String certificate;

    Request(
            String method,
            String origin,
            String target,
            List<Header> headers,
            byte[] body,
            @Nullable String certificate) {
        this.method = method;
        this.origin = origin;
        this.target = target;
        this.headers = List.copyOf(headers);
        this.body = body;
        this.certificate = certificate;
    }

    /** {@code x5t#S256} of the certificate that the caller showed in TLS; null if it showed none. */
    public @Nullable String certificate() {
        return certificate;
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

    /**
     * The proof that this request carries, unverified.
     *
     * @throws IllegalStateException if there is none that can be read
     */
    public Jws proof() {
        return read(header("DPoP"), "proof");
    }

    /**
     * The client assertion in the form of this token request, or the assertion that is its grant, unverified.
     *
     * @throws IllegalStateException if there is none that can be read
     */
    public Jws assertion() {
        var form = Form.parse(body());
        return read(form.getOrDefault("client_assertion", form.get("assertion")), "client assertion");
    }

    private Jws read(@Nullable String compact, String what) {
        Jws jws = compact == null ? null : Jws.parse(compact);
        if (jws == null) {
            throw new IllegalStateException(this + " carries no " + what + " that can be read");
        }
        return jws;
    }

    @Override
    public String toString() {
        return method + " " + url();
    }
}
