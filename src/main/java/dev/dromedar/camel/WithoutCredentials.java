package dev.dromedar.camel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an answer in which the credentials that its request carried stand as {@code ***}: an API may echo them. Reads
 * ahead no further than the longest of them. Not thread-safe.
 */
final class WithoutCredentials extends InputStream {
    private static final byte[] STARS = "***".getBytes(StandardCharsets.US_ASCII);

    private final InputStream answer;
    private final List<byte[]> credentials;
    private final int longest;
    private byte[] ahead = new byte[0];
    private int at;
    private boolean ended;
    private boolean within;

    /** @param credentials each as a whole or by its beginning, in the characters of a JWT; what follows in these goes too */
    WithoutCredentials(InputStream answer, List<byte[]> credentials) {
        this.answer = answer;
        this.credentials = credentials;
        this.longest = credentials.stream().mapToInt(each -> each.length).max().orElse(1);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (at == ahead.length) {
            if (!fill()) {
                return -1;
            }
        }
        int count = Math.min(length, ahead.length - at);
        System.arraycopy(ahead, at, into, from, count);
        at += count;
        return count;
    }

    private byte[] rest = new byte[0];

    /** Makes the next bytes ready; false at the end. */
    private boolean fill() throws IOException {
        if (ended) {
            return false;
        }
        byte[] more = answer.readNBytes(Math.max(8192, longest));
        ended = more.length == 0;
        byte[] all = new byte[rest.length + more.length];
        System.arraycopy(rest, 0, all, 0, rest.length);
        System.arraycopy(more, 0, all, rest.length, more.length);
        // What may be the beginning of a credential waits for what follows
        int safe = ended ? all.length : Math.max(0, all.length - longest + 1);
        var clean = new ByteArrayOutputStream(all.length);
        int i = 0;
        while (i < all.length && (i < safe || within)) {
            if (within && isOfToken(all[i])) {
                i++;
                continue;
            }
            within = false;
            if (i >= safe) {
                break;
            }
            byte[] found = at(all, i);
            if (found == null) {
                clean.write(all[i++]);
            } else {
                clean.writeBytes(STARS);
                i += found.length;
                within = true;
            }
        }
        rest = java.util.Arrays.copyOfRange(all, i, all.length);
        ahead = clean.toByteArray();
        at = 0;
        return true;
    }

    private byte @Nullable [] at(byte[] all, int position) {
        for (byte[] credential : credentials) {
            if (position + credential.length <= all.length
                    && java.util.Arrays.equals(
                            all, position, position + credential.length, credential, 0, credential.length)) {
                return credential;
            }
        }
        return null;
    }

    private static boolean isOfToken(byte b) {
        return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || "-._~+/=".indexOf(b) >= 0;
    }

    @Override
    public void close() throws IOException {
        answer.close();
    }
}
