package dev.dromedar.camel;

import dev.dromedar.settings.Nearest;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.util.PropertiesHelper;

/**
 * {@code api:NAME/path}: a call of an API in one line of a route, with the credentials of {@code dromedar.api.NAME.*}. Each
 * endpoint is fixed when its route is read; a message fills in values and nothing else. See {@link CallEndpoint}.
 */
@Component(ApiComponent.SCHEME)
public final class ApiComponent extends DefaultComponent {
    static final String SCHEME = "api";

    /** Camel makes it by the name {@code api}. */
    public ApiComponent() {}

    /** @throws IllegalArgumentException if there is no such API, or the address and its parameters do not fit together */
    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
        int slash = remaining.indexOf('/');
        String api = slash < 0 ? remaining : remaining.substring(0, slash);
        if (getCamelContext().getRegistry().lookupByNameAndType(api, Processor.class) == null) {
            String nearest = Nearest.to(
                    api,
                    getCamelContext()
                            .getRegistry()
                            .findByTypeWithName(Processor.class)
                            .keySet());
            throw new IllegalArgumentException("there is no API '" + api + "'. "
                    + (nearest == null ? "Define it with properties dromedar.api." + api + ".*" : "Did you mean '" + nearest + "'?"));
        }
        var endpoint = new CallEndpoint(uri, this, api, slash < 0 ? "" : remaining.substring(slash + 1));
        endpoint.setPath(PropertiesHelper.extractProperties(parameters, "path."));
        endpoint.setQuery(PropertiesHelper.extractProperties(parameters, "query."));
        endpoint.setHeader(PropertiesHelper.extractProperties(parameters, "header."));
        return endpoint;
    }

    @Override
    protected void afterConfiguration(String uri, String remaining, Endpoint endpoint, Map<String, Object> parameters) {
        if (parameters.isEmpty()) { // otherwise Camel reports those that are not known
            ((CallEndpoint) endpoint).prepare();
        }
    }
}
