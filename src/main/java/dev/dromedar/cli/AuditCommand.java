package dev.dromedar.cli;

import dev.dromedar.audit.AuditCheck;
import dev.dromedar.audit.AuditSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code audit}: verifies the audit file, and finds a person's records in it. Works whether a worker runs or not. */
@Command(
        name = "audit",
        description = "Verifies the audit file, or says how a person stands in it.",
        footer = {"  ./run audit verify", "  ./run audit subject < person.txt"})
final class AuditCommand extends CommandGroup {
    private static final String HEAD = "\\d{1,18}:[A-Za-z0-9_-]{43}";

    private final Shell shell;

    AuditCommand(Shell shell) {
        this.shell = shell;
    }

    @Command(
            name = "verify",
            description = {
                "Finds records that were changed, removed, inserted, moved or cut off, and says where: in the worker's file"
                        + " and in that of the commands, with those that were rolled."
            },
            footer = {"  ./run audit verify", "  ./run audit verify --head 1234:..."})
    int verify(
            @Option(
                            names = "--head",
                            paramLabel = "HEAD",
                            description = "A head of the worker's file that was kept elsewhere, as the log has it: the"
                                    + " record must still be there.")
                    @Nullable
                    String head)
            throws IOException {
        if (head != null && !head.matches(HEAD)) {
            throw new ParameterException(
                    spec.subcommands().get("verify"), "--head: it must be a number, a colon and 43 characters.");
        }
        AuditSettings settings = settings();
        if (settings == null) {
            return ExitStatus.FAILED;
        }
        boolean whole = AuditCheck.verify(settings, head, shell.out()::println);
        AuditSettings commands = settings.ofCommands();
        if (AuditCheck.exists(commands)) {
            whole &= AuditCheck.verify(commands, null, shell.out()::println);
        }
        return whole ? ExitStatus.DONE : ExitStatus.FAILED;
    }

    @Command(
            name = "subject",
            description = {
                "Prints the hash that stands in records for a person, such as a patient's number, so that they can be found."
                        + " Reads the number from its input: an argument would be seen by other users."
            },
            footer = {"  ./run audit subject < person.txt"})
    int subject() throws IOException {
        AuditSettings settings = settings();
        if (settings == null) {
            return ExitStatus.FAILED;
        }
        var in = new Scanner(System.in, StandardCharsets.UTF_8);
        String hash = in.hasNextLine() ? AuditCheck.subject(settings, in.nextLine()) : null;
        if (hash == null) {
            shell.out().println("There is no line on the input, or no key yet.");
            return ExitStatus.FAILED;
        }
        shell.out().println(hash);
        return ExitStatus.DONE;
    }

    private @Nullable AuditSettings settings() {
        AuditSettings settings = shell.folder().auditSettings();
        if (settings == null) {
            shell.out().println("This worker has no audit file: dromedar.audit is not file:...");
        }
        return settings;
    }
}
