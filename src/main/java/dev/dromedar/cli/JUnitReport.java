package dev.dromedar.cli;

import dev.dromedar.oauth.ForeignText;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Writes results as the XML that build servers read of JUnit. */
final class JUnitReport {
    private JUnitReport() {}

    /**
     * One test's result.
     *
     * @param failures what differs; empty if it has passed
     */
    record Case(String name, long millis, List<String> failures) {}

    /** Writes {@code TEST-FILE.xml} into a folder, which is made if it is not there. */
    static void write(Path folder, String file, List<Case> cases) throws IOException {
        Files.createDirectories(folder);
        String suite = file.replaceFirst("\\.test\\.ya?ml$", "").replaceAll("[^A-Za-z0-9._-]+", ".");
        try (OutputStream out = Files.newOutputStream(folder.resolve("TEST-" + suite + ".xml"))) {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(out, "UTF-8");
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("testsuite");
            xml.writeAttribute("name", ForeignText.line(file));
            xml.writeAttribute("tests", String.valueOf(cases.size()));
            xml.writeAttribute(
                    "failures",
                    String.valueOf(cases.stream()
                            .filter(each -> !each.failures().isEmpty())
                            .count()));
            xml.writeAttribute("errors", "0");
            xml.writeAttribute("skipped", "0");
            xml.writeAttribute(
                    "time", seconds(cases.stream().mapToLong(Case::millis).sum()));
            for (Case each : cases) {
                xml.writeStartElement("testcase");
                xml.writeAttribute("classname", suite);
                xml.writeAttribute("name", ForeignText.line(each.name()));
                xml.writeAttribute("time", seconds(each.millis()));
                if (!each.failures().isEmpty()) {
                    xml.writeStartElement("failure");
                    xml.writeAttribute(
                            "message", ForeignText.line(each.failures().get(0).replaceFirst("(?s)\n.*", "")));
                    xml.writeCharacters(ForeignText.lines(String.join("\n", each.failures())));
                    xml.writeEndElement();
                }
                xml.writeEndElement();
            }
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IOException("the report cannot be written", e);
        }
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.3f", millis / 1000.0);
    }
}
