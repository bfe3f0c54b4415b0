package dev.dromedar.cli;

import dev.dromedar.camel.ApiCheck;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say for whom a token is requested. */
final class CustomerOptions {
    @Option(
            names = "--as",
            paramLabel = "NUMBER",
            description =
                    "Requests the token for this organisation: HelseID's parent or child, Maskinporten's consumer_org.")
    private @Nullable String organisation;

    @Option(
            names = "--system-user",
            arity = "0..1",
            fallbackValue = "",
            preprocessor = OnlyAttached.class,
            paramLabel = "REFERENCE",
            description = "With --as: as the organisation's system user in Altinn, by its externalRef if it has one.")
    private @Nullable String systemUser;

    /** What is wrong with the options together, or null. */
    @Nullable
    String fault() {
        return systemUser != null && organisation == null
                ? "--system-user has no effect without --as: whose system user is it?"
                : null;
    }

    ApiCheck.@Nullable Customer customer() {
        return organisation == null ? null : new ApiCheck.Customer(organisation, systemUser);
    }
}
