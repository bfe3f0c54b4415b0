package dev.dromedar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Spans as they end. A token's span ends just after the call that waits for it goes on. */
final class Spans implements SpanExporter {
    private final List<SpanData> all = new CopyOnWriteArrayList<>();
    private final LinkedBlockingQueue<SpanData> ended = new LinkedBlockingQueue<>();

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        all.addAll(spans);
        ended.addAll(spans);
        return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
        return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
        return CompletableResultCode.ofSuccess();
    }

    SpanData await(String name) throws InterruptedException {
        List<SpanData> there = named(name);
        while (there.isEmpty()) {
            assertThat(ended.poll(20, TimeUnit.SECONDS)).as("span " + name).isNotNull();
            there = named(name);
        }
        return there.get(0);
    }

    List<SpanData> named(String name) {
        return all.stream().filter(span -> span.getName().equals(name)).toList();
    }

    List<SpanData> of(String trace) {
        return all.stream().filter(span -> span.getTraceId().equals(trace)).toList();
    }

    List<SpanData> all() {
        return new ArrayList<>(all);
    }
}
