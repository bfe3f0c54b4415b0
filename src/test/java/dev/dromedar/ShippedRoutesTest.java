package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.SandboxExtension;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.apache.camel.test.junit5.TestExecutionConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The shipped routes by Camel's own test kit, as a Java developer would test a site's: advice, mock endpoints, the sandbox. */
class ShippedRoutesTest extends CamelTestSupport {
    @RegisterExtension
    static final SandboxExtension SANDBOX = new SandboxExtension()
            .with("health-records", "helseid", "sandbox:health-records/read")
            .with("health-records-bearer", "duende", "sandbox:health-records/read")
            .with("orders", "duende", "orders.read");

    @Override
    public void configureTest(TestExecutionConfiguration test) {
        test.withUseAdviceWith(true).withUseRouteBuilder(false);
    }

    @Override
    protected CamelContext createCamelContext() throws Exception {
        CamelContext context = super.createCamelContext();
        Properties properties = SANDBOX.properties();
        properties.setProperty("fetch-records.interval", "5000");
        properties.setProperty("fetch-records.time-limit", "60000");
        context.getPropertiesComponent().setInitialProperties(properties);
        Dromedar.install(context);
        for (String file : List.of("api-errors.yaml", "health-records.yaml", "orders.xml", "fetch-records.yaml")) {
            Resource route = ResourceHelper.resolveMandatoryResource(
                    context, "file:" + Path.of("routes").resolve(file));
            PluginHelper.getRoutesLoader(context).loadRoutes(route);
        }
        return context;
    }

    private MockEndpoint mockAtTheEndOf(String route) throws Exception {
        AdviceWith.adviceWith(context, "fetch-records", advice -> advice.replaceFromWith("direct:fire"));
        AdviceWith.adviceWith(context, route, advice -> advice.weaveAddLast().to("mock:end"));
        context.start();
        return getMockEndpoint("mock:end");
    }

    @Test
    void fetchesOrdersWithABearerToken() throws Exception {
        SANDBOX.api("orders").respond(request -> Answer.of(200, "application/json", "{\"records\":[{\"id\":\"7\"}]}"));
        MockEndpoint end = mockAtTheEndOf("orders");
        end.expectedMessageCount(1);
        end.expectedPropertyReceived("records", 1);

        template.sendBody("direct:orders", "");

        end.assertIsSatisfied();
        assertThat(SANDBOX.api("orders").received()).singleElement().satisfies(request -> {
            assertThat(request.method() + " " + request.target()).isEqualTo("GET /orders/orders");
            assertThat(request.header("Authorization")).startsWith("Bearer ");
        });
    }

    @Test
    void fetchesHealthRecordsWithAProofForEachCall() throws Exception {
        MockEndpoint end = mockAtTheEndOf("health-records");
        end.expectedMessageCount(2);

        template.sendBody("direct:health-records", "");
        template.sendBody("direct:health-records", "");

        end.assertIsSatisfied();
        assertThat(SANDBOX.api("health-records").received())
                .extracting(request -> request.proof().claim("jti"))
                .hasSize(2)
                .doesNotHaveDuplicates();
    }

    @Test
    void oneApiThatFailsDoesNotDisturbTheOthers() throws Exception {
        SANDBOX.api("orders").fault(Fault.status(503));
        MockEndpoint end = mockAtTheEndOf("fetch-records");
        end.expectedMessageCount(1);

        template.sendBody("direct:fire", "");

        end.assertIsSatisfied();
        assertThat(end.getExchanges().get(0).getMessage().getBody(String.class))
                .contains("health-records 200, 3 records", "health-records-bearer 200, 3 records", "orders");
    }
}
