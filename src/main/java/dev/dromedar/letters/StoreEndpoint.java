package dev.dromedar.letters;

import java.util.Map;
import org.apache.camel.Category;
import org.apache.camel.Component;
import org.apache.camel.Processor;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.ProcessorEndpoint;
import org.apache.camel.support.processor.DelegateSyncProcessor;
import org.jspecify.annotations.Nullable;

/** Keep messages that failed as dead letters, or read and advance the pointer of a feed. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = StoreComponent.SCHEME,
        title = "Dromedar",
        syntax = "dromedar:name",
        remote = false,
        producerOnly = true,
        headersClass = Feeds.class,
        category = {Category.CORE})
final class StoreEndpoint extends ProcessorEndpoint {
    @UriPath(description = "dead-letters keeps the message; feed/NAME reads that feed's pointer into the message.")
    @Metadata(required = true)
    private final String name;

    @UriParam(
            label = "producer",
            defaultValue = "false",
            description = "Of a feed: store what the message says as the pointer, in the place of reading it.")
    private final boolean advance;

    @UriParam(
            label = "producer",
            description =
                    "Of a feed: where it begins when nothing is stored. 1, or 0 with from=last; nothing with position=text.")
    private final @Nullable String start;

    @UriParam(
            label = "producer",
            defaultValue = "number",
            enums = "number,text",
            description = "Of a feed: whether its positions are numbers, or texts such as ids, cursors and dates.")
    private final @Nullable String position;

    @UriParam(
            label = "producer",
            defaultValue = "next",
            enums = "next,last",
            description = "Of a feed of numbers: whether the API takes the next number or the last that was seen.")
    private final @Nullable String from;

    @UriParam(
            label = "producer",
            defaultValue = "reported",
            enums = "reported,allowed",
            description = "Of a feed of numbers: whether numbers that do not come are reported or normal.")
    private final @Nullable String gaps;

    @UriParam(
            label = "producer",
            description =
                    "Of a feed, with advance: where the position is taken from: json:$.id, header:NAME or next:PARAMETER.")
    private final @Nullable String last;

    /** An endpoint whose options have been checked. */
    StoreEndpoint(String uri, Component component, Options options, Processor processor) {
        super(uri, component, new DelegateSyncProcessor(processor));
        this.name = options.name();
        this.advance = options.advance();
        this.start = options.start();
        this.position = options.position();
        this.from = options.from();
        this.gaps = options.gaps();
        this.last = options.last();
    }

    record Options(
            String name,
            boolean advance,
            @Nullable String start,
            @Nullable String position,
            @Nullable String from,
            @Nullable String gaps,
            @Nullable String last) {
        static Options of(String name, boolean advance, Map<String, Object> parameters) {
            return new Options(
                    name,
                    advance,
                    text(parameters, "start"),
                    text(parameters, "position"),
                    text(parameters, "from"),
                    text(parameters, "gaps"),
                    text(parameters, "last"));
        }

        private static @Nullable String text(Map<String, Object> parameters, String name) {
            Object value = parameters.get(name);
            return value == null ? null : value.toString();
        }
    }

    Options options() {
        return new Options(name, advance, start, position, from, gaps, last);
    }
}
