package dev.dromedar.camel;

import dev.dromedar.oauth.AccessToken;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.Clients;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.OAuthException;
import dev.dromedar.oauth.Time;
import dev.dromedar.settings.Settings;
import dev.dromedar.settings.TrustedAuthorities;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Producer;
import org.apache.camel.StartupSummaryLevel;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.util.UnsafeUriCharactersEncoder;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.jspecify.annotations.Nullable;

/**
 * One call of an API from outside of any route, by the same HTTP layer: its token, a proof for each attempt, its limits, one
 * recovery from a 401. Starts no route. Not thread-safe.
 */
public final class SingleCall implements AutoCloseable {
    private final CamelContext context;
    private final Clients clients;
    private final ApiClient client;
    private final ApiConnections connections;
    private final List<AccessToken> sent = new ArrayList<>();
    private final ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1);

    /**
     * What is sent.
     *
     * @param path below the base address, or a whole address under it; may have a query
     * @param headers further ones, by name
     * @param token what it is requested for
     */
    public record Request(
            String method, String path, Map<String, String> headers, byte @Nullable [] body, Token token) {}

    /** What the token is requested for; null where the API's properties say it. */
    public record Token(
            ApiCheck.@Nullable Customer customer,
            @Nullable String scope,
            @Nullable String resource) {
        private void into(Exchange exchange, ApiSettings api) {
            if (customer != null) {
                customer.values(api).forEach(exchange::setProperty);
            }
            if (scope != null) {
                exchange.setProperty(PerMessage.SCOPE, scope);
            }
            if (resource != null) {
                exchange.setProperty(PerMessage.RESOURCE, resource);
            }
        }
    }

    /**
     * What came back.
     *
     * @param headers values by name; those of a challenge are there too
     * @param body to be read once, in which the credentials of this call stand as {@code ***}
     */
    public record Answer(int status, Map<String, List<String>> headers, InputStream body) {}

    /**
     * Starts a context without routes.
     *
     * @param context that has the properties, and nothing else; it is started here, and its owner closes it
     * @throws InvalidSettings with every fault of this API's properties; those of other APIs do no harm
     */
    public SingleCall(CamelContext context, String api) {
        Settings settings = ApiCheck.settings(context, api);
        var trusted = TrustedAuthorities.with(settings.caFile());
        context.disableJMX();
        CamelCli.off(context);
        ((org.apache.camel.impl.DefaultCamelContext) context).setStartupSummaryLevel(StartupSummaryLevel.Off);
        this.context = context;
        this.clients = new Clients(settings.apis(), trusted.context(), Duration.ofSeconds(5), Time.SYSTEM);
        this.client = clients.all().iterator().next();
        this.connections = HttpLayer.install(
                        context,
                        settings.caFile() == null ? null : trusted.parameters(),
                        trusted.context(),
                        clients::all,
                        clock)
                .connections();
        context.start();
    }

    /**
     * Makes the call. Blocks as long as the API's limits allow.
     *
     * @throws InvalidSettings if the path does not lie under the base address
     * @throws OAuthException if there is no token, and nothing was sent
     * @throws FailedCall if there is no answer
     */
    public Answer send(Request request) {
        ApiSettings settings = client.settings();
        URI target = target(settings.baseAddress(), request.path());
        String base = settings.baseAddress().getRawPath().replaceAll("/$", "");
        Exchange exchange = new DefaultExchange(context);
        try {
            request.token().into(exchange, settings);
            new ApiProcessor(client).process(exchange);
            Message message = exchange.getIn();
            message.setBody(request.body());
            request.headers().forEach((name, value) -> RouteHeaders.set(exchange, name, value));
            RouteHeaders.set(exchange, Exchange.HTTP_METHOD, request.method());
            HttpEndpoint http = context.getEndpoint(
                    settings.baseAddress()
                            + "?throwExceptionOnFailure=false&disableStreamCache=true&copyHeaders=false"
                            + "&getWithBody=true&deleteWithBody=true",
                    HttpEndpoint.class);
            HttpClientConfigurer layer = http.getHttpClientConfigurer();
            http.setHttpClientConfigurer(builder -> {
                layer.configureHttpClient(builder);
                builder.addExecInterceptorBefore(HttpLayer.CREDENTIALS, "dromedar-sent", this::watch);
            });
            Producer producer = http.createProducer();
            ServiceHelper.startService(http, producer);
            new Destination(producer.getEndpoint(), target.getRawPath().substring(base.length()), target.getRawQuery())
                    .send(exchange, producer);
            return answer(exchange.getMessage(), target);
        } catch (OAuthException e) {
            throw e;
        } catch (Exception e) {
            String known = Apis.failure(exchange);
            throw FailedCall.of(client.name(), known == null ? client.name() + ": " + e.getMessage() : known, e);
        }
    }

    private URI target(URI base, String path) {
        String origin = base.toString().replaceAll("/$", "");
        String whole = path.contains("://")
                ? path
                : path.isEmpty() || path.startsWith("?")
                        ? base + path
                        : origin + (path.startsWith("/") ? "" : "/") + path;
        try {
            URI target = new URI(UnsafeUriCharactersEncoder.encodeHttpURI(whole));
            if (client.covers(target) && target.getRawPath() != null) {
                return target;
            }
        } catch (URISyntaxException e) {
            throw new InvalidSettings("'" + path + "' is no path: " + e.getReason());
        }
        throw new InvalidSettings("'" + path + "' does not lie under the base address of " + client.name() + ", " + base
                + ". Nothing was sent.");
    }

    private Answer answer(Message message, URI target) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        message.getHeaders().forEach((name, value) -> {
            if (!name.startsWith("Camel")) {
                List<String> values = new ArrayList<>();
                for (Object each : value instanceof List<?> several ? several : List.of(value)) {
                    values.add(String.valueOf(each));
                }
                headers.put(name, values);
            }
        });
        int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
        InputStream body = message.getBody(InputStream.class);
        return new Answer(
                status,
                new LinkedHashMap<>(headers),
                body == null ? InputStream.nullInputStream() : new WithoutCredentials(body, credentials(target)));
    }

    private ClassicHttpResponse watch(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        try {
            return chain.proceed(request, scope);
        } finally {
            CallState state = CallState.of(scope.clientContext);
            if (state != null && state.attempt != null) {
                AccessToken token = state.attempt.sentWith();
                if (token != null) {
                    sent.add(token);
                }
            }
        }
    }

    /** The tokens of all attempts, and the beginning that all proofs of this process have. */
    private List<byte[]> credentials(URI target) {
        List<byte[]> credentials = new ArrayList<>();
        for (AccessToken token : sent) {
            credentials.add(token.value().reveal().getBytes(StandardCharsets.US_ASCII));
            String proof = client.proof(token, "GET", target, null);
            if (proof != null) {
                credentials.add(proof.substring(0, proof.indexOf('.') + 1).getBytes(StandardCharsets.US_ASCII));
            }
        }
        return credentials;
    }

    @Override
    public void close() throws IOException {
        clock.shutdownNow();
        connections.close();
        clients.close();
    }
}
