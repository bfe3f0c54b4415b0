package dev.dromedar.routes;

import java.text.ParseException;
import java.time.Clock;
import java.util.Date;
import java.util.Map;
import java.util.TimeZone;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.quartz.QuartzEndpoint;
import org.apache.camel.support.EndpointHelper;
import org.apache.camel.support.ScheduledPollEndpoint;
import org.jspecify.annotations.Nullable;
import org.quartz.CronExpression;

/** Tries what a Quartz endpoint reads only when it starts. Apart, for an application without Quartz. */
final class QuartzSchedule {
    private QuartzSchedule() {}

    /** What is wrong with the schedule and what to do; null if it is right, or not one of Quartz. */
    static @Nullable String fault(CamelContext context, Endpoint endpoint) {
        if (endpoint instanceof ScheduledPollEndpoint poll) {
            Map<String, Object> options = poll.getSchedulerProperties();
            return options == null || options.get("cron") == null
                    ? null
                    : fault(String.valueOf(options.get("cron")), options.get("timeZone"));
        }
        if (!(endpoint instanceof QuartzEndpoint quartz)) {
            return null;
        }
        Map<String, Object> trigger = quartz.getTriggerParameters();
        if (quartz.getCron() != null) {
            String fault = fault(quartz.getCron(), trigger == null ? null : trigger.get("timeZone"));
            if (fault != null) {
                return fault;
            }
        }
        String interval = notWhole(context, quartz, "repeatInterval", Long.class);
        String count = notWhole(context, quartz, "repeatCount", Integer.class);
        return interval != null ? interval + " of milliseconds." : count != null ? count + "." : null;
    }

    private static @Nullable String fault(String cron, @Nullable Object zone) {
        String unknown = TimeZones.fault(zone);
        if (unknown != null) {
            return unknown;
        }
        String name = zone == null ? "GMT" : zone.toString().strip();
        try {
            CronExpression.validateExpression(cron);
            var expression = new CronExpression(cron);
            expression.setTimeZone(TimeZone.getTimeZone(name));
            if (expression.getNextValidTimeAfter(Date.from(Clock.systemUTC().instant())) == null) {
                return "the schedule cron '" + cron
                        + "' lies in the past, so that the route never runs. Correct it, or set"
                        + " autoStartup to false.";
            }
            return null;
        } catch (ParseException | RuntimeException e) { // Quartz cuts some texts where they have ended
            return "the schedule cron '" + cron + "' cannot be read"
                    + (hasWords(e) ? " (" + e.getMessage() + ")" : "")
                    + ". Write seconds, minutes, hours, day of month, month and day of week, such as"
                    + " 0 0/5 * * * ? for every five minutes.";
        }
    }

    private static boolean hasWords(Exception failure) {
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
            // reported below
        }
        return "trigger." + key + " is '" + text + "', must be a whole number";
    }
}
