package dev.dromedar.camel;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;

/** What it takes to send a request once more. Pure functions. */
final class Repeats {
    /** A longer body of a 401 costs more to read than a new connection. */
    private static final int LARGEST_REFUSAL = 64 * 1024;

    private Repeats() {}

    /**
     * Reads a streamed body into memory, up to the limit; what is larger goes out as it is and cannot be sent twice.
     *
     * @param original what a redirect (307, 308) would take its body from
     */
    static void keepBody(ClassicHttpRequest request, ClassicHttpRequest original, int limit) throws IOException {
        HttpEntity entity = request.getEntity();
        if (entity == null || entity.isRepeatable() || entity.getContentLength() > limit) {
            return;
        }
        InputStream content = entity.getContent();
        byte[] start = content.readNBytes(limit + 1);
        ContentType type = ContentType.parseLenient(entity.getContentType());
        request.setEntity(
                start.length <= limit
                        ? new ByteArrayEntity(start, type, entity.getContentEncoding())
                        : new InputStreamEntity(
                                new SequenceInputStream(new ByteArrayInputStream(start), content),
                                entity.getContentLength(),
                                type,
                                entity.getContentEncoding()));
        original.setEntity(request.getEntity());
    }

    /** Takes out what was set before. */
    static void withoutCredentials(ClassicHttpRequest request) {
        for (String name : new String[] {"Authorization", "DPoP"}) {
            if (request.containsHeader(name)) {
                request.removeHeaders(name);
            }
        }
    }

    /**
     * Reads a refusal's body to its end, so that the connection can be used again. One that does not end soon is cut: the
     * library would read on until it does.
     */
    static void discard(ClassicHttpResponse response, ExecChain.Scope scope) throws IOException {
        HttpEntity entity = response.getEntity();
        try {
            if (entity != null && entity.getContent().readNBytes(LARGEST_REFUSAL + 1).length > LARGEST_REFUSAL) {
                scope.execRuntime.discardEndpoint();
            }
            EntityUtils.consumeQuietly(entity);
            response.close();
        } catch (IOException e) {
            scope.execRuntime.discardEndpoint();
        }
    }
}
