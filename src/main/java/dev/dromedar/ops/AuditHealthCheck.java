package dev.dromedar.ops;

import dev.dromedar.audit.Audit;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Readiness of the audit file: down while records cannot be written. */
final class AuditHealthCheck extends AbstractHealthCheck {
    private final Audit audit;

    AuditHealthCheck(Audit audit) {
        super("dromedar", "dromedar-audit");
        this.audit = audit;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        audit.refusal(); // writes what waits, if that is possible again
        String fault = audit.fault();
        if (fault == null) {
            builder.message("Audit records are written.").up();
        } else {
            builder.message("Audit records cannot be written: " + fault + ".").down();
        }
    }
}
