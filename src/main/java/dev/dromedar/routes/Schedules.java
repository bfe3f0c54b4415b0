package dev.dromedar.routes;

import dev.dromedar.oauth.ForeignText;
import dev.dromedar.settings.Durations;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/** When a route runs, in few words, as its trigger's options say. Pure functions. */
final class Schedules {
    /** Consumers that look again and again, with Camel's own default of 500 ms between. */
    private static final Set<String> POLLING =
            Set.of("scheduler", "file", "ftp", "ftps", "sftp", "imap", "imaps", "pop3", "pop3s", "sql", "jpa");

    private Schedules() {}

    /** The schedule of a trigger in words; empty if it has none. */
    static String of(String from) {
        Map<String, Object> options;
        try {
            options = URISupport.parseQuery(URISupport.extractQuery(from), false, true);
        } catch (URISyntaxException e) {
            return "";
        }
        String scheme = from.substring(0, Math.max(0, from.indexOf(':')));
        if (scheme.equals("quartz")) {
            return options.containsKey("cron")
                    ? cron(options.get("cron"), options.get("trigger.timeZone"))
                    // Quartz counts the repeats after the first run
                    : repeated(options, "trigger.repeatInterval", "1000", count(options.get("trigger.repeatCount"), 1));
        }
        if (scheme.equals("timer")) {
            return repeated(options, "period", "1000", count(options.get("repeatCount"), 0));
        }
        if (scheme.equals("cron")) {
            return cron(options.get("schedule"), null);
        }
        if (!POLLING.contains(scheme)) {
            return "";
        }
        return options.containsKey("scheduler.cron")
                ? cron(options.get("scheduler.cron"), options.get("scheduler.timeZone"))
                : repeated(options, "delay", "500", count(options.get("repeatCount"), 0));
    }

    private static String cron(@Nullable Object expression, @Nullable Object zone) {
        return "cron " + String.valueOf(expression).replace('+', ' ') + (zone == null ? "" : " " + zone);
    }

    /** @return how many runs there are; 0 without a limit, -1 where that is not to be read */
    private static long count(@Nullable Object option, int more) {
        String text = String.valueOf(option);
        return ForeignText.isNumber(text, 12) && Long.parseLong(text) + more > 0 ? Long.parseLong(text) + more : 0;
    }

    private static String repeated(Map<String, Object> options, String key, String otherwise, long runs) {
        String every = time(options.getOrDefault(key, otherwise));
        return runs == 1
                ? "once"
                : every.startsWith("-")
                        ? "without a pause"
                        : "every " + every + (runs > 0 ? ", " + runs + " times" : "");
    }

    /** A bare number is milliseconds. */
    private static String time(Object option) {
        String text = String.valueOf(option);
        return ForeignText.isNumber(text, 12) ? Durations.shown(Duration.ofMillis(Long.parseLong(text))) : text;
    }
}
