package dev.dromedar.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.slf4j.LoggerFactory;

/**
 * What a worker that runs on its own does with an error that ended a thread: one line in the log. Memory that is exhausted
 * ends the process, with a message and a status of 3, as {@code -XX:+ExitOnOutOfMemoryError} does: a process that has lost
 * threads at random must not look well.
 */
final class LostErrors {
    /** As of the JVM itself. */
    static final int MEMORY_EXHAUSTED = 3;

    /** Made before it is needed: then there may be no memory for it. */
    private static final byte[] MESSAGE =
            ("The worker ends: its memory is exhausted (OutOfMemoryError). Give it more (JAVA_OPTS=-Xmx1g),"
                            + " or find what needs so much: a large answer or message, or many at once."
                            + System.lineSeparator())
                    .getBytes(StandardCharsets.UTF_8);

    private static final FileOutputStream ERROR = new FileOutputStream(FileDescriptor.err);

    private LostErrors() {}

    static void listen() {
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            if (failure instanceof OutOfMemoryError memory
                    && !String.valueOf(memory.getMessage()).contains("native thread")) {
                endProcess(memory);
            }
            LoggerFactory.getLogger("dromedar.failures")
                    .error("The thread {} ended: {}", thread.getName(), failure.toString(), failure);
        });
    }

    /** Does not return. */
    static void endProcess(OutOfMemoryError cause) {
        try {
            ERROR.write(MESSAGE);
        } catch (IOException e) {
            // it ends in any case
        } finally {
            Runtime.getRuntime().halt(MEMORY_EXHAUSTED);
        }
    }
}
