package dev.dromedar.cli;

import dev.dromedar.camel.Apis;
import dev.dromedar.routes.RouteFiles;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code test}: runs the tests that stand beside the route files. */
@Command(
        name = "test",
        description = {
            "Runs the tests of routes, routes/*.test.yaml, against a sandbox.",
            "Every API of the site is replaced by a strict one on this machine: nothing is sent elsewhere, and no secret is"
                    + " read. A call that no test expects fails it."
        },
        exitCodeList = {
            "0:All tests passed.",
            "1:A test failed, or a test file, the settings or a route file has a fault.",
            "2:The command line is wrong, or there are no tests here."
        },
        footer = {"  ./run test", "  ./run test routes/orders.test.yaml --junit=target"})
final class TestCommand implements Callable<Integer> {
    private final Shell shell;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "FILE", description = "The files; none for all under routes/.")
    List<Path> files = new ArrayList<>();

    @Option(names = "--junit", paramLabel = "DIR", description = "Writes TEST-*.xml there, for a build server.")
    @Nullable
    Path junit;

    TestCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        Folder folder = shell.folder();
        if (!folder.hasProperties()) {
            throw misuse("There is no application.properties here. Run this in the folder that has it and routes/.");
        }
        List<RouteTestFile.Content> contents = read(folder);
        List<RouteFiles.Fault> faults =
                contents.stream().flatMap(content -> content.faults().stream()).toList();
        if (!faults.isEmpty()) {
            faults.forEach(fault -> shell.out().println(RoutesCommand.text(fault)));
            shell.out().println(RoutesCommand.count(faults, "fault") + " No test was run.");
            return ExitStatus.FAILED;
        }
        var clock = new TestClock();
        try (var apis = new ReplacedApis(folder, clock)) {
            return run(contents, apis, new RouteTestRun(folder, apis, clock));
        } catch (NoClassDefFoundError e) {
            shell.out().println("The sandbox is not installed here: lib/dromedar-sandbox.jar is missing.");
            return ExitStatus.FAILED;
        }
    }

    private List<RouteTestFile.Content> read(Folder folder) throws IOException {
        Set<String> apis;
        try (var context = folder.context()) {
            apis = Apis.namesIn(context);
        }
        List<RouteTestFile.Content> contents = new ArrayList<>();
        for (Path file : files.isEmpty() ? found(folder) : files) {
            try {
                String text = Files.readString(folder.path().resolve(file), StandardCharsets.UTF_8);
                contents.add(RouteTestFile.read(file.toString(), text, apis));
            } catch (MalformedInputException e) {
                contents.add(new RouteTestFile.Content(
                        file.toString(),
                        List.of(),
                        List.of(new RouteFiles.Fault(file.toString(), 0, 0, "is not UTF-8."))));
            } catch (IOException e) {
                throw misuse("FILE: '" + file + "' cannot be read.");
            }
        }
        return contents;
    }

    private List<Path> found(Folder folder) throws IOException {
        if (Files.isDirectory(folder.routes())) {
            try (var all = Files.walk(folder.routes(), 8)) {
                List<Path> tests = all.filter(file -> RouteFiles.isTest(file.toString()) && Files.isRegularFile(file))
                        .map(file -> folder.path().toString().isEmpty()
                                ? file
                                : folder.path().relativize(file))
                        .sorted()
                        .toList();
                if (!tests.isEmpty()) {
                    return tests;
                }
            }
        }
        throw misuse("There is no test: no routes/*.test.yaml. The README shows one, and './run init' makes one.");
    }

    private int run(List<RouteTestFile.Content> contents, ReplacedApis apis, RouteTestRun run) throws IOException {
        PrintStream out = shell.out();
        int all = 0;
        int failed = 0;
        for (RouteTestFile.Content content : contents) {
            List<JUnitReport.Case> cases = new ArrayList<>();
            for (RouteTest test : content.tests()) {
                long start = System.nanoTime();
                RouteTestOutcome outcome = run.run(test);
                List<String> failures = RouteTestResult.of(test, outcome, apis);
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
                cases.add(new JUnitReport.Case(test.name(), millis, failures));
                all++;
                out.println((failures.isEmpty() ? "ok      " : "FAILED  ") + content.file() + ":" + test.line() + ": "
                        + test.name() + " (" + millis + " ms)");
                if (!failures.isEmpty()) {
                    failed++;
                    failures.forEach(failure -> out.println(indented(failure)));
                    outcome.log().stream()
                            .filter(line -> line.startsWith("WARN") || line.startsWith("ERROR"))
                            .limit(10)
                            .forEach(line -> out.println("        log: " + line));
                }
            }
            if (junit != null) {
                JUnitReport.write(shell.folder().path().resolve(junit), content.file(), cases);
            }
        }
        out.println((all == 1 ? "One test" : all + " tests")
                + (failed == 0 ? ", all passed." : ", " + failed + " failed."));
        return failed == 0 ? ExitStatus.DONE : ExitStatus.FAILED;
    }

    private static String indented(String text) {
        return "        " + text.replace("\n", "\n        ");
    }

    private ParameterException misuse(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
