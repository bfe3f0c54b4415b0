package dev.dromedar.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import dev.dromedar.oauth.ForeignText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Keeps the lines of a run's log in the place of printing them. */
final class KeptLog extends AppenderBase<ILoggingEvent> {
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final List<Appender<ILoggingEvent>> others = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();
    private @Nullable Level level;

    void begin() {
        root.iteratorForAppenders().forEachRemaining(others::add);
        others.forEach(root::detachAppender);
        level = root.getLevel();
        root.setLevel(Level.INFO);
        setContext(root.getLoggerContext());
        start();
        root.addAppender(this);
    }

    void end() {
        root.detachAppender(this);
        stop();
        others.forEach(root::addAppender);
        root.setLevel(level);
    }

    @Override
    protected synchronized void append(ILoggingEvent event) {
        lines.add(event.getLevel() + " " + ForeignText.line(event.getFormattedMessage()));
    }

    /** What was logged until the worker had started. */
    synchronized void forget() {
        lines.clear();
    }

    synchronized List<String> lines() {
        return List.copyOf(lines);
    }
}
