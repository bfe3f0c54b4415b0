package dev.dromedar.keys;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** Reads values one after the other (X.690); what does not fit is an exception. */
final class Der {
    static final int SEQUENCE = 0x30;
    static final int INTEGER = 0x02;
    static final int OCTETS = 0x04;
    private static final int IDENTIFIER = 0x06;

    private final ByteBuffer rest;

    Der(byte[] bytes) {
        rest = ByteBuffer.wrap(bytes);
    }

    /** The tag of the next value, or -1 at the end. */
    int next() {
        return rest.hasRemaining() ? rest.get(rest.position()) & 0xff : -1;
    }

    byte[] take(int tag) throws IOException {
        if (next() != tag) {
            throw new IOException();
        }
        rest.get();
        int length = rest.get() & 0xff;
        if (length > 0x82) {
            throw new IOException(); // no key is longer than 64 KiB
        }
        if (length >= 0x80) {
            int bytes = length - 0x80;
            length = 0;
            while (bytes-- > 0) {
                length = length << 8 | rest.get() & 0xff;
            }
        }
        byte[] value = new byte[Math.min(length, rest.remaining() + 1)];
        rest.get(value);
        return value;
    }

    Der inside(int tag) throws IOException {
        return new Der(take(tag));
    }

    String identifier() throws IOException {
        return HexFormat.of().formatHex(take(IDENTIFIER));
    }

    /** One value with its tag and length, from the contents one after the other. */
    static byte[] written(int tag, byte[]... contents) {
        int length = Arrays.stream(contents).mapToInt(content -> content.length).sum();
        var out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            int bytes = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
            out.write(0x80 | bytes);
            for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
                out.write(length >> shift);
            }
        }
        for (byte[] content : contents) {
            out.writeBytes(content);
        }
        return out.toByteArray();
    }
}
