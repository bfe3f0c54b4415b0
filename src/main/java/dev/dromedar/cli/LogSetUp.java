package dev.dromedar.cli;

import org.jspecify.annotations.Nullable;

/** Sets what dromedar-logback.xml has to know before the first line is logged. A logging configuration of one's own stays. */
final class LogSetUp {
    private LogSetUp() {}

    /** For a worker: whether lines are JSON ({@code dromedar.log.json}), and whether calls are audited ({@code dromedar.audit}). */
    static void forWorker(Folder folder) {
        useOwnConfiguration();
        if (folder.written("dromedar.log.json", "false").equalsIgnoreCase("true")) {
            System.setProperty("log.appender", "JSON");
            System.setProperty("log.brief", "JSON");
            System.setProperty("log.audit.appender", "AUDIT_JSON");
        }
        if (folder.written("dromedar.audit", "false").equalsIgnoreCase("true")) {
            System.setProperty("log.audit", "INFO");
        }
    }

    /** For a command: its output is its answer, with nothing of the log in it. */
    static void forCommand(@Nullable String name) {
        useOwnConfiguration();
        setIfAbsent("log.target", "System.err");
        setIfAbsent("log.level", "check".equals(name) ? "ERROR" : "WARN"); // check reports in its steps what is wrong
    }

    private static void useOwnConfiguration() {
        setIfAbsent("logback.configurationFile", "dromedar-logback.xml");
    }

    private static void setIfAbsent(String key, String value) {
        if (System.getProperty(key) == null) {
            System.setProperty(key, value);
        }
    }
}
