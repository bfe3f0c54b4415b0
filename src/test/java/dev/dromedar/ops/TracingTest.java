package dev.dromedar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Request;
import dev.dromedar.sandbox.Sandbox;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The worker with Camel's OpenTelemetry component and a real SDK: which spans there are, and what reaches the API. */
class TracingTest {
    private final Spans spans = new Spans();
    private final SdkTracerProvider provider = SdkTracerProvider.builder()
            .addSpanProcessor(SimpleSpanProcessor.create(spans))
            .build();
    private Sandbox sandbox;
    private Worker worker;

    @BeforeEach
    void start() {
        sandbox = Sandbox.start();
        worker = new Worker(
                Worker.apis(sandbox, "health-records", "orders"),
                Map.of("camel.opentelemetry2.enabled", "true"),
                main -> {
                    main.bind("tracer", provider.get("worker"));
                    main.bind("propagators", ContextPropagators.create(W3CTraceContextPropagator.getInstance()));
                });
    }

    @AfterEach
    void stop() {
        worker.close();
        sandbox.close();
        provider.close();
    }

    @Test
    void hasATokenRequestAsTheChildOfTheCallThatNeedsItAndSendsTheTraceAlong() throws Exception {
        assertThat(worker.call("health-records")).isNull();
        assertThat(worker.call("health-records")).isNull();

        SpanData token = spans.await("token health-records");
        List<SpanData> trace = spans.of(token.getTraceId());
        assertThat(trace).extracting(SpanData::getSpanId).contains(token.getParentSpanId());
        assertThat(token.getAttributes().get(AttributeKey.stringKey("dromedar.api")))
                .isEqualTo("health-records");
        assertThat(token.getAttributes().get(AttributeKey.stringKey("dromedar.authority")))
                .isEqualTo(sandbox.helseid().issuer());
        assertThat(token.getStatus().getStatusCode()).isNotEqualTo(StatusCode.ERROR);
        List<Request> calls = sandbox.api("health-records").received();
        assertThat(calls).hasSize(2);
        String parent = String.valueOf(calls.get(0).header("traceparent"));
        assertThat(parent).startsWith("00-" + token.getTraceId() + "-");
        assertThat(trace).extracting(SpanData::getSpanId).contains(parent.substring(36, 52));
        assertThat(String.valueOf(calls.get(1).header("traceparent"))).doesNotContain(token.getTraceId());
        assertThat(spans.named("token health-records")).hasSize(1);
    }

    @Test
    void saysWhyThereIsNoToken() throws Exception {
        sandbox.duende().origin().fault(Fault.error(400, "invalid_client").at("/connect/token"));

        assertThat(worker.call("orders")).isNotNull();

        SpanData token = spans.await("token orders");
        assertThat(token.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(token.getAttributes().get(AttributeKey.stringKey("error.type")))
                .isEqualTo("invalid_client");
    }

    @Test
    void hasNoSecretInAnySpan() throws Exception {
        assertThat(worker.call("health-records")).isNull();
        assertThat(worker.call("orders")).isNull();
        spans.await("token orders");
        spans.await("token health-records");

        String all = spans.all().toString();

        assertThat(all).contains("token orders");
        assertThat(all).doesNotContain(sandbox.api("orders").client().secret());
        for (Request request : sandbox.api("health-records").received()) {
            String authorization = String.valueOf(request.header("Authorization"));
            assertThat(all).doesNotContain(authorization.substring(authorization.indexOf(' ') + 1));
            assertThat(all).doesNotContain(String.valueOf(request.header("DPoP")));
        }
        assertThat(all).doesNotContainPattern("eyJ[\\w-]{20,}\\.[\\w-]{20,}");
    }
}
