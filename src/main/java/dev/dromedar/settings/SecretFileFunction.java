package dev.dromedar.settings;

import dev.dromedar.keys.CredentialText;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.apache.camel.spi.PropertiesFunction;

/**
 * {@code {{secretfile:path}}}: the content of a file, without the line end that editors put at its end. A relative path
 * starts at the folder that the worker runs in. A file that cannot be read is an error: the path never becomes the value.
 * Camel finds this function by its name, and it refuses: {@link Placeholders} alone reads the file, for our own settings.
 */
public final class SecretFileFunction implements PropertiesFunction {
    static final String NAME = "secretfile";
    private static final long LARGEST = 1024 * 1024;

    @Override
    public String getName() {
        return NAME;
    }

    @Override
    public String apply(String remainder) {
        throw SecretRefused.of(NAME + ":" + remainder);
    }

    /** What to do about a path whose backslashes a properties file has taken for escapes; empty for others. */
    static String backslashes(String path) {
        return path.matches("(?s)[A-Za-z]:[^/\\\\].*|.*[\\t\\n\\r\\f].*")
                ? " A properties file takes a backslash for an escape: write the path with '/', like C:/certs/key.p12."
                : "";
    }

    /** @throws IllegalArgumentException with what is wrong with the file */
    static String read(String path) {
        Path file;
        try {
            file = Path.of(path.strip());
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("{{secretfile:...}} does not name a file: " + e.getReason() + ".");
        }
        try {
            if (Files.size(file) > LARGEST) {
                throw new IllegalArgumentException(
                        "the file '" + path + "' is larger than 1 MiB: it cannot be a secret.");
            }
            String text = CredentialText.of(Files.readAllBytes(file));
            if (text == null) {
                throw new IllegalArgumentException("the file '" + path + "' is no text in UTF-8 or UTF-16. A key store"
                        + " (PKCS#12, JKS) is named by key-store.");
            }
            return text.stripTrailing();
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("there is no file '" + path + "' (looked for from "
                    + Path.of("").toAbsolutePath() + "). Put the secret there, or correct the path."
                    + backslashes(path));
        } catch (AccessDeniedException e) {
            throw new IllegalArgumentException(
                    "the file '" + path + "' may not be read by the user that runs this worker.");
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    Files.isDirectory(file)
                            ? "'" + path + "' is a folder. Name the file in it."
                            : "the file '" + path + "' cannot be read as text ("
                                    + e.getClass().getSimpleName() + ").");
        }
    }
}
