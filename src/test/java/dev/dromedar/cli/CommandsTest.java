package dev.dromedar.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.cli.Terminal.Said;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The grammar that all commands share: help everywhere, and what is not understood is refused with a suggestion. */
class CommandsTest {
    private final Path folder;
    private final Terminal terminal;

    CommandsTest(@TempDir Path folder) {
        this.folder = folder;
        this.terminal = new Terminal(folder);
    }

    static Stream<String> everyCommand() {
        return Stream.of(
                "init",
                "add",
                "add api",
                "check",
                "call",
                "routes",
                "keys",
                "keys make",
                "keys show",
                "status",
                "dead-letters",
                "dead-letters list",
                "dead-letters show",
                "dead-letters replay",
                "dead-letters discard",
                "feed",
                "feed show",
                "feed rewind",
                "cluster",
                "cluster nodes",
                "cluster sql",
                "sandbox",
                "completion",
                "version",
                "help");
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void everyCommandDescribesItselfWithAnExample(String command) {
        Said asked = terminal.run((command + " --help").split(" "));
        Said helped = terminal.run(("help " + command).split(" "));

        assertThat(asked.status()).isZero();
        assertThat(asked.err()).isEmpty();
        assertThat(asked.out())
                .startsWith("Usage: ./run " + command)
                .contains("Exit status:", "Examples:", "  ./run " + command, "-h, --help")
                .doesNotContain("\u001b");
        assertThat(helped).isEqualTo(asked);
    }

    @Test
    void helpListsAllCommandsShortly() {
        Said said = terminal.run("--help");

        assertThat(terminal.run("help")).isEqualTo(said);
        assertThat(said.out()).contains("Examples:", "  ./run  ");
        everyCommand().filter(command -> !command.contains(" ")).forEach(command -> assertThat(said.out())
                .containsPattern("(?m)^  " + command + " +[A-Z].{20,83}\\.$"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            chek                          | Unknown command 'chek'. Did you mean 'check'?
            zzzzzzzz                      | Unknown command 'zzzzzzzz'.
            Check                         | Unknown command 'Check'. Did you mean 'check'?
            --verison                     | Unknown option '--verison'. Did you mean '--version'?
            --                            | Name a command.
            -x                            | Unknown option '-x'.
            check --prob                  | Unknown option '--prob'. Did you mean '--probe'?
            check --jsno=1                | Unknown option '--jsno'. Did you mean '--json'?
            status --once --once          | Option '--once' should be specified only once.
            routes orders                 | './run routes' takes no arguments, and there is 'orders'.
            version --jso                 | Unknown option '--jso'.
            keys                          | 'keys' needs a command.
            keys mkae x                   | Unknown command 'mkae'. Did you mean 'make'?
            dead-letters lists            | Unknown command 'lists'. Did you mean 'list'?
            dead-letters list a b         | Unexpected argument 'b'.
            dead-letters show             | Missing required parameter: 'ID'.
            dead-letters show 1 --bdy     | Unknown option '--bdy'. Did you mean '--body'?
            dead-letters show 1 2         | Unexpected argument '2'.
            dead-letters discard          | Name letters by their ids, or use --all or --route ROUTE.
            dead-letters discard 1 --all  | Name letters by their ids, or use --all or --route ROUTE.
            dead-letters discard --al     | Unknown option '--al'. Did you mean '--all'?
            dead-letters discard --route  | Missing required parameter for option '--route' (ROUTE).
            dead-letters discard --route --all | Expected parameter for option '--route' but found '--all'.
            dead-letters replay --rout=a  | Unknown option '--rout'. Did you mean '--route'?
            feed rewind events            | Missing required parameter: 'NUMBER'.
            feed rewind events many       | 'many' is not a long
            feed rewind events 9223372036854775807 | NUMBER: 9223372036854775807 is more than 9223372036854775806.
            feed rewind events 9223372036854775808 | '9223372036854775808' is not a long
            feed rewind events 1 2        | Unexpected argument '2'.
            cluster node                  | Unknown command 'node'. Did you mean 'nodes'?
            cluster sql -1                | VERSION: -1 is not from 0 to 999.
            cluster sql 1000              | VERSION: 1000 is not from 0 to 999.
            cluster sql new               | 'new' is not an int
            sandbox --port=65527          | --port: 65527 is not from 0 to 65526.
            sandbox --port=-1             | --port: -1 is not from 0 to 65526.
            sandbox --port=4294967296     | '4294967296' is not an int
            sandbox --http                | Unknown option '--http'. Did you mean '--https'?
            sandbox extra                 | './run sandbox' takes no arguments, and there is 'extra'.
            status --url localhost:9876   | --url: 'localhost:9876' is not an address such as http://127.0.0.1:9876.
            status --url                  | Missing required parameter for option '--url' (ADDRESS).
            status --onec                 | Unknown option '--onec'. Did you mean '--once'?
            help kyes                     | Unknown command 'kyes'. Did you mean 'keys'?
            help keys mak                 | Unknown command 'mak'. Did you mean 'make'?
            completion zsh                | './run completion' takes no arguments, and there is 'zsh'.
            @args                         | Unknown command '@args'.
            """)
    void refusesWhatItDoesNotUnderstandAndSaysWhatWasMeant(String line, String message) {
        Said said = terminal.run(line.split(" "));

        assertThat(said.err())
                .startsWith(message.startsWith("'") && message.contains(" is not a") ? "Invalid value" : "")
                .contains(message)
                .contains("--help' says more.")
                .doesNotContain("\tat ", "Exception");
        assertThat(said.out()).isEmpty();
        assertThat(said.status()).isEqualTo(2);
    }

    @Test
    void theReadmeNamesEveryCommandAndStatus() throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        String table = readme.substring(readme.indexOf("| command |"), readme.indexOf("Commands write their answer"));

        everyCommand().forEach(command -> assertThat(table)
                .containsPattern("`([a-z-]+ )?" + command.substring(command.indexOf(' ') + 1) + "[` ]"));
        assertThat(readme).contains("| 0 | it was done", "| 1 | it failed", "| 2 | the command line is wrong");
    }

    @Test
    void takesNoEmptyArgument() {
        for (List<String> line : List.of(List.of(""), List.of("check", ""), List.of("dead-letters", "discard", ""))) {
            Said said = terminal.run(line.toArray(String[]::new));

            assertThat(said.err()).startsWith("An argument is empty.");
            assertThat(said.status()).isEqualTo(2);
        }
    }

    @Test
    void answersInJsonWhoeverAskedForItAlsoWhenItDoesNotUnderstand() throws Exception {
        Said said = terminal.run("check", "--json", "--prob");

        var json = new ObjectMapper().readTree(said.out());
        assertThat(json.path("well").asBoolean(true)).isFalse();
        assertThat(json.path("faults").path(0).asText()).isEqualTo("Unknown option '--prob'. Did you mean '--probe'?");
        assertThat(said.status()).isEqualTo(2);
    }

    @Test
    void printsNothingOfAnArgumentThatActsOnATerminal() {
        Said said = terminal.run("che\u001b[31mck\u009b\u202e\r");

        assertThat(said.err()).startsWith("Unknown command 'che\\u001b[31mck\\u009b\\u202e\\r'.");
    }

    @Test
    void saysWhichVersionsThereAre() {
        Said said = terminal.run("version");

        assertThat(said.out())
                .containsPattern("Dromedar .+\\RCamel    4\\..+\\RJava     "
                        + Runtime.version().feature());
        assertThat(said.status()).isZero();
        assertThat(terminal.run("--version")).isEqualTo(said);
        assertThat(terminal.run("-V")).isEqualTo(said);
    }

    @Test
    void completesCommandsAndOptions() {
        Said said = terminal.run("completion");

        assertThat(said.out())
                .contains("complete -F _complete_run -o default run")
                .contains("dead-letters", "--password-env", "--probe");
        assertThat(said.status()).isZero();
    }

    @Test
    void reportsAllFaultsOfTheSettingsWithoutAStackTrace() throws Exception {
        Files.writeString(
                folder.resolve("application.properties"),
                "dromedar.dead-letters.megabytes = many\ndromedar.dead-letters.keep = long\n");

        Said said = terminal.run("dead-letters", "list");

        assertThat(said.out())
                .contains("dromedar.dead-letters.megabytes: ", "dromedar.dead-letters.keep: ")
                .doesNotContain("\tat ");
        assertThat(said.status()).isEqualTo(1);
    }
}
