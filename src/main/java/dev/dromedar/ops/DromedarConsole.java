package dev.dromedar.ops;

import java.time.Clock;
import java.util.Map;
import org.apache.camel.spi.annotations.DevConsole;
import org.apache.camel.support.console.AbstractDevConsole;

/** The console {@code dromedar}: {@code /q/dev/dromedar}, in text and JSON. Found by Camel on the class path. */
@DevConsole(name = "dromedar", displayName = "Dromedar", description = "APIs and the state of their credentials")
public final class DromedarConsole extends AbstractDevConsole {
    public DromedarConsole() {
        super("dromedar", "dromedar", "Dromedar", "APIs and the state of their credentials");
    }

    @Override
    protected String doCallText(Map<String, Object> options) {
        return StatusTable.of(doCallJson(options), Clock.systemUTC().instant());
    }

    @Override
    protected Map<String, Object> doCallJson(Map<String, Object> options) {
        Operations operations = getCamelContext().hasService(Operations.class);
        return operations == null
                ? Map.of("error", "No API is installed in this context.")
                : new org.apache.camel.util.json.JsonObject(operations.status().values());
    }
}
