package dev.dromedar.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.routes.RouteFiles;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code validate}: what {@code routes} finds, for a build server. */
@Command(
        name = "validate",
        description = {
            "Reports every fault of settings and route files, also as JSON for a build server.",
            "Starts nothing, and sends no request to an authority or an API."
        },
        footer = {"  ./run validate", "  ./run validate --json"})
final class ValidateCommand implements Callable<Integer> {
    private final Shell shell;

    @Option(
            names = "--json",
            description = "Writes one JSON object with file, line, column and message of each fault and warning.")
    private boolean json;

    ValidateCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws JsonProcessingException {
        SiteCheck site = SiteCheck.of(shell.folder());
        boolean nothing = site.files() == 0;
        if (json) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("well", site.faults().isEmpty() && !nothing);
            answer.put("files", site.files());
            answer.put("routes", site.routes().size());
            answer.put(
                    "faults",
                    site.faults().stream().map(ValidateCommand::values).toList());
            answer.put(
                    "warnings",
                    site.warnings().stream().map(ValidateCommand::values).toList());
            shell.out().println(new ObjectMapper().writeValueAsString(answer));
        } else {
            site.faults().forEach(fault -> shell.out().println(RoutesCommand.text(fault)));
            site.warnings().forEach(warning -> shell.out().println("Warning: " + RoutesCommand.text(warning)));
            shell.out()
                    .println(
                            nothing
                                    ? "There is no route file. Run this in the folder that has routes/."
                                    : site.faults().isEmpty()
                                            ? "No fault in " + site.files()
                                                    + (site.files() == 1 ? " route file." : " route files.")
                                            : RoutesCommand.count(site.faults(), "fault"));
        }
        return nothing ? ExitStatus.MISUSED : site.faults().isEmpty() ? ExitStatus.DONE : ExitStatus.FAILED;
    }

    private static Map<String, Object> values(RouteFiles.Fault fault) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("file", fault.file());
        values.put("line", fault.line());
        values.put("column", fault.column());
        values.put("message", fault.what());
        return values;
    }
}
