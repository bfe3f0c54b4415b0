package dev.dromedar.oauth;

import java.net.URI;
import java.util.Locale;

/** What an address may be used for. Pure functions. */
public final class Addresses {
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
     * segment's border. An address with a user in it is not: it brings credentials of its own. A path that can be read in
     * two ways ({@code ..}, an encoded slash, dot or backslash before or
     * after decoding, however often) does not. Asked for every call, so the plain case makes no objects.
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
                        && !climbs(path);
    }

    /** What is encoded more than once: {@code %252525} and any more of 25 are one percent sign. */
    private static String decodedOnce(String path) {
        var read = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            read.append(c);
            while (c == '%' && path.startsWith("25", i + 1)) {
                i += 2;
            }
        }
        return read.toString();
    }

    private static boolean climbs(String path) {
        if (!path.contains("..") && path.indexOf('%') < 0) {
            return false;
        }
        String read = decodedOnce(path.toLowerCase(Locale.ROOT))
                .replace("%2e", ".")
                .replace("%2f", "/")
                .replace("%5c", "\\");
        for (String segment : read.split("[/\\\\]", -1)) {
            if (segment.equals("..") || segment.startsWith("..;")) {
                return true;
            }
        }
        return false;
    }
}
