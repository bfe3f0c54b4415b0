package dev.dromedar.cli;

import picocli.CommandLine.Command;

/** {@code add}: adds to a site. Components of Camel are added by the script {@code run}, which has no need of this class. */
@Command(
        name = "add",
        description = {
            "Adds an API to the settings, or a Camel component to lib/.",
            "A component is named as its artifact, camel-NAME, and brought by Maven with all that it needs."
        },
        subcommands = AddApiCommand.class,
        footer = {
            "  ./run add api orders --profile=duende --base-address=https://api.example.no",
            "  ./run add api patients --from=client.json --base-address=https://api.example.no/patients",
            "  ./run add camel-sql"
        })
final class AddCommand extends CommandGroup {}
