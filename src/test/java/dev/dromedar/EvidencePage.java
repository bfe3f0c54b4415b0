package dev.dromedar;

import com.fasterxml.jackson.databind.JsonNode;

/** The evidence as one page without anything from elsewhere. */
final class EvidencePage {
    private static final String STYLE = """
            body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 78rem; padding: 0 1rem; color: #1b1f24 }
            h1 { margin-bottom: .2rem } h2 { margin: 2.2rem 0 .3rem } p { margin: .3rem 0 }
            table { border-collapse: collapse; width: 100% } th { text-align: left; font-weight: 600 }
            th, td { border-bottom: 1px solid #d5d9de; padding: .45rem .6rem; vertical-align: top }
            td:first-child { white-space: nowrap; width: 12rem } td:nth-child(4) { width: 7rem; font-weight: 600 }
            code { font-size: 12px; overflow-wrap: anywhere } tr:target { background: #fff7d6 }
            .proved { color: #1a7f37 } .not-proved { color: #b4232c } .not-run { color: #8a6100 } .not-applicable { color: #57606a }
            """;

    private EvidencePage() {}

    static String of(JsonNode page) {
        var html = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Dromedar: evidence</title>\n<style>\n"
                + STYLE + "</style>\n</head>\n<body>\n<h1>Dromedar: requirements and proof</h1>\n");
        html.append("<p>Version ").append(text(page, "version"));
        html.append(", commit <code>").append(text(page, "commit"));
        html.append("</code>, of ").append(text(page, "date"));
        html.append(", tested on JDK ").append(text(page, "jdk")).append(".</p>\n<p><strong>");
        html.append(text(page, "summary")).append("</strong>");
        if (!page.path("complete").asBoolean()) {
            html.append(
                    " <strong class=\"not-proved\">This page is incomplete: not every requirement was proved in this"
                            + " build.</strong>");
        }
        html.append(
                "</p>\n<p>A requirement is proved if every test that names it passed in this build; one that was skipped"
                        + " proves nothing. Tests are in <code>src/test/java/dev/dromedar</code>.</p>\n");
        for (JsonNode standard : page.path("standards")) {
            html.append("<h2>").append(text(standard, "standard")).append("</h2>\n<p>");
            html.append(text(standard, "about"))
                    .append("</p>\n<table>\n<tr><th scope=\"col\">Requirement</th>"
                            + "<th scope=\"col\">What it demands</th><th scope=\"col\">How it is met, and the tests</th>"
                            + "<th scope=\"col\">In this build</th></tr>\n");
            standard.path("requirements").forEach(requirement -> row(html, requirement));
            html.append("</table>\n");
        }
        return html.append("</body>\n</html>\n").toString();
    }

    private static void row(StringBuilder html, JsonNode row) {
        String state = row.path("state").asText();
        html.append("<tr id=\"").append(anchor(text(row, "id"))).append("\"><td>");
        html.append(text(row, "id"))
                .append("</td><td>")
                .append(text(row, "demand"))
                .append("</td><td>");
        html.append(text(row, "how"));
        if (row.has("as")) {
            html.append("<br>The tests of");
            row.path("as").forEach(other -> html.append(" <a href=\"#")
                    .append(anchor(other.asText()))
                    .append("\">")
                    .append(escaped(other.asText()))
                    .append("</a>"));
        }
        row.path(row.has("as") ? "none" : "tests").forEach(test -> {
            html.append("<br><code>").append(text(test, "test")).append("</code>");
            if (!test.path("result").asText().equals("passed")) {
                html.append(" (").append(text(test, "result")).append(')');
            }
        });
        html.append("</td><td class=\"")
                .append(state.replace(' ', '-'))
                .append("\">")
                .append(state);
        html.append("</td></tr>\n");
    }

    private static String anchor(String id) {
        return id.replaceAll("[^A-Za-z0-9.]+", "-");
    }

    private static String text(JsonNode node, String member) {
        return escaped(node.path(member).asText());
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
