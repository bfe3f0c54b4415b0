package dev.dromedar.cli;

import dev.dromedar.camel.Apis;
import dev.dromedar.camel.CaughtErrors;
import dev.dromedar.camel.WorkerContext;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.ops.Operations;
import dev.dromedar.routes.Reload;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** Runs when the properties are there and the routes are not: its exceptions end the start. */
final class WorkerConfiguration implements CamelConfiguration {
    private final Consumer<CamelContext> install;
    private final OwnSandbox sandbox;
    private final Supplier<String> routePatterns;
    private boolean begun;

    WorkerConfiguration(Consumer<CamelContext> install, OwnSandbox sandbox, Supplier<String> routePatterns) {
        this.install = install;
        this.sandbox = sandbox;
        this.routePatterns = routePatterns;
    }

    @Override
    public void configure(CamelContext context) {
        begun = true;
        sandbox.startIfEnabled(context);
        Ports.check(context);
        install.accept(context);
        CaughtErrors.whenMemoryIsExhausted(context, LostErrors::endProcess);
        if (Folder.isTrue(context, "dromedar.reload")) {
            Operations operations = context.hasService(Operations.class);
            Reload.install(
                    (WorkerContext) context,
                    context.hasService(Apis.class),
                    operations.routes(),
                    operations::refresh,
                    routePatterns.get());
        }
    }

    /** Camel reads route files before it comes here: if it stopped at one, the settings are looked at after all. */
    Exception faultOr(Exception failure, @Nullable CamelContext context) {
        if (context != null && !begun && !(failure instanceof InvalidSettings)) {
            try {
                configure(context);
            } catch (InvalidSettings faults) {
                return faults;
            }
        }
        return failure;
    }
}
