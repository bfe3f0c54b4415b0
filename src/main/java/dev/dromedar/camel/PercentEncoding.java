package dev.dromedar.camel;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Text of a message as a part of an address (RFC 3986 section 2.1). Pure. */
final class PercentEncoding {
    private PercentEncoding() {}

    /**
     * All but the unreserved characters (RFC 3986 section 2.3) as bytes of UTF-8.
     *
     * @throws RefusedCall if it holds halves of characters
     */
    static String of(String text) {
        ByteBuffer bytes;
        try {
            bytes = StandardCharsets.UTF_8
                    .newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(text));
        } catch (CharacterCodingException e) {
            throw new RefusedCall(
                    "A call was refused: what the message fills into its address is no text. Nothing was sent.");
        }
        StringBuilder encoded = new StringBuilder(text.length() + 16);
        while (bytes.hasRemaining()) {
            int octet = bytes.get() & 0xff;
            if (octet < 128 && (Character.isLetterOrDigit(octet) || "-._~".indexOf(octet) >= 0)) {
                encoded.append((char) octet);
            } else {
                encoded.append('%')
                        .append(Character.toUpperCase(Character.forDigit(octet >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(octet & 15, 16)));
            }
        }
        return encoded.toString();
    }
}
