package dev.dromedar.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dromedar.settings.Key.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Everything that is written from the declarations of keys: tables of the READMEs, metadata for editors, a JSON schema. */
final class KeyDocuments {
    private static final Path METADATA = Path.of("src/main/resources/META-INF/spring-configuration-metadata.json");
    private static final Path SCHEMA = Path.of("src/main/resources/dev/dromedar/settings/application.schema.json");
    private static final Path SPRING = Path.of("src/main/java/dev/dromedar/spring/ApiKeys.java");
    /** Between these lines a README has a table; the words after the colon say which keys. */
    private static final Pattern TABLE = Pattern.compile("(?s)(<!-- keys: ([a-z*. -]+) -->\n).*?(<!-- end -->)");

    private static final String ANY_API = "dromedar.api.*.";
    private static final ObjectMapper JSON = new ObjectMapper();

    private KeyDocuments() {}

    /** Each file with the content that it should have. */
    static Map<Path, String> all() throws IOException {
        Map<Path, String> files = new LinkedHashMap<>();
        for (Page page : Page.values()) {
            Path readme = Path.of(page.file());
            files.put(readme, withTables(Files.readString(readme), page));
        }
        files.put(METADATA, metadata());
        files.put(SCHEMA, schema());
        files.put(SPRING, spring());
        return files;
    }

    /** {@code api} is every key of an API on that page; otherwise the beginnings of the worker's keys. */
    private static String withTables(String readme, Page page) {
        return TABLE.matcher(readme)
                .replaceAll(found -> Matcher.quoteReplacement(
                        found.group(1) + table(page, found.group(2).strip()) + found.group(3)));
    }

    private static String table(Page page, String which) {
        boolean ofApi = which.equals("api");
        List<String> beginnings = List.of(which.split(" "));
        String rows = (ofApi ? ApiKeys.ALL : WorkerKeys.ALL)
                .stream()
                        .filter(key -> key.page() == page)
                        .filter(key -> ofApi
                                || beginnings.stream()
                                        .anyMatch(start ->
                                                start.equals("*") || key.name().startsWith(start)))
                        .map(key -> "| `" + (ofApi ? "" : "dromedar.") + key.name() + "` | " + meaning(key) + " | "
                                + fallback(key) + " |\n")
                        .collect(Collectors.joining());
        return "| key | meaning | default |\n| --- | --- | --- |\n" + rows;
    }

    private static String meaning(Key key) {
        return key.document() + (key.type() instanceof Key.Type.Choice choice ? " One of " + oneOf(choice) + "." : "");
    }

    private static String oneOf(Key.Type.Choice choice) {
        return choice.values().stream().map(value -> "`" + value + "`").collect(Collectors.joining(", "));
    }

    private static String fallback(Key key) {
        String otherwise = key.otherwise();
        return otherwise == null ? "none" : otherwise;
    }

    private static String plain(String markdown) {
        return markdown.replace("`", "");
    }

    private static Stream<Map.Entry<String, Key>> everywhere() {
        return Stream.concat(
                WorkerKeys.ALL.stream().map(key -> Map.entry("dromedar." + key.name(), key)),
                ApiKeys.ALL.stream().map(key -> Map.entry(ANY_API + key.name().replace(".NAME", ".*"), key)));
    }

    private static String metadata() {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode group = root.putArray("groups").addObject();
        group.put("name", "dromedar");
        group.put("description", "APIs that routes call as OAuth 2.0 machine clients.");
        ArrayNode properties = root.putArray("properties");
        property(
                        properties,
                        "dromedar.enabled",
                        "java.lang.Boolean",
                        "Whether the APIs are installed into the Camel context.")
                .put("defaultValue", true);
        property(
                properties,
                "dromedar.api",
                "java.util.Map<java.lang.String,dev.dromedar.spring.ApiKeys>",
                "APIs by their name, which routes use: process: {ref: name}.");
        ArrayNode hints = root.putArray("hints");
        everywhere().forEach(entry -> {
            Key key = entry.getValue();
            property(
                    properties,
                    entry.getKey(),
                    key.type() instanceof Key.Type.Flag ? "java.lang.Boolean" : "java.lang.String",
                    plain(key.document()) + " Default: " + plain(fallback(key)) + ".");
            if (key.type() instanceof Key.Type.Choice choice) {
                ObjectNode hint = hints.addObject().put("name", entry.getKey());
                ArrayNode values = hint.putArray("values");
                choice.values().forEach(value -> values.addObject().put("value", value));
            }
        });
        return written(root);
    }

    private static ObjectNode property(ArrayNode properties, String name, String type, String description) {
        return properties.addObject().put("name", name).put("type", type).put("description", description);
    }

    private static String schema() {
        ObjectNode root = JSON.createObjectNode();
        root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        root.put("title", "Properties of Dromedar");
        root.put("type", "object");
        ObjectNode fixed = root.putObject("properties");
        ObjectNode patterns = root.putObject("patternProperties");
        everywhere().forEach(entry -> {
            Key key = entry.getValue();
            boolean any = entry.getKey().contains("*");
            ObjectNode declared = any
                    ? patterns.putObject("^"
                            + entry.getKey()
                                    .replace(".", "\\.")
                                    .replace("api\\.*\\.", "api\\.[a-z0-9]+(-[a-z0-9]+)*\\.")
                                    .replace("\\.*", "\\..+")
                            + "$")
                    : fixed.putObject(entry.getKey());
            declared.put("description", plain(key.document()));
            if (key.otherwise() != null) {
                declared.put("default", plain(String.valueOf(key.otherwise())));
            }
            describe(declared, key.type());
        });
        return written(root);
    }

    /** A value may be a placeholder everywhere. */
    private static void describe(ObjectNode declared, Key.Type type) {
        ArrayNode values =
                declared.put("type", "string").putArray("anyOf").addObject().putArray("enum");
        if (type instanceof Key.Type.Choice choice) {
            choice.values().forEach(values::add);
        } else if (type instanceof Key.Type.Flag) {
            values.add("true").add("false");
        } else {
            declared.remove("anyOf");
            if (type instanceof Key.Type.Secret) {
                declared.put("writeOnly", true);
            }
            return;
        }
        declared.withArray("anyOf").addObject().put("pattern", "\\{\\{.+\\}\\}");
    }

    private static String spring() {
        var source = new StringBuilder("""
                package dev.dromedar.spring;

                /**
                 * The keys of one API under {@code dromedar.api.<name>.*}, for an editor's completion; written from the declarations in
                 * {@code settings}. Nothing is bound to it: the worker reads the values itself, so that every fault is reported at once. It
                 * has no getters, because what has getters is printed.
                 */
                @SuppressWarnings({"unused", "PMD"})
                public final class ApiKeys {
                """);
        ApiKeys.ALL.stream().filter(key -> !key.isOpen()).forEach(key -> source.append("    /** ")
                .append(plain(key.document()).replaceAll("\\{\\{([a-z]+:[A-Za-z]+)}}", "{@literal {{$1}}}"))
                .append(" Default: ")
                .append(plain(fallback(key)))
                .append(". */\n    public void set")
                .append(Stream.of(key.name().split("-"))
                        .map(word -> word.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + word.substring(1))
                        .collect(Collectors.joining()))
                .append("(String value) {}\n\n"));
        return source.deleteCharAt(source.length() - 1).append("}\n").toString();
    }

    private static String written(ObjectNode root) {
        var printer = new DefaultPrettyPrinter();
        printer.indentArraysWith(new DefaultIndenter("  ", "\n"));
        printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
        try {
            return JSON.writer(printer).writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree can be written", e);
        }
    }
}
