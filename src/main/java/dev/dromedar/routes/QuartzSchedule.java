package dev.dromedar.routes;

import java.text.ParseException;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.quartz.QuartzEndpoint;
import org.apache.camel.support.EndpointHelper;
import org.jspecify.annotations.Nullable;
import org.quartz.CronExpression;

/** Tries what a Quartz endpoint reads only when it starts. Apart, for an application without Quartz. */
final class QuartzSchedule {
    private QuartzSchedule() {}

    /** What is wrong with the schedule and what to do; null if it is good, or not one of Quartz. */
    static @Nullable String fault(CamelContext context, Endpoint endpoint) {
        if (!(endpoint instanceof QuartzEndpoint quartz)) {
            return null;
        }
        if (quartz.getCron() != null) {
            try {
                CronExpression.validateExpression(quartz.getCron());
            } catch (ParseException | RuntimeException e) { // Quartz cuts some texts where they have ended
                return "the schedule cron '" + quartz.getCron() + "' cannot be read"
                        + (isTelling(e) ? " (" + e.getMessage() + ")" : "")
                        + ". Write seconds, minutes, hours, day of month, month and day of week, such as"
                        + " 0 0/5 * * * ? for every five minutes.";
            }
        }
        String interval = notWhole(context, quartz, "repeatInterval", Long.class);
        String count = notWhole(context, quartz, "repeatCount", Integer.class);
        return interval != null ? interval + " of milliseconds." : count != null ? count + "." : null;
    }

    private static boolean isTelling(Exception failure) {
        return failure instanceof ParseException
                && !String.valueOf(failure.getMessage()).contains("Exception");
    }

    private static @Nullable String notWhole(
            CamelContext context, QuartzEndpoint quartz, String key, Class<? extends Number> type) {
        Map<String, Object> trigger = quartz.getTriggerParameters();
        Object text = trigger == null ? null : trigger.get(key);
        try {
            if (text == null || EndpointHelper.resolveParameter(context, text.toString(), type) != null) {
                return null;
            }
        } catch (RuntimeException e) {
            // told below
        }
        return "trigger." + key + " is '" + text + "', must be a whole number";
    }
}
