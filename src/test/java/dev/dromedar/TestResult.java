package dev.dromedar;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/** What a test came to; of several runs with other parameters the worst counts. */
enum TestResult {
    PASSED,
    NOT_RUN,
    SKIPPED,
    FAILED;

    String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /**
     * Reads the reports of Surefire.
     *
     * @param since reports that are older are of other classes, and left out
     * @return by {@code class.method}
     */
    static Map<String, TestResult> of(Path reports, long since) throws IOException {
        Map<String, TestResult> results = new HashMap<>();
        if (!Files.isDirectory(reports)) {
            return results;
        }
        try (Stream<Path> files = Files.list(reports)) {
            List<Path> all = files.filter(
                            file -> String.valueOf(file.getFileName()).matches("TEST-.*\\.xml"))
                    .sorted()
                    .toList();
            for (Path file : all) {
                if (Files.getLastModifiedTime(file).toMillis() >= since) {
                    read(file, results);
                }
            }
        }
        return results;
    }

    private static void read(Path file, Map<String, TestResult> results) throws IOException {
        try {
            var cases = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(file.toFile())
                    .getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                var one = (Element) cases.item(i);
                // A test with parameters is named method(Types)[1], or method{Types}[1]
                String method = one.getAttribute("name").replaceFirst("[^\\p{javaJavaIdentifierPart}].*", "");
                results.merge(
                        one.getAttribute("classname") + "." + method,
                        result(one),
                        (before, now) -> before.compareTo(now) > 0 ? before : now);
            }
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException(file + " cannot be read", e);
        }
    }

    private static TestResult result(Element test) {
        boolean failed = test.getElementsByTagName("failure").getLength() > 0
                || test.getElementsByTagName("error").getLength() > 0;
        return failed ? FAILED : test.getElementsByTagName("skipped").getLength() > 0 ? SKIPPED : PASSED;
    }
}
