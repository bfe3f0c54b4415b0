package dev.dromedar.routes;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the log says while a worker waits for exchanges under way. */
class DrainingTest {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch free = new CountDownLatch(1);

    @Test
    void saysOnceWhatIsWaitedForAndOnceWhatIsCutOff() throws Exception {
        var lines = new ListAppender<ILoggingEvent>();
        var logger = (Logger) LoggerFactory.getLogger(Draining.class);
        lines.start();
        logger.addAppender(lines);
        logger.setLevel(Level.INFO);
        var context = new DefaultCamelContext();
        try {
            Draining.install(context);
            context.getShutdownStrategy().setTimeout(3);
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("seda:slow").routeId("slow").process(exchange -> {
                        begun.countDown();
                        free.await(1, TimeUnit.MINUTES);
                    });
                    from("direct:calm").routeId("calm").to("log:x");
                }
            });
            context.start();
            try (var template = context.createProducerTemplate()) {
                template.sendBody("seda:slow", "secret");
                assertThat(begun.await(1, TimeUnit.MINUTES)).isTrue();
                template.sendBody("seda:slow", "secret");
            }

            context.stop();
        } finally {
            free.countDown();
            context.stop();
            logger.detachAppender(lines);
            logger.setLevel(null);
        }

        List<String> said =
                lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        assertThat(said)
                .satisfiesExactly(
                        line -> assertThat(line)
                                .isEqualTo("Waiting at most 3 seconds for the end of exchanges, by route: slow 2"),
                        // The one under way may have ended by then: it is interrupted
                        line -> assertThat(line)
                                .matches("Exchanges that did not end within the time limit, by route: slow [12]"));
    }
}
