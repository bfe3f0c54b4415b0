package dev.dromedar.camel;

import org.apache.camel.spi.Metadata;

/** The headers that {@code api:} reads and sets, for Camel's catalogue. */
public final class CallHeaders {
    @Metadata(description = "HTTP status of the answer, set by the call.", javaType = "int")
    public static final String RESPONSE_CODE = "CamelHttpResponseCode";

    @Metadata(description = "Reason phrase of the answer, set by the call if it has one.", javaType = "String")
    public static final String RESPONSE_TEXT = "CamelHttpResponseText";

    @Metadata(
            description = "Scopes of the token for all calls of this message, in the place of the API's.",
            javaType = "String or List<String>",
            label = "security")
    public static final String SCOPE = "CamelDromedarScope";

    @Metadata(
            description = "Resource indicators (RFC 8707) of the token.",
            javaType = "String or List<String>",
            label = "security")
    public static final String RESOURCE = "CamelDromedarResource";

    @Metadata(
            description = "Organisation number of the parent that a multi-tenant client acts for (HelseID).",
            javaType = "String",
            label = "security")
    public static final String PARENT = "CamelDromedarOrganisationParent";

    @Metadata(description = "Organisation number of the child (HelseID).", javaType = "String", label = "security")
    public static final String CHILD = "CamelDromedarOrganisationChild";

    @Metadata(description = "SFM journal id (HelseID).", javaType = "String", label = "security")
    public static final String SFM_JOURNAL = "CamelDromedarSfmJournal";

    @Metadata(
            description = "Further elements of assertion_details (HelseID).",
            javaType = "String, Map or List<Map>",
            label = "security")
    public static final String DETAILS = "CamelDromedarAssertionDetails";

    @Metadata(
            description = "Organisation number of the one that has delegated the scope, consumer_org (Maskinporten).",
            javaType = "String",
            label = "security")
    public static final String CONSUMER = "CamelDromedarConsumerOrganisation";

    @Metadata(
            description =
                    "Organisation number of the one whose system user in Altinn the call is made as (Maskinporten).",
            javaType = "String",
            label = "security")
    public static final String SYSTEM_USER = "CamelDromedarSystemUser";

    @Metadata(
            description = "The vendor's name of that system user, externalRef (Maskinporten).",
            javaType = "String",
            label = "security")
    public static final String SYSTEM_USER_REFERENCE = "CamelDromedarSystemUserReference";

    @Metadata(
            description =
                    "National identity number of the person that the token is for, pid (Maskinporten). Shown nowhere.",
            javaType = "String",
            label = "security")
    public static final String CITIZEN = "CamelDromedarCitizen";

    @Metadata(description = "Further claims of the client assertion.", javaType = "String or Map", label = "security")
    public static final String CLAIMS = "CamelDromedarClaims";

    private CallHeaders() {}
}
