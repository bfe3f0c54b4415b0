package dev.dromedar.camel;

import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.ForeignText;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.jspecify.annotations.Nullable;

/** The headers that APIs want an id of each call in. Thread-safe. */
final class Correlation {
    private static final int LONGEST_CORRELATION = 128;

    private final Supplier<Collection<ApiClient>> apis;
    private volatile @Nullable Correlations correlations;

    /** The correlation headers of all APIs that there were at a moment. */
    private record Correlations(Collection<ApiClient> apis, List<String> headers) {}

    /** @param apis all that there are */
    Correlation(Supplier<Collection<ApiClient>> apis) {
        this.apis = apis;
    }

    /**
     * Gives the call an id of its own in the header that the API asks for; one that the route has set stays. A call that is
     * sent again after a 401 keeps it.
     */
    static @Nullable String correlate(Call call, ClassicHttpRequest request) throws RefusedCall {
        String header = call.client().settings().calls().headers().correlation();
        if (header == null) {
            return null;
        }
        String set = CredentialsInterceptor.value(request, header);
        if (set != null && !set.isBlank()) {
            if (!ForeignText.isToken(set, LONGEST_CORRELATION)) {
                throw new RefusedCall(call.client().name() + ": call refused, since the header " + header
                        + ", which the API's correlation-header names, has a value that is no token (RFC 9110 section"
                        + " 5.6.2) of at most " + LONGEST_CORRELATION
                        + " characters. Nothing was sent. Set it to an id in"
                        + " the route, or remove it there: then each call gets an id of its own.");
            }
            return set;
        }
        String id = UUID.randomUUID().toString();
        request.setHeader(header, id);
        return id;
    }

    /** What an API echoes must not become the next one's id: Camel would keep it in the message. */
    ClassicHttpResponse without(ClassicHttpResponse response) {
        Correlations known = correlations;
        Collection<ApiClient> now = apis.get();
        if (known == null || known.apis() != now) {
            known = new Correlations(
                    now,
                    now.stream()
                            .map(api -> api.settings().calls().headers().correlation())
                            .filter(Objects::nonNull)
                            .distinct()
                            .toList());
            correlations = known;
        }
        if (!known.headers().isEmpty()) {
            known.headers().forEach(response::removeHeaders);
        }
        return response;
    }
}
