package dev.dromedar.ops;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.util.json.Jsoner;
import org.slf4j.event.KeyValuePair;

/**
 * One line of the log as one JSON object with the field names of the Elastic Common Schema (8.11), which the usual collectors
 * know: time in ISO-8601 and UTC, one message, numbers as numbers. For use inside of {@link CleanLog}. Thread-safe.
 */
public final class EcsLog extends EncoderBase<ILoggingEvent> {
    private static final byte[] NOTHING = new byte[0];
    private static final String MILLIS = "millis";

    /** Key-value pairs of the audit that the schema has a name for; {@code millis} becomes nanoseconds. */
    private static final Map<String, String> NAMES = Map.of(
            "method",
            "http.request.method",
            "address",
            "url.full",
            "status",
            "http.response.status_code",
            MILLIS,
            "event.duration",
            "trace",
            "trace.id",
            "failure",
            "error.code");

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("@timestamp", Instant.ofEpochMilli(event.getTimeStamp()).toString());
        fields.put("log.level", event.getLevel().toString());
        fields.put("message", event.getFormattedMessage());
        fields.put("ecs.version", "8.11");
        fields.put("log.logger", event.getLoggerName());
        fields.put("process.thread.name", event.getThreadName());
        event.getMDCPropertyMap().forEach((name, value) -> fields.put("labels." + name, value));
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs != null) {
            pairs.forEach(pair -> put(fields, pair));
        }
        IThrowableProxy failure = event.getThrowableProxy();
        if (failure != null) {
            fields.put("error.type", failure.getClassName());
            fields.put("error.message", String.valueOf(failure.getMessage()));
            fields.put("error.stack_trace", ThrowableProxyUtil.asString(failure));
        }
        return (Jsoner.serialize(fields) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static void put(Map<String, Object> fields, KeyValuePair pair) {
        Object value = pair.value;
        if (value == null || "-".equals(value)) {
            return; // said in text alone, where columns would move
        }
        String name = NAMES.getOrDefault(pair.key, "labels." + pair.key);
        fields.put(name, pair.key.equals(MILLIS) && value instanceof Long millis ? millis * 1_000_000 : value);
    }
}
