package dev.dromedar.oauth;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.TruncatedChunkException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParser;
import org.apache.hc.core5.http.io.HttpMessageParser;
import org.apache.hc.core5.http.io.HttpMessageParserFactory;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.apache.hc.core5.http.message.MessageSupport;
import org.jspecify.annotations.Nullable;

/**
 * Counts what is read that is no body: a head of any kind, chunk sizes with their extensions, and trailers. With that,
 * no line and no flood of small answers (1xx) can be longer than the limit either. A buffer of 8 KiB may come on top.
 */
@SuppressWarnings("deprecation") // the one method that must be there is
final class AnswerIntake implements HttpMessageParserFactory<ClassicHttpResponse> {
    /** The intake's own limit holds for lines too, and says so in our words. */
    static final Http1Config WITHOUT_LINE_LIMIT =
            Http1Config.custom().setMaxLineLength(-1).build();

    private AnswerLimits limits;
    private Http1Config config;
    private long left;
    private @Nullable SessionInputBuffer buffer;
    /** Of {@link #config}. */
    private @Nullable DefaultHttpResponseParser parser;

    AnswerIntake(AnswerLimits limits) {
        this.limits = limits;
        this.config = config(limits);
        this.left = limits.headerSize();
    }

    private static Http1Config config(AnswerLimits limits) {
        return Http1Config.copy(WITHOUT_LINE_LIMIT)
                .setMaxHeaderCount(limits.headerCount())
                .build();
    }

    void begin(AnswerLimits limits) {
        AnswerLimits before = this.limits;
        this.limits = limits;
        if (limits != before && !limits.equals(before)) {
            config = config(limits);
            parser = null;
        }
        refill();
    }

    void refill() {
        left = limits.headerSize();
    }

    /** Whether nothing has been read since it began. */
    boolean isFull() {
        return left == limits.headerSize();
    }

    /** Whether there are bytes that were read from the socket and belong to no answer yet. */
    boolean hasBuffered() {
        return buffer != null && buffer.length() > 0;
    }

    Http1Config config() {
        return config;
    }

    InputStream counted(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                return count(super.read() < 0 ? -1 : 1);
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return count(super.read(bytes, offset, length));
            }
        };
    }

    private int count(int read) throws AnswerLimitExceeded {
        if (left <= 0) {
            throw new AnswerLimitExceeded("the head of its answer, or what surrounds its body, is longer than "
                    + limits.headerSize() + " bytes" + limits.key("answer-header-size"));
        }
        left -= Math.max(0, read);
        return read;
    }

    void checkEncodings(ClassicHttpResponse response) throws AnswerLimitExceeded {
        if (!response.containsHeader("Content-Encoding")) {
            return;
        }
        Iterator<String> encodings = MessageSupport.iterateTokens(response, "Content-Encoding");
        for (int i = 0; encodings.hasNext(); i++) {
            encodings.next();
            if (i == limits.encodings()) {
                throw new AnswerLimitExceeded("its answer is encoded more than " + limits.encodings() + " times"
                        + limits.key("answer-encodings"));
            }
        }
    }

    AnswerLimitExceeded tooManyHeaders() {
        return new AnswerLimitExceeded("its answer has more than " + limits.headerCount() + " header lines"
                + limits.key("answer-header-count"));
    }

    @Override
    public HttpMessageParser<ClassicHttpResponse> create(Http1Config none) {
        return create();
    }

    @Override
    public HttpMessageParser<ClassicHttpResponse> create() {
        return (buffer, in) -> {
            this.buffer = buffer;
            DefaultHttpResponseParser ready = parser == null ? new DefaultHttpResponseParser(config) : parser;
            parser = null; // one that fails has begun a head
            try {
                ClassicHttpResponse response = ready.parse(buffer, in);
                parser = ready;
                return response;
            } catch (MessageConstraintException e) {
                throw tooManyHeaders();
            }
        };
    }

    InputStream ofBody(InputStream in) {
        return new Body(in);
    }

    /** Each byte of the body that comes through makes room for what surrounds the next. */
    private final class Body extends FilterInputStream {
        Body(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                int read = super.read(bytes, offset, length);
                if (read > 0) {
                    refill();
                }
                return read;
            } catch (MessageConstraintException e) { // of trailers
                throw tooManyHeaders();
            } catch (TruncatedChunkException e) {
                throw e;
            } catch (MalformedChunkCodingException e) { // its words quote the answer, which may quote what was sent
                throw new IOException("the chunks of its answer are malformed");
            }
        }
    }
}
