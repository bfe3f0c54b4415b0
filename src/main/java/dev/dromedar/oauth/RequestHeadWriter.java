package dev.dromedar.oauth;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Iterator;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.impl.io.DefaultHttpRequestWriter;
import org.apache.hc.core5.http.io.SessionOutputBuffer;
import org.apache.hc.core5.http.message.BasicLineFormatter;
import org.apache.hc.core5.util.CharArrayBuffer;

/**
 * Writes what comes before a request's body. Tokens and proofs are the longest part of it and ASCII, so they are copied as they
 * are; HttpCore copies each header twice, character by character. Not thread-safe: one for each connection.
 */
final class RequestHeadWriter extends DefaultHttpRequestWriter {
    private final CharArrayBuffer line = new CharArrayBuffer(128);
    private byte[] secretLine = new byte[2048];
    /** Values of the request before, in their order: each call brings the same token for long. */
    private final String[] printable = {"", ""};

    @Override
    public void write(ClassicHttpRequest request, SessionOutputBuffer buffer, OutputStream out) throws IOException {
        line.clear();
        writeHeadLine(request, line);
        buffer.writeLine(line, out);
        int secrets = 0;
        for (Iterator<Header> headers = request.headerIterator(); headers.hasNext(); ) {
            Header header = headers.next();
            if (header instanceof SecretHeader secret) {
                check(secret, secrets++ % printable.length);
                write(secret, buffer, out);
            } else {
                line.clear();
                BasicLineFormatter.INSTANCE.formatHeader(line, header);
                buffer.writeLine(line, out);
            }
        }
        line.clear();
        buffer.writeLine(line, out);
    }

    @SuppressWarnings(
            "deprecation") // the copy takes a part of a character that is not ASCII, and such a one was refused
    private void write(SecretHeader header, SessionOutputBuffer buffer, OutputStream out) throws IOException {
        String name = header.name();
        String value = header.value();
        int start = name.length() + 2;
        int end = start + value.length();
        if (secretLine.length < end + 2) {
            secretLine = new byte[end + 2];
        }
        name.getBytes(0, name.length(), secretLine, 0);
        secretLine[name.length()] = ':';
        secretLine[name.length() + 1] = ' ';
        value.getBytes(0, value.length(), secretLine, start);
        secretLine[end] = '\r';
        secretLine[end + 1] = '\n';
        buffer.write(secretLine, 0, end + 2, out);
    }

    private void check(SecretHeader header, int place) throws IOException {
        if (!isPrintable(header.name()) || !header.value().equals(printable[place]) && !isPrintable(header.value())) {
            throw new IOException("a header of this client has a character that is not printable ASCII");
        }
        printable[place] = header.value();
    }

    private static boolean isPrintable(String text) {
        int outside = 0;
        for (int i = 0; i < text.length(); i++) {
            outside |= text.charAt(i) - ' ' | '~' - text.charAt(i); // negative for what is not
        }
        return outside >= 0;
    }
}
