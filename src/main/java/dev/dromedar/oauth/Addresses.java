package dev.dromedar.oauth;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;

/** What an address may be used for. Pure functions. */
public final class Addresses {
    /** An address that is encoded more often is no one's. */
    private static final int MOST_ENCODINGS = 10;
    /** Stands for bytes that only a careless reader takes for a character. */
    private static final char OVERLONG = '\uffff';

    private Addresses() {}

    /** Whether credentials may go there: https with a host, or plain http to this machine itself. */
    public static boolean mayCarryCredentials(URI address) {
        return address.getHost() != null
                && address.getRawUserInfo() == null
                && ("https".equalsIgnoreCase(address.getScheme())
                        || "http".equalsIgnoreCase(address.getScheme()) && isLoopback(address.getHost()));
    }

    /** A loopback address by name or number; no name is looked up. */
    public static boolean isLoopback(String host) {
        return host.equalsIgnoreCase("localhost")
                || isLoopbackNumber(host)
                || host.equals("[::1]")
                || host.equals("::1");
    }

    private static boolean isLoopbackNumber(String host) {
        if (!host.startsWith("127.") || host.length() > 15 || !ForeignText.isOf(host, 15, ".")) {
            return false;
        }
        String[] numbers = host.split("\\.", -1);
        return numbers.length == 4
                && ForeignText.isNumber(numbers[1], 3)
                && ForeignText.isNumber(numbers[2], 3)
                && ForeignText.isNumber(numbers[3], 3);
    }

    /** Scheme, host and port in one spelling: lower case, the port always said. */
    public static String origin(URI address) {
        String scheme = address.getScheme().toLowerCase(Locale.ROOT);
        return scheme + "://" + address.getHost().toLowerCase(Locale.ROOT) + ":" + port(address);
    }

    /**
     * Whether an address has this origin. Asked for every call, so the plain case makes no objects.
     *
     * @param host a number of IPv6 with or without its brackets
     * @param port negative for the scheme's own
     */
    public static boolean isAt(URI address, String scheme, String host, int port) {
        String own = address.getHost();
        return own != null
                && scheme.equalsIgnoreCase(address.getScheme())
                && (own.equalsIgnoreCase(host) || own.equalsIgnoreCase("[" + host + "]"))
                && port(address) == port(scheme, port);
    }

    private static int port(URI address) {
        return port(address.getScheme(), address.getPort());
    }

    private static int port(String scheme, int port) {
        return port >= 0 ? port : "https".equalsIgnoreCase(scheme) ? 443 : 80;
    }

    /**
     * Whether an address lies at or under a base address: the same origin, and a path that begins with the base's, at a
     * segment's border. An address with a user in it is not: it brings credentials of its own. Nor is one whose path
     * {@linkplain #isAmbiguous can be read in two ways}, unless the base is all of the host. Asked for every call, so the
     * plain case makes no objects.
     */
    public static boolean isUnder(URI base, URI address) {
        if (address.getHost() == null
                || address.getRawUserInfo() != null
                || !base.getScheme().equalsIgnoreCase(address.getScheme())
                || !base.getHost().equalsIgnoreCase(address.getHost())
                || port(base) != port(address)) {
            return false;
        }
        String path = address.getRawPath() == null ? "" : address.getRawPath();
        String start = base.getRawPath() == null ? "" : base.getRawPath();
        int end = start.length();
        while (end > 0 && start.charAt(end - 1) == '/') {
            end--;
        }
        return end == 0
                || path.regionMatches(0, start, 0, end)
                        && (path.length() == end || path.charAt(end) == '/')
                        && !isAmbiguous(address);
    }

    /**
     * Whether servers read a path in ways that differ in where it leads: it has a segment {@code ..}, plain or with
     * something behind it that some servers cut off (a parameter, a control character, a space), a backslash, a control
     * character, an overlong form of UTF-8 or a full-width dot or slash, before or after decoding, however often.
     */
    public static boolean isAmbiguous(URI address) {
        String path = address.getRawPath();
        if (path == null || !path.contains("..") && path.indexOf('%') < 0 && isAscii(path)) {
            return false;
        }
        String read = path;
        for (int i = 0; i <= MOST_ENCODINGS; i++) {
            if (climbs(read)) {
                return true;
            }
            String decoded = decoded(read);
            if (decoded.equals(read)) {
                return false;
            }
            read = decoded;
        }
        return true;
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }

    private static boolean climbs(String path) {
        String read = isAscii(path) ? path : Normalizer.normalize(path, Normalizer.Form.NFKC);
        for (int i = 0; i < read.length(); i++) {
            char c = read.charAt(i);
            if (c < ' ' || c == 0x7f || c == '\\' || c == OVERLONG) {
                return true;
            }
        }
        int from = 0;
        while (from <= read.length()) {
            int to = read.indexOf('/', from);
            to = to < 0 ? read.length() : to;
            if (read.startsWith("..", from)
                    && (to == from + 2 || read.charAt(from + 2) == ';' || isBlank(read, from + 2, to))) {
                return true;
            }
            from = to + 1;
        }
        return false;
    }

    private static boolean isBlank(String text, int from, int to) {
        return text.substring(from, to).isBlank();
    }

    /** One decoding of all bytes. What is no UTF-8 is taken for ISO-8859-1, unless it is an overlong form of it. */
    private static String decoded(String path) {
        StringBuilder decoded = new StringBuilder(path.length());
        byte[] bytes = new byte[path.length() / 3];
        int i = 0;
        while (i < path.length()) {
            int count = 0;
            while (i + 2 < path.length()
                    && path.charAt(i) == '%'
                    && Character.digit(path.charAt(i + 1), 16) >= 0
                    && Character.digit(path.charAt(i + 2), 16) >= 0) {
                bytes[count++] = (byte) Integer.parseInt(path, i + 1, i + 3, 16);
                i += 3;
            }
            if (count == 0) {
                decoded.append(path.charAt(i++));
            } else {
                decoded.append(text(bytes, count));
            }
        }
        return decoded.toString();
    }

    private static String text(byte[] bytes, int count) {
        for (int i = 0; i < count; i++) {
            int octet = bytes[i] & 0xff;
            int next = i + 1 < count ? bytes[i + 1] & 0xff : 0;
            boolean overlong = (octet == 0xc0 || octet == 0xc1) && next >= 0x80 && next < 0xc0
                    || octet == 0xe0 && next >= 0x80 && next < 0xa0
                    || octet == 0xf0 && next >= 0x80 && next < 0x90
                    || octet >= 0xf8 && octet <= 0xfd && next >= 0x80 && next < 0xc0;
            if (overlong) {
                return String.valueOf(OVERLONG);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, count))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, 0, count, StandardCharsets.ISO_8859_1);
        }
    }

    static String withoutSlash(String address) {
        return address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
    }
}
