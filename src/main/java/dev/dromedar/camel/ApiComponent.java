package dev.dromedar.camel;

import dev.dromedar.settings.Nearest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.util.PropertiesHelper;
import org.jspecify.annotations.Nullable;

/**
 * {@code api:NAME/path}: a call of an API in one line of a route, with the credentials of {@code dromedar.api.NAME.*}. Each
 * endpoint is fixed when its route is read; a message fills in values and nothing else. See {@link CallEndpoint}.
 */
@Component(AddressTemplate.API)
public final class ApiComponent extends DefaultComponent {
    private static final Pattern HYPHEN = Pattern.compile(
            "(?m)(?:^|[\\s{,])[\"']?((?:header|query|path)\\.[A-Za-z0-9_.%]{0,60}-[A-Za-z0-9_.%-]{0,60})[\"']?\\s{0,9}:");

    /** Camel makes it by the name {@code api}. */
    public ApiComponent() {}

    /** @throws IllegalArgumentException if there is no such API, or the address and its parameters do not fit together */
    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
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
                    + (nearest == null
                            ? "Define it with properties dromedar.api." + api + ".*"
                            : "Did you mean '" + nearest + "'?"));
        }
        var endpoint = new CallEndpoint(uri, this, api, slash < 0 ? "" : remaining.substring(slash + 1));
        endpoint.setPath(named(PropertiesHelper.extractProperties(parameters, "path.")));
        endpoint.setQuery(named(PropertiesHelper.extractProperties(parameters, "query.")));
        Map<String, Object> headers = new LinkedHashMap<>();
        PropertiesHelper.extractProperties(parameters, "header.")
                .forEach((name, value) -> headers.put(name.replace('_', '-'), value));
        endpoint.setHeader(named(headers));
        setProperties(endpoint.token(), parameters);
        setProperties(endpoint.answer(), parameters);
        return endpoint;
    }

    /** A name may be percent-encoded, since Camel's YAML reads {@code page-size} as {@code pageSize}. */
    private static Map<String, Object> named(Map<String, Object> written) {
        Map<String, Object> named = new LinkedHashMap<>();
        written.forEach(
                (name, value) -> named.put(URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8), value));
        return named;
    }

    /**
     * Why a call in a route file is another one than is written there, and what to write; null if it is not.
     *
     * @param text of a file of YAML
     */
    public static @Nullable Hyphen hyphen(String text) {
        Matcher name = HYPHEN.matcher(text);
        return !text.contains(AddressTemplate.API + ":") || !name.find()
                ? null
                : new Hyphen(
                        name.start(1),
                        "Camel's YAML takes the hyphen out of the name '" + name.group(1) + "'. Write '"
                                + name.group(1).replace("-", name.group(1).startsWith("header.") ? "_" : "%2D") + "'.");
    }

    /** A name that Camel's YAML would change, and where in the text it stands. */
    public record Hyphen(int at, String fault) {}

    @Override
    protected void afterConfiguration(String uri, String remaining, Endpoint endpoint, Map<String, Object> parameters) {
        if (parameters.isEmpty()) { // otherwise Camel reports those that are not known
            ((CallEndpoint) endpoint).prepare();
        }
    }
}
