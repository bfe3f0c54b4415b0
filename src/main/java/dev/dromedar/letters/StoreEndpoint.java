package dev.dromedar.letters;

import org.apache.camel.Category;
import org.apache.camel.Component;
import org.apache.camel.Processor;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.ProcessorEndpoint;
import org.apache.camel.support.processor.DelegateSyncProcessor;

/** Keep messages that failed as dead letters, or read and advance the pointer of a feed. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = StoreComponent.SCHEME,
        title = "Dromedar",
        syntax = "dromedar:name",
        remote = false,
        producerOnly = true,
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
            defaultValue = "1",
            description = "Of a feed: where it begins when nothing is stored.")
    private final long start;

    /** An endpoint whose options have been checked. */
    StoreEndpoint(String uri, Component component, Options options, Processor processor) {
        super(uri, component, new DelegateSyncProcessor(processor));
        this.name = options.name();
        this.advance = options.advance();
        this.start = options.start();
    }

    record Options(String name, boolean advance, long start) {}

    Options options() {
        return new Options(name, advance, start);
    }
}
