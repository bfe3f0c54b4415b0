package dev.dromedar.oauth;

import java.time.Duration;

/**
 * The most that one answer may take: of memory, of disk, and of time. A server that sends more is cut off, and the call
 * fails.
 *
 * @param headerCount header lines of one answer
 * @param headerSize bytes of the status line and all headers, those of interim answers (1xx) included; also of what
 *     surrounds the body's bytes (chunk extensions and trailers, RFC 9112 section 7.1)
 * @param encodings content codings one upon another (RFC 9110 section 8.4)
 * @param size bytes of the body, decoded
 * @param time from the call's beginning to the last byte of its body
 */
public record AnswerLimits(int headerCount, int headerSize, int encodings, long size, Duration time) {
    /** What an API may send unless its properties say otherwise. */
    public static final AnswerLimits USUAL =
            new AnswerLimits(200, 64 * 1024, 2, 1024L * 1024 * 1024, Duration.ofMinutes(5));

    /** What an authority may send. */
    static final AnswerLimits AUTHORITY = new AnswerLimits(200, 64 * 1024, 2, 512 * 1024, Duration.ofMinutes(5));

    /** The property that raises a limit, for messages; authorities have none. */
    String key(String name) {
        return this == AUTHORITY ? "" : " (" + name + ")";
    }

    /** The body of an HTTP error, which ends up in the exception as text. */
    private static final long LARGEST_ERROR = 4L * 1024 * 1024;

    /** The most bytes of a body with that status. */
    public long size(int status) {
        return status < 400 ? size : Math.min(size, LARGEST_ERROR);
    }
}
