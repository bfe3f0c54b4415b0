package dev.dromedar.camel;

import java.util.HashMap;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.jspecify.annotations.Nullable;

/** What the token of an {@code api:} call is requested for, in the place of the API's. A parameter each. */
@UriParams
public final class CallToken {
    @UriParam(
            label = "security",
            description = "Scopes of this call's token, separated by spaces, in the place of the API's. An expression.")
    private @Nullable String scope;

    @UriParam(
            label = "security",
            description =
                    "Resource indicators (RFC 8707) of this call's token, in the place of the API's. An expression.")
    private @Nullable String resource;

    @UriParam(
            label = "security",
            description = "Organisation number of the parent that this call is for (HelseID). An expression.")
    private @Nullable String organisation;

    @UriParam(label = "security", description = "Organisation number of the child (HelseID). An expression.")
    private @Nullable String organisationChild;

    @UriParam(
            label = "security",
            description =
                    "Organisation number of the one that has delegated the scope, consumer_org (Maskinporten). An expression.")
    private @Nullable String consumerOrganisation;

    @UriParam(
            label = "security",
            description =
                    "Organisation number of the one whose system user in Altinn this call is made as (Maskinporten). An expression.")
    private @Nullable String systemUser;

    CallToken() {}

    /** By the exchange property that asks for it, see {@link PerMessage}. */
    Map<String, MessageValue> values(CamelContext context) {
        Map<String, MessageValue> values = new HashMap<>();
        add(values, context, PerMessage.SCOPE, "scope", scope);
        add(values, context, PerMessage.RESOURCE, "resource", resource);
        add(values, context, PerMessage.PARENT, "organisation", organisation);
        add(values, context, PerMessage.CHILD, "organisationChild", organisationChild);
        add(values, context, PerMessage.CONSUMER, "consumerOrganisation", consumerOrganisation);
        add(values, context, PerMessage.SYSTEM_USER, "systemUser", systemUser);
        return Map.copyOf(values);
    }

    private static void add(
            Map<String, MessageValue> values,
            CamelContext context,
            String property,
            String parameter,
            @Nullable String written) {
        if (written != null) {
            values.put(property, MessageValue.of(context, parameter, written));
        }
    }

    public void setScope(@Nullable String scope) {
        this.scope = scope;
    }

    public void setResource(@Nullable String resource) {
        this.resource = resource;
    }

    public void setOrganisation(@Nullable String organisation) {
        this.organisation = organisation;
    }

    public void setConsumerOrganisation(@Nullable String consumerOrganisation) {
        this.consumerOrganisation = consumerOrganisation;
    }

    public void setSystemUser(@Nullable String systemUser) {
        this.systemUser = systemUser;
    }

    public void setOrganisationChild(@Nullable String organisationChild) {
        this.organisationChild = organisationChild;
    }
}
