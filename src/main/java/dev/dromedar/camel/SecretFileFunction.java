package dev.dromedar.camel;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.apache.camel.spi.PropertiesFunction;

/**
 * {@code {{secretfile:path}}}: the content of a file, without the line end that editors put at its end. A relative path
 * starts at the folder that the worker runs in. A file that cannot be read is an error: the path never becomes the value.
 */
public final class SecretFileFunction implements PropertiesFunction {
    private static final String OPEN = "{{secretfile:";
    private static final String CLOSE = "}}";
    private static final long LARGEST = 1024 * 1024;

    /** Whether a value is this placeholder and nothing else; then what is in the file is not looked at for placeholders. */
    static boolean isWhole(String value) {
        String text = value.strip();
        return text.startsWith(OPEN) && text.indexOf(CLOSE) == text.length() - CLOSE.length();
    }

    static String readWhole(String value) {
        String text = value.strip();
        return read(text.substring(OPEN.length(), text.length() - CLOSE.length()));
    }

    @Override
    public String getName() {
        return "secretfile";
    }

    @Override
    public String apply(String remainder) {
        return read(remainder);
    }

    private static String read(String path) {
        Path file = Path.of(path.strip());
        try {
            if (Files.size(file) > LARGEST) {
                throw new IllegalArgumentException(
                        "the file '" + path + "' is larger than 1 MiB: it cannot be a secret.");
            }
            return Files.readString(file, StandardCharsets.UTF_8).stripTrailing();
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("there is no file '" + path + "' (looked for from "
                    + Path.of("").toAbsolutePath() + "). Put the secret there, or correct the path.");
        } catch (AccessDeniedException e) {
            throw new IllegalArgumentException(
                    "the file '" + path + "' may not be read by the user that runs this worker.");
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "the file '" + path + "' is no text in UTF-8. A key store (PKCS#12, JKS) is"
                            + " named by key-store; a key in DER becomes text with openssl pkey -inform DER.");
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    Files.isDirectory(file)
                            ? "'" + path + "' is a folder. Name the file in it."
                            : "the file '" + path + "' cannot be read as text ("
                                    + e.getClass().getSimpleName() + ").");
        }
    }
}
