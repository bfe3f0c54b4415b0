package dev.dromedar.cluster;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.camel.component.quartz.QuartzConstants;
import org.jspecify.annotations.Nullable;
import org.quartz.Calendar;
import org.quartz.Scheduler;

/**
 * Reads the binary columns of Quartz's tables as data. Anyone who may write to the database writes these columns, so nothing in
 * them becomes a class, an address or a message header: of job data only the keys below are read, with values of the form
 * given here, and Java serialization is read through a filter of a few known classes (JEP 290). Pure functions.
 */
final class QuartzRows {
    private static final int MOST_BYTES = 64 * 1024;

    private static final String LIMITS = "maxbytes=" + MOST_BYTES + ";maxdepth=20;maxrefs=5000;maxarray=5000;";

    /** Quartz's own calendars and what they consist of. */
    private static final ObjectInputFilter CALENDARS = ObjectInputFilter.Config.createFilter(LIMITS
            + "org.quartz.impl.calendar.AnnualCalendar;org.quartz.impl.calendar.BaseCalendar;"
            + "org.quartz.impl.calendar.CronCalendar;org.quartz.impl.calendar.DailyCalendar;"
            + "org.quartz.impl.calendar.HolidayCalendar;org.quartz.impl.calendar.MonthlyCalendar;"
            + "org.quartz.impl.calendar.WeeklyCalendar;org.quartz.CronExpression;java.lang.String;java.lang.Number;"
            + "java.lang.Integer;java.lang.Boolean;java.util.Date;java.util.ArrayList;java.util.TreeSet;"
            + "java.util.Calendar;java.util.GregorianCalendar;java.util.TimeZone;java.util.SimpleTimeZone;"
            + "sun.util.calendar.ZoneInfo;java.lang.Object;!*");

    /** Job data as versions before 0.1.0 wrote it. */
    private static final ObjectInputFilter OLD_JOB_DATA = ObjectInputFilter.Config.createFilter(LIMITS
            + "org.quartz.JobDataMap;org.quartz.utils.StringKeyDirtyFlagMap;org.quartz.utils.DirtyFlagMap;"
            + "java.util.HashMap;java.util.Map$Entry;java.lang.String;java.lang.Boolean;java.lang.Number;"
            + "java.lang.Integer;java.lang.Long;!*");

    private static final Pattern TIME = Pattern.compile("\\d{1,15}");
    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,19}");
    private static final Pattern TEXT = Pattern.compile("\\P{Cntrl}{0,200}");

    /** Which run is repeated, by Quartz; and for its console, by Camel. */
    private static final Map<String, Pattern> KNOWN = Map.of(
            Scheduler.FAILED_JOB_ORIGINAL_TRIGGER_NAME, TEXT,
            Scheduler.FAILED_JOB_ORIGINAL_TRIGGER_GROUP, TEXT,
            Scheduler.FAILED_JOB_ORIGINAL_TRIGGER_FIRETIME_IN_MILLISECONDS, TIME,
            Scheduler.FAILED_JOB_ORIGINAL_TRIGGER_SCHEDULED_FIRETIME_IN_MILLISECONDS, TIME,
            QuartzConstants.QUARTZ_TRIGGER_TYPE, TEXT,
            QuartzConstants.QUARTZ_TRIGGER_CRON_EXPRESSION, TEXT,
            QuartzConstants.QUARTZ_TRIGGER_CRON_TIMEZONE, TEXT,
            QuartzConstants.QUARTZ_TRIGGER_SIMPLE_REPEAT_COUNTER, NUMBER,
            QuartzConstants.QUARTZ_TRIGGER_SIMPLE_REPEAT_INTERVAL, NUMBER);

    private QuartzRows() {}

    /**
     * The known entries of job data, whether written as properties or by Java serialization.
     *
     * @throws IOException if the column holds neither, or classes other than those of job data
     */
    static Properties jobData(byte @Nullable [] column) throws IOException {
        var known = new Properties();
        if (column == null || column.length == 0) {
            return known;
        }
        if (column.length > MOST_BYTES) {
            throw new IOException(column.length + " bytes, more than " + MOST_BYTES);
        }
        Map<?, ?> all = isSerialized(column) ? read(column, OLD_JOB_DATA, Map.class) : properties(column);
        for (Map.Entry<String, Pattern> key : KNOWN.entrySet()) {
            if (all.get(key.getKey()) instanceof String value
                    && key.getValue().matcher(value).matches()) {
                known.setProperty(key.getKey(), value);
            }
        }
        return known;
    }

    /** The form in which Quartz reads job data as properties. */
    static InputStream stream(Properties data) {
        var bytes = new ByteArrayOutputStream();
        try {
            data.store(bytes, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // never, into memory
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    /** @throws IOException if the column holds anything but one of Quartz's own calendars */
    static Calendar calendar(byte @Nullable [] column) throws IOException {
        if (column == null || column.length > MOST_BYTES) {
            throw new IOException(column == null ? "empty" : column.length + " bytes, more than " + MOST_BYTES);
        }
        return read(column, CALENDARS, Calendar.class);
    }

    /** Java Object Serialization Specification, section 6.4.2. */
    private static boolean isSerialized(byte[] column) {
        return column.length > 1 && column[0] == (byte) 0xac && column[1] == (byte) 0xed;
    }

    private static Properties properties(byte[] column) throws IOException {
        var properties = new Properties();
        try {
            properties.load(new ByteArrayInputStream(column));
        } catch (IllegalArgumentException e) {
            throw new IOException("no properties", e);
        }
        return properties;
    }

    private static <T> T read(byte[] column, ObjectInputFilter filter, Class<T> type) throws IOException {
        try (var in = new ObjectInputStream(new ByteArrayInputStream(column))) {
            in.setObjectInputFilter(filter);
            return type.cast(in.readObject());
        } catch (ClassNotFoundException | RuntimeException e) {
            throw new IOException("it is no " + type.getSimpleName() + " of known classes", e);
        } catch (StackOverflowError e) {
            throw new IOException("it is nested too deep", e);
        }
    }
}
