package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.sandbox.Origin;
import dev.dromedar.sandbox.Sandbox;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.management.ObjectName;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.Test;

/** One call in somebody's own Camel application: what it does, and that nothing stays when the context stops. */
class EmbeddingTest {

    @Test
    void keepsTwoContextsOfOneJvmApart() throws Exception {
        try (Sandbox one = Sandbox.start();
                Sandbox other = Sandbox.start()) {
            CamelContext first = start(one, "first");
            CamelContext second = start(other, "second");
            call(first);
            call(second);
            assertThat(one.api("orders").seen().accepted()).isEqualTo(1);
            assertThat(other.api("orders").seen().accepted()).isEqualTo(1);
            assertThat(beans("first")).isNotEmpty();
            assertThat(beans("second")).isNotEmpty();

            first.stop();

            call(second);
            assertThat(other.api("orders").seen().accepted()).isEqualTo(2);
            assertThat(beans("first")).isEmpty();
            assertThat(beans("second")).isNotEmpty();
            second.stop();
            assertThat(beans("second")).isEmpty();
        }
    }

    @Test
    void leavesNoThreadConnectionOrBeanBehind() throws Exception {
        try (Sandbox sandbox = Sandbox.start()) {
            runOnce(sandbox, "warm"); // what the JVM and libraries make once and keep
            Set<Thread> before = threads();
            for (int round = 0; round < 3; round++) {
                runOnce(sandbox, "round-" + round);
            }

            List<String> left = new ArrayList<>();
            for (Thread thread : threads()) {
                if (!before.contains(thread) && !thread.getName().startsWith("sandbox")) {
                    thread.join(TimeUnit.SECONDS.toMillis(20)); // one that is ending ends
                    if (thread.isAlive()) {
                        left.add(thread.getName());
                    }
                }
            }
            assertThat(left).isEmpty();
            assertThat(beans("round-0")).isEmpty();
            for (Origin server :
                    List.of(sandbox.duende().origin(), sandbox.api("orders").origin())) {
                assertThat(server.connections()).isPositive();
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
                while (server.openConnections() > 0 && System.nanoTime() < end) {
                    Thread.onSpinWait(); // the other side sees the end a moment later
                }
                assertThat(server.openConnections()).isZero();
            }
        }
    }

    @Test
    void isInstalledByCamelMain() throws Exception {
        try (Sandbox sandbox = Sandbox.start()) {
            var main = new Main();
            sandbox.properties().forEach((key, value) -> {
                if (key.startsWith("sandbox.orders.")) {
                    main.addInitialProperty("dromedar.api." + key.substring("sandbox.".length()), value);
                }
            });
            main.configure().addConfiguration(new CamelConfiguration() {
                @Override
                public void configure(CamelContext context) {
                    Dromedar.install(context);
                }
            });
            main.configure().addRoutesBuilder(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:orders").to("api:orders/orders");
                }
            });
            main.start();
            try {
                call(main.getCamelContext());
            } finally {
                main.stop();
            }
        }
    }

    private static void runOnce(Sandbox sandbox, String name) throws Exception {
        CamelContext context = start(sandbox, name);
        try {
            call(context);
        } finally {
            context.stop();
        }
    }

    private static CamelContext start(Sandbox sandbox, String name) throws Exception {
        var context = new DefaultCamelContext();
        context.getCamelContextExtension().setName(name);
        var properties = new Properties();
        sandbox.properties().forEach((key, value) -> {
            if (key.startsWith("sandbox.orders.")) {
                properties.put("dromedar.api." + key.substring("sandbox.".length()), value);
            }
        });
        context.getPropertiesComponent().setInitialProperties(properties);
        Dromedar.install(context);
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:orders")
                        .setHeader("CamelHttpMethod", constant("GET"))
                        .process("orders")
                        .to("{{dromedar.api.orders.base-address}}/orders");
            }
        });
        context.start();
        return context;
    }

    private static void call(CamelContext context) throws Exception {
        try (ProducerTemplate template = context.createProducerTemplate()) {
            assertThat(template.requestBody("direct:orders", null, String.class))
                    .contains("records");
        } catch (CamelExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .collect(Collectors.toSet());
    }

    private static Set<String> beans(String context) throws Exception {
        Set<String> names = new TreeSet<>();
        for (ObjectName name : ManagementFactory.getPlatformMBeanServer()
                .queryNames(new ObjectName("org.apache.camel:context=" + context + ",*"), null)) {
            names.add(name.getCanonicalName());
        }
        return names;
    }
}
