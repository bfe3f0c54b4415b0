package dev.dromedar.routes;

import dev.dromedar.oauth.ForeignText;
import dev.dromedar.settings.Nearest;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/**
 * The sentences of Camel and its parsers that we read, in the words of a route's author. All reading of their texts is here,
 * so that a new version of Camel is one class and its test; {@link CamelWords} has the names that it suggests. Pure functions.
 */
final class CamelTexts {
    private static final Pattern XML_POSITION = Pattern.compile("line (\\d+), column (\\d+)");
    private static final Pattern XML_DETAIL =
            Pattern.compile(" \\(position: .*| in \\w+:\\S+, line \\d+, column .*", Pattern.DOTALL);
    private static final Pattern UNKNOWN_STEP = Pattern.compile("Unknown node id: (\\S+)");
    private static final Pattern UNKNOWN_FIELD = Pattern.compile("Unsupported field: (\\S+)");
    private static final Pattern DATA_FORMAT = Pattern.compile("Data ?format '?([\\w-]+)'? could not be created");
    private static final Pattern LANGUAGE = Pattern.compile("No language could be found for: (\\S+)");
    private static final Pattern JAR = Pattern.compile("Cannot find (camel-[a-z0-9-]+)");
    private static final Pattern UNKNOWN_FUNCTION = Pattern.compile("Unknown function: (.+)");

    private CamelTexts() {}

    /** Where a file cannot be read, and why. Line and column begin at 1, and are 0 where only the file is known. */
    record Unreadable(int line, int column, String words) {}

    static Unreadable unreadable(Throwable failure) {
        String words = rootMessage(failure);
        if (words.contains("Unable to parse resource")) {
            return new Unreadable(0, 0, "holds no route, since it is empty. Write a route, or delete the file.");
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof MarkedYamlEngineException marked) {
                return ofYaml(marked);
            }
            Matcher at = XML_POSITION.matcher(String.valueOf(cause.getMessage()));
            if (at.find()) {
                return new Unreadable(
                        Integer.parseInt(at.group(1)),
                        Integer.parseInt(at.group(2)),
                        "cannot be read: " + sentence(XML_DETAIL.matcher(words).replaceFirst("")));
            }
        }
        if (words.contains("Non scalar key")) {
            return new Unreadable(0, 0, "a text that begins with {{ needs quotes around it: \"{{name}}\".");
        }
        return new Unreadable(0, 0, "cannot be read: " + sentence(words));
    }

    private static Unreadable ofYaml(MarkedYamlEngineException failure) {
        String problem = String.valueOf(failure.getProblem());
        String context = String.valueOf(failure.getContext());
        Mark at = failure.getProblemMark().orElse(null);
        Mark begun = failure.getContextMark().orElse(at);
        if (context.contains("quoted scalar")) {
            return at(begun, "the quote that opens here is not closed. Close it on this line.");
        }
        Matcher step = UNKNOWN_STEP.matcher(problem);
        if (step.find()) {
            return at(at, "there is no step '" + step.group(1) + "'." + didYouMean(step.group(1), CamelWords.STEPS));
        }
        Matcher field = UNKNOWN_FIELD.matcher(problem);
        if (field.find()) {
            return at(at, unknownField(field.group(1)));
        }
        return at(at, yamlWords(problem, context, begun));
    }

    private static String unknownField(String field) {
        if (field.equals("steps")) {
            return "'steps' stands at the wrong place. It belongs into 'from', indented as 'uri' is.";
        }
        return "there is no field '" + field + "' here." + didYouMean(field, CamelWords.FIELDS);
    }

    private static String yamlWords(String problem, String context, @Nullable Mark begun) {
        String opened = begun == null ? "" : " that opens in line " + (begun.getLine() + 1);
        if (problem.contains("found <block") || problem.contains("but found '<block")) {
            return "the indentation does not fit: this line belongs to none of the lines above it. Indent it as its neighbours"
                    + " are, by spaces.";
        }
        if (problem.contains("mapping values are not allowed")) {
            return "there is a ':' too much, or the line is indented too far. Put quotes around a text with ': ' in it;"
                    + " indent a key as its neighbours are.";
        }
        if (problem.contains("(TAB)")) {
            return "there is a tab. Indent by spaces.";
        }
        if (problem.contains("expected <block end>, but found '<scalar>'")) {
            return "there is text after the end of a quoted text. A quote of this or the lines before is not closed, or one too"
                    + " many.";
        }
        if (context.contains("flow sequence") || problem.startsWith("expected ',' or ']'")) {
            return "the bracket '['" + opened + " is not closed, or a comma is missing.";
        }
        if (context.contains("flow mapping") || problem.startsWith("expected ',' or '}'")) {
            return "the brace '{'" + opened + " is not closed, or a comma is missing.";
        }
        if (problem.contains("<stream end>") || problem.contains("unexpected end of stream")) {
            return "the file ends before a quote, bracket or brace is closed. Close it.";
        }
        if (problem.contains("cannot start any token")) {
            return "a text cannot begin with this character. Put quotes around the text.";
        }
        if (problem.contains("undefined alias")) {
            return "a text that begins with * needs quotes around it.";
        }
        if (problem.contains("duplicate key")) {
            return "a key stands twice in the same place. Remove one.";
        }
        if (problem.contains("is invalid, expected array")) {
            return "a list belongs here: begin each of its items with '- '.";
        }
        if (problem.contains("is invalid, expected map")) {
            return "fields belong here, such as 'name: value'.";
        }
        return "cannot be read: " + sentence(problem);
    }

    private static Unreadable at(@Nullable Mark mark, String words) {
        return mark == null
                ? new Unreadable(0, 0, words)
                : new Unreadable(mark.getLine() + 1, mark.getColumn() + 1, words);
    }

    private static String didYouMean(String name, Set<String> known) {
        String nearest = Nearest.to(name, known);
        return nearest == null ? " Camel's documentation lists them." : " Did you mean '" + nearest + "'?";
    }

    /** Why a step, expression or route cannot be made, as a sentence. */
    static String unbuildable(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof LinkageError || cause instanceof ClassNotFoundException) {
                return missingClass(cause);
            }
        }
        String words = rootMessage(failure);
        Matcher format = DATA_FORMAT.matcher(words);
        if (format.find()) {
            return "there is no data format '" + format.group(1) + "'. "
                    + add(CamelNames.Kind.DATA_FORMAT, format.group(1));
        }
        Matcher language = LANGUAGE.matcher(words);
        if (language.find()) {
            return "there is no language '" + language.group(1) + "'. "
                    + add(CamelNames.Kind.LANGUAGE, language.group(1));
        }
        Matcher jar = JAR.matcher(words);
        if (jar.find()) {
            return "a part of Camel is missing. Run './run add " + jar.group(1) + "'.";
        }
        Matcher function = UNKNOWN_FUNCTION.matcher(words);
        if (function.find()) {
            String name = function.group(1).strip();
            String nearest = Nearest.to(name, CamelWords.FUNCTIONS);
            return "the language simple has no function '" + name + "'."
                    + (nearest == null ? "" : " Did you mean '${" + nearest + "}'?");
        }
        if (words.contains("functionEnd but was eol")) {
            return "a '${' has no '}' after it.";
        }
        return sentence(words);
    }

    /** What is to be done where a jar came without the others that it needs. */
    static String missingClass(Throwable failure) {
        String name = String.valueOf(failure.getMessage()).replace('/', '.').replaceFirst("^L?([\\w.$]+).*$", "$1");
        return "the class " + ForeignText.line(name, 200)
                + " is not there. A jar in lib/ came without the others that it needs: delete it, and run"
                + " './run add " + partThatNeeds(failure) + "'.";
    }

    /** The part of Camel whose class missed another, by its jar's name. */
    private static String partThatNeeds(Throwable failure) {
        for (StackTraceElement frame : failure.getStackTrace()) {
            if (frame.getClassName().startsWith("org.apache.camel.")) {
                try {
                    Class<?> type = Class.forName(frame.getClassName(), false, CamelTexts.class.getClassLoader());
                    String jar = Path.of(type.getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI())
                            .getFileName()
                            .toString();
                    return jar.replaceFirst("-\\d.*", "");
                } catch (ClassNotFoundException | URISyntaxException | RuntimeException | LinkageError e) {
                    break; // not from a jar
                }
            }
        }
        return "camel-...' with its name, such as 'camel-sql";
    }

    /** What to do where there is no such component, language or data format on board. */
    private static String add(CamelNames.Kind kind, String name) {
        return CamelNames.has(kind, name)
                ? "Run './run add " + CamelNames.artifact(kind, name) + "', or correct the name."
                : "Camel has none of this name: correct it.";
    }

    /**
     * What to do where there is no component of a name.
     *
     * @param onBoard the names of those that there are
     */
    static String addComponent(String scheme, Set<String> onBoard) {
        if (CamelNames.has(CamelNames.Kind.COMPONENT, scheme)) {
            return add(CamelNames.Kind.COMPONENT, scheme);
        }
        String nearest = Nearest.to(scheme, onBoard);
        if (nearest != null) {
            return "Did you mean '" + nearest + ":'?";
        }
        String other = Nearest.to(scheme, CamelNames.of(CamelNames.Kind.COMPONENT));
        return other == null
                ? add(CamelNames.Kind.COMPONENT, scheme)
                : "Did you mean '" + other + ":'? Then run './run add "
                        + CamelNames.artifact(CamelNames.Kind.COMPONENT, other) + "'.";
    }

    /** The text of a step that Camel could not build, as its model prints it; empty where the message names none. */
    static String stepOf(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        int begins = message.indexOf(">>> ");
        int ends = message.indexOf(" <<<", begins + 4);
        return begins >= 0 && ends >= 0 ? message.substring(begins + 4, ends) : "";
    }

    static boolean isUnresolved(Throwable failure) {
        return rootMessage(failure).contains("not found in properties");
    }

    /** What an endpoint says of its options, in few words and without their values: one may be a password. */
    static String badAddress(String address, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof LinkageError) {
                return missingClass(cause);
            }
        }
        String words = rootMessage(failure);
        int unknown = words.indexOf("Unknown parameters=[{");
        if (unknown < 0) {
            return sentence(words.replaceFirst("(?s)^Failed to resolve endpoint: .* due to: ", ""));
        }
        Set<String> options = new TreeSet<>();
        Matcher names = Pattern.compile("[?&]([^=&]+)=").matcher(address);
        while (names.find()) {
            if (words.indexOf(names.group(1) + "=", unknown) >= 0) {
                options.add(names.group(1));
            }
        }
        return "it has options that are not known there: " + String.join(", ", options) + ".";
    }

    static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    /** One line that ends with one full stop. */
    static String sentence(String text) {
        String line = ForeignText.joined(text, 400).strip();
        return line.endsWith(".") ? line.replaceFirst("\\.+$", ".") : line.endsWith("?") ? line : line + ".";
    }
}
