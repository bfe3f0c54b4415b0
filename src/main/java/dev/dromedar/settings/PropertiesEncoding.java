package dev.dromedar.settings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.CamelContext;

/**
 * The encoding of a properties file: UTF-8 where it is valid UTF-8, as today's editors write it, and otherwise ISO-8859-1, as
 * Java's own reader takes it. Pure functions.
 */
public final class PropertiesEncoding {
    private PropertiesEncoding() {}

    /** The encoding of a file; UTF-8 if there is none. */
    public static Charset of(Path file) {
        try {
            return of(Files.readAllBytes(file));
        } catch (IOException e) {
            return StandardCharsets.UTF_8;
        }
    }

    /** The encoding of a file's content. */
    public static Charset of(byte[] content) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content));
            return StandardCharsets.UTF_8;
        } catch (CharacterCodingException e) {
            return StandardCharsets.ISO_8859_1;
        }
    }

    /** Has a context read its properties so. To be called before it does. */
    public static void use(CamelContext context, Path file) {
        context.getPropertiesComponent().setEncoding(of(file).name());
    }
}
