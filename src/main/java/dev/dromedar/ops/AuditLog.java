package dev.dromedar.ops;

import dev.dromedar.oauth.ApiListener;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.CallRecord;
import dev.dromedar.oauth.ForeignText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One record per outbound call, in a log of its own: the logger {@code dromedar.audit} at INFO. Says who called what, for
 * which organisation, and how it ended; never a query, header or body. Values are key-value pairs of SLF4J, so that JSON
 * keeps them apart.
 */
final class AuditLog implements ApiListener {
    private static final Logger LOG = LoggerFactory.getLogger("dromedar.audit");

    @Override
    public void called(ApiSettings api, CallRecord call) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        LoggingEventBuilder record = LOG.atInfo()
                .addKeyValue("api", api.name())
                .addKeyValue("client", api.client().id())
                .addKeyValue("organisation", organisation(call))
                .addKeyValue("method", call.method().isEmpty() ? "-" : ForeignText.line(call.method(), 40))
                .addKeyValue("address", call.address() == null ? "-" : ForeignText.line(call.address()))
                .addKeyValue("status", call.status())
                .addKeyValue("millis", call.took().toMillis())
                .addKeyValue("trace", call.trace() == null ? "-" : ForeignText.line(call.trace(), 100));
        if (call.correlation() != null) {
            record = record.addKeyValue("correlation", ForeignText.line(call.correlation(), 200));
        }
        if (call.failure() != null) {
            record = record.addKeyValue("failure", call.failure().label());
        }
        record.log("call");
    }

    @Override
    public void keyRotation(ApiSettings api, String words) {
        LOG.atInfo()
                .addKeyValue("api", api.name())
                .addKeyValue("client", api.client().id())
                .addKeyValue("step", words)
                .log("key rotation");
    }

    /** The organisation that the token was requested for, where the request names one. Never a person. */
    private static String organisation(CallRecord call) {
        if (call.request().assertionDetails() != null) {
            return ForeignText.line(String.valueOf(call.request().assertionDetails()), 2000);
        }
        String organisation = call.request().organisation();
        return organisation.isEmpty() ? "-" : ForeignText.line(organisation, 100);
    }
}
