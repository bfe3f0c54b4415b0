package dev.dromedar.keys;

/**
 * A key, certificate or secret is missing or cannot be used. The message continues a sentence that begins with the property
 * key or the file name ("is encrypted: set private-key-password"), says what to do, and never quotes the content.
 */
public final class UnusableCredential extends RuntimeException {
    private static final long serialVersionUID = 1;

    public UnusableCredential(String message) {
        super(message);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
