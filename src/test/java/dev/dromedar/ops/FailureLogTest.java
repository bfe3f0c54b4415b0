package dev.dromedar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.Map;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FailureLogTest {
    private final Logger log = (Logger) LoggerFactory.getLogger("dromedar.failures");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeEach
    void listen() {
        lines.start();
        log.addAppender(lines);
        log.setLevel(Level.INFO);
    }

    @AfterEach
    void leave() {
        log.detachAppender(lines);
        log.setLevel(null);
    }

    @Test
    void tellsAnApisRefusalInOneLineWithItsPlaceAndWithoutTheQuery() throws Exception {
        fail(new HttpOperationFailedException("http://x/?person=12057900499", 503, "no", null, Map.of(), null));

        assertThat(lines.list).hasSize(1);
        assertThat(lines.list.get(0).getFormattedMessage()).isEqualTo("Failed at call.yaml:6, call/step: HTTP 503");
        assertThat(lines.list.get(0).getThrowableProxy()).isNull();
    }

    @Test
    void tellsAConnectionThatIsCutOffInOneLine() throws Exception {
        fail(new NoHttpResponseException("localhost:1 failed to respond"));

        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "Failed at call.yaml:6, call/step: it closed the connection before its answer was whole"
                                + " (localhost:1 failed to respond).");
    }

    @Test
    void tellsWhatNobodyExpectedWithItsStackTrace() throws Exception {
        fail(new IllegalStateException("a bug"));

        assertThat(lines.list).hasSize(1);
        assertThat(lines.list.get(0).getFormattedMessage()).contains("a bug", "call/step");
        assertThat(lines.list.get(0).getThrowableProxy()).isNotNull();
    }

    private static void fail(Exception failure) throws Exception {
        try (var context = new DefaultCamelContext()) {
            context.setSourceLocationEnabled(true);
            FailureLog.install(context);
            context.getRegistry().bind("broken", (org.apache.camel.Processor) exchange -> {
                throw failure;
            });
            PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString("call.yaml", """
                    - route:
                        id: call
                        from:
                          uri: direct:call
                          steps:
                            - process: {id: step, ref: broken}
                    """));
            context.start();
            context.createProducerTemplate().send("direct:call", exchange -> {});
        }
    }
}
