package dev.dromedar.ops;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.LoggerContextVO;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.EncoderBase;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.Masking;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;

/**
 * The one place through which every line of the worker's log and audit goes, text or JSON. Whatever a message, a key-value
 * pair, an exception, a thread's or logger's name holds is on one line and cannot steer a terminal, so that nobody can write
 * a line of their own; and credentials in it are stars. Of exceptions and of libraries' warnings queries go too. Line ends
 * between the lines of a stack trace are the encoder's own.
 *
 * <p>For {@code logback.xml}: {@code <encoder class="dev.dromedar.ops.CleanLog"><encoder class="...">...</encoder></encoder>}.
 */
public final class CleanLog extends EncoderBase<ILoggingEvent> {
    private static final int DEEPEST_CAUSE = 20;
    private static final byte[] NOTHING = new byte[0];

    private @Nullable Encoder<ILoggingEvent> encoder;

    /** The encoder that gives lines their form. */
    public void setEncoder(Encoder<ILoggingEvent> encoder) {
        this.encoder = encoder;
    }

    @Override
    public void start() {
        if (encoder == null) {
            addError("CleanLog has no <encoder> in it");
            return;
        }
        encoder.start();
        super.start();
    }

    @Override
    public void stop() {
        if (encoder != null) {
            encoder.stop();
        }
        super.stop();
    }

    @Override
    public byte[] headerBytes() {
        byte[] bytes = encoder == null ? null : encoder.headerBytes();
        return bytes == null ? NOTHING : bytes;
    }

    @Override
    public byte[] footerBytes() {
        byte[] bytes = encoder == null ? null : encoder.footerBytes();
        return bytes == null ? NOTHING : bytes;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        return Objects.requireNonNull(encoder).encode(new CleanEvent(event));
    }

    private static String clean(@Nullable String text) {
        return text == null ? "null" : ForeignText.line(Masking.withoutCredentials(text));
    }

    /** What a library says of what failed may quote an address with its query. */
    private static String cleanOfFailure(@Nullable String text) {
        return text == null ? "null" : ForeignText.line(Masking.withoutQueries(text));
    }

    private record CleanEvent(ILoggingEvent event) implements ILoggingEvent {
        @Override
        public String getThreadName() {
            return ForeignText.line(event.getThreadName(), 200);
        }

        @Override
        public Level getLevel() {
            return event.getLevel();
        }

        @Override
        public @Nullable String getMessage() {
            return clean(event.getMessage());
        }

        @Override
        public Object @Nullable [] getArgumentArray() {
            return null; // the formatted message has them
        }

        @Override
        public String getFormattedMessage() {
            boolean library = event.getLevel().isGreaterOrEqual(Level.WARN)
                    && event.getLoggerName().startsWith("org.apache.");
            return library ? cleanOfFailure(event.getFormattedMessage()) : clean(event.getFormattedMessage());
        }

        @Override
        public String getLoggerName() {
            return ForeignText.line(event.getLoggerName(), 200);
        }

        @Override
        public LoggerContextVO getLoggerContextVO() {
            return event.getLoggerContextVO();
        }

        @Override
        public @Nullable IThrowableProxy getThrowableProxy() {
            IThrowableProxy failure = event.getThrowableProxy();
            return failure == null ? null : new CleanFailure(failure, 0);
        }

        @Override
        public StackTraceElement[] getCallerData() {
            return event.getCallerData();
        }

        @Override
        public boolean hasCallerData() {
            return event.hasCallerData();
        }

        @Override
        public @Nullable List<Marker> getMarkerList() {
            return event.getMarkerList();
        }

        @Override
        public Map<String, String> getMDCPropertyMap() {
            Map<String, String> clean = new LinkedHashMap<>();
            event.getMDCPropertyMap().forEach((name, value) -> clean.put(ForeignText.line(name, 200), clean(value)));
            return clean;
        }

        @Override
        @SuppressWarnings("deprecation")
        public Map<String, String> getMdc() {
            return getMDCPropertyMap();
        }

        @Override
        public long getTimeStamp() {
            return event.getTimeStamp();
        }

        @Override
        public int getNanoseconds() {
            return event.getNanoseconds();
        }

        @Override
        public @Nullable Instant getInstant() {
            return event.getInstant();
        }

        @Override
        public long getSequenceNumber() {
            return event.getSequenceNumber();
        }

        @Override
        public @Nullable List<KeyValuePair> getKeyValuePairs() {
            List<KeyValuePair> pairs = event.getKeyValuePairs();
            return pairs == null
                    ? null
                    : pairs.stream()
                            .map(pair -> new KeyValuePair(
                                    ForeignText.line(pair.key, 200),
                                    pair.value instanceof Number || pair.value instanceof Boolean
                                            ? pair.value
                                            : clean(String.valueOf(pair.value))))
                            .toList();
        }

        @Override
        public void prepareForDeferredProcessing() {
            event.prepareForDeferredProcessing();
        }
    }

    private record CleanFailure(IThrowableProxy failure, int depth) implements IThrowableProxy {
        @Override
        public @Nullable String getMessage() {
            return failure.getMessage() == null ? null : cleanOfFailure(failure.getMessage());
        }

        @Override
        public @Nullable String getOverridingMessage() {
            return failure.getOverridingMessage() == null ? null : cleanOfFailure(failure.getOverridingMessage());
        }

        @Override
        public String getClassName() {
            return ForeignText.line(failure.getClassName(), 500);
        }

        @Override
        public StackTraceElementProxy[] getStackTraceElementProxyArray() {
            return failure.getStackTraceElementProxyArray();
        }

        @Override
        public int getCommonFrames() {
            return failure.getCommonFrames();
        }

        @Override
        public @Nullable IThrowableProxy getCause() {
            IThrowableProxy cause = failure.getCause();
            return cause == null || depth >= DEEPEST_CAUSE ? null : new CleanFailure(cause, depth + 1);
        }

        @Override
        public IThrowableProxy[] getSuppressed() {
            IThrowableProxy[] suppressed = failure.getSuppressed();
            if (suppressed == null || depth >= DEEPEST_CAUSE) {
                return new IThrowableProxy[0];
            }
            IThrowableProxy[] clean = new IThrowableProxy[suppressed.length];
            for (int i = 0; i < clean.length; i++) {
                clean[i] = new CleanFailure(suppressed[i], depth + 1);
            }
            return clean;
        }

        @Override
        public boolean isCyclic() {
            return failure.isCyclic();
        }
    }
}
