package dev.dromedar.camel;

import dev.dromedar.oauth.Addresses;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.CallRecord;
import dev.dromedar.oauth.ForeignText;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Iterator;
import java.util.Objects;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.net.URIAuthority;
import org.jspecify.annotations.Nullable;

/**
 * Where the requests of one HTTP client go: credentials go to the API's base address and below it. Thread-safe.
 */
final class CallTargets {
    /** Address and headers without credentials: servers take 8 to 32 kB, and cut the connection for more. */
    private static final int LARGEST_HEAD = 32_000;

    /** What the last call came to: most routes call one address again and again. */
    private volatile @Nullable Target lastTarget;

    private volatile @Nullable Checked lastChecked;

    /** That credentials of this client may go to this target, which is on this host. */
    private record Checked(Target target, ApiClient client, HttpHost host) {}

    /**
     * An address as it was taken apart and put together again.
     *
     * @param whole with the query
     * @param shown without what may be secret
     */
    record Target(
            @Nullable String scheme,
            @Nullable URIAuthority authority,
            @Nullable String path,
            URI whole,
            String shown) {
        boolean isOf(ClassicHttpRequest request) {
            return Objects.equals(path, request.getPath())
                    && Objects.equals(authority, request.getAuthority())
                    && Objects.equals(scheme, request.getScheme());
        }
    }

    /** The whole address, or null if it cannot be read: then no part of it is safe to show. */
    @Nullable
    Target of(ClassicHttpRequest request) {
        Target known = lastTarget;
        if (known != null && known.isOf(request)) {
            return known;
        }
        try {
            URI whole = request.getUri();
            if (whole.getHost() == null) {
                return null;
            }
            known = new Target(
                    request.getScheme(), request.getAuthority(), request.getPath(), whole, CallRecord.shown(whole));
            lastTarget = known;
            return known;
        } catch (URISyntaxException | IllegalArgumentException e) {
            return null;
        }
    }

    /**
     * The address to which the credentials of a request may go.
     *
     * @throws RefusedCall if they may go nowhere
     */
    URI checked(@Nullable Target target, ClassicHttpRequest request, ExecChain.Scope scope, ApiClient client) {
        HttpHost host = scope.route.getTargetHost();
        Checked known = lastChecked;
        if (known != null && known.target() == target && known.client() == client && host.equals(known.host())) {
            checkHost(request, known.target().whole(), client);
            return known.target().whole();
        }
        boolean there = target != null
                && Addresses.isAt(target.whole(), host.getSchemeName(), host.getHostName(), host.getPort());
        URI whole = checked(target == null ? null : target.whole(), there, host.toURI(), client);
        if (target != null) {
            lastChecked = new Checked(target, client, host);
        }
        checkHost(request, whole, client);
        return whole;
    }

    /**
     * An address to which credentials may go.
     *
     * @param there whether the address is where the request goes to
     * @param shown names it in messages, without what may be secret
     * @throws RefusedCall if it does not lie under the API's base address, or can be read in two ways
     */
    static URI checked(@Nullable URI target, boolean there, String shown, ApiClient client) {
        if (target != null && Addresses.isAmbiguous(target)) {
            throw new RefusedCall(client.name() + ": call to " + shown
                    + " refused, since its path can be read in two"
                    + " ways: it has '..', '\\' or a control character, perhaps percent-encoded. Nothing was sent. Correct"
                    + " the address, or what the message fills into it; credentials go to dromedar.api." + client.name()
                    + ".base-address and below it.");
        }
        if (target == null || !client.covers(target) || !there) {
            throw new RefusedCall(client.name() + ": call to " + shown
                    + " refused, since it is not under the base address "
                    + client.settings().baseAddress()
                    + " of this API. Nothing was sent. Correct the address in the route, name"
                    + " the right API before it, or correct dromedar.api." + client.name() + ".base-address.");
        }
        return target;
    }

    /** What is too large for every server must not look like an outage, which opens the breaker for all calls. */
    static void checkHead(ClassicHttpRequest request, ApiClient client) {
        String path = request.getPath();
        long length = path == null ? 0 : path.length();
        String largest = null;
        int largestLength = 0;
        for (Iterator<Header> headers = request.headerIterator(); headers.hasNext(); ) {
            Header header = headers.next();
            int own = header.getValue() == null ? 0 : header.getValue().length();
            length += header.getName().length() + own;
            if (own > largestLength) {
                largestLength = own;
                largest = header.getName();
            }
        }
        if (length > LARGEST_HEAD) {
            throw new RefusedCall(client.name() + ": call refused, since its address and headers have more than "
                    + LARGEST_HEAD + " characters"
                    + (largest == null
                            ? ""
                            : ", " + largestLength + " of them in the header " + ForeignText.line(largest, 100))
                    + ". Nothing was sent. Remove the header before the call, or send so much in the body.");
        }
    }

    /** A server that has several hosts takes a request to the one that the header names (RFC 9110 section 7.2). */
    private static void checkHost(ClassicHttpRequest request, URI target, ApiClient client) {
        for (Header host : request.getHeaders("Host")) {
            String value = String.valueOf(host.getValue());
            URI named = null;
            try {
                named = new URI(target.getScheme() + "://" + value);
            } catch (URISyntaxException e) {
                // no host: refused below
            }
            if (named == null
                    || named.getHost() == null
                    || !value.equals(named.getRawAuthority())
                    || named.getRawUserInfo() != null
                    || !Addresses.isAt(target, target.getScheme(), named.getHost(), named.getPort())) {
                throw new RefusedCall(
                        client.name() + ": call refused, since its Host header is not the host of the address"
                                + " that it goes to. Nothing was sent. Remove customHostHeader or preserveHostHeader from the"
                                + " endpoint's options.");
            }
        }
    }
}
