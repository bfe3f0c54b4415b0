package dev.dromedar.camel;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.support.LanguageSupport;
import org.jspecify.annotations.Nullable;

/**
 * An address that a route writes with functions of Camel's Simple language in it, such as
 * {@code https://api.example/patients/${body}}: what the route wrote, and what a message fills in. Only what the route wrote
 * can be a scheme, a host, a slash, a parameter's name, an option of the endpoint or a placeholder; {@link #fault} says where
 * a template would let the message choose one of them. Thread-safe.
 */
final class AddressTemplate {
    /**
     * Most characters of an address that a message takes part in: what every server should take (RFC 9110 section 4.1).
     * Camel's own patterns need minutes for longer ones.
     */
    static final int LONGEST = 8_000;

    /** The component that calls APIs: it takes what a message says by parameters, and its address is the route's. */
    static final String API = "api";

    /** Components whose address is code, or the name of code. */
    private static final Set<String> CODE = Set.of("bean", "class", "controlbus", "exec", "language", "ref", "script");

    private static final Pattern SCHEME = Pattern.compile("\\A\\s*+([A-Za-z][A-Za-z0-9+.-]{0,40}+):(/{0,3}+)");
    static final String WRITE_IT =
            " Write scheme and host in the route, as in toD: \"{{dromedar.api.NAME.base-address}}/x/${header.id}\"; choose"
                    + " between addresses by a choice; follow a whole address that a message holds by setHeader:"
                    + " CamelHttpUri before to: \"{{dromedar.api.NAME.base-address}}\".";

    /** Texts and expressions, in order; never two texts in a row. */
    private final List<Object> parts;

    private AddressTemplate(List<Object> parts) {
        this.parts = parts;
    }

    /**
     * @param text with property placeholders resolved
     * @throws RuntimeException if it is not of the Simple language
     */
    static AddressTemplate of(CamelContext context, String text) {
        if (!LanguageSupport.hasSimpleFunction(text)) {
            return new AddressTemplate(List.of(text));
        }
        if (text.contains("$init{") || text.startsWith("resource:")) {
            return new AddressTemplate(List.of(context.resolveLanguage("simple").createExpression(text)));
        }
        return new AddressTemplate(new SimpleParts(context, text).read());
    }

    static AddressTemplate constant(String text) {
        return new AddressTemplate(List.of(text));
    }

    /** Whether a component's address is code, or the name of code. */
    static boolean isCode(String scheme) {
        return CODE.contains(scheme);
    }

    /** Whether its start is a placeholder that has no value here, as in a route template. */
    boolean isUnresolved() {
        return start().stripLeading().startsWith("{{");
    }

    /** The templates of a list of addresses, which the route has separated. */
    List<AddressTemplate> split(String delimiter) {
        List<AddressTemplate> all = new ArrayList<>();
        List<Object> one = new ArrayList<>();
        for (Object part : parts) {
            if (!(part instanceof String text)) {
                one.add(part);
                continue;
            }
            String[] pieces = text.split(Pattern.quote(delimiter), -1);
            for (int i = 0; i < pieces.length; i++) {
                if (i > 0) {
                    all.add(new AddressTemplate(List.copyOf(one)));
                    one.clear();
                }
                if (!pieces[i].isEmpty()) {
                    one.add(one.isEmpty() ? pieces[i].stripLeading() : pieces[i]);
                }
            }
        }
        all.add(new AddressTemplate(List.copyOf(one)));
        all.removeIf(template -> template.parts.isEmpty());
        return all;
    }

    boolean isDynamic() {
        return parts.size() > 1 || parts.size() == 1 && !(parts.get(0) instanceof String);
    }

    /** What the route wrote up to the first part that is the message's. */
    private String start() {
        return !parts.isEmpty() && parts.get(0) instanceof String text ? text : "";
    }

    private @Nullable String scheme() {
        Matcher scheme = SCHEME.matcher(start());
        return scheme.find() ? scheme.group(1).toLowerCase(Locale.ROOT) : null;
    }

    boolean isHttp() {
        String scheme = scheme();
        return "http".equals(scheme) || "https".equals(scheme);
    }

    /** Scheme, host and port as the route wrote them, or null if it did not write all of them. */
    @Nullable
    String origin() {
        Matcher scheme = SCHEME.matcher(start());
        if (!isHttp() || !scheme.find()) {
            return null;
        }
        int end = authorityEnd(start(), scheme.end());
        return end == start().length() && isDynamic() ? null : scheme() + "://" + start().substring(scheme.end(), end);
    }

    private static int authorityEnd(String text, int from) {
        int end = from;
        while (end < text.length() && "/?#".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return end;
    }

    /**
     * Why a message could choose more than data with this address, and what to do; null if it could not.
     *
     * @param options gives the names of parameters that the endpoint takes as its options
     */
    @Nullable
    String fault(Options options) {
        if (!isDynamic()) {
            return null;
        }
        String scheme = scheme();
        if (scheme == null) {
            return "the message chooses the scheme, or the whole address." + WRITE_IT;
        }
        if (API.equals(scheme)) {
            return "an address of '" + API + ":' takes nothing of a message by its text. Write to: with"
                    + " parameters, as path.id: \"${header.id}\" or query.q: \"${body}\".";
        }
        if (CODE.contains(scheme)) {
            return "the message chooses what '" + scheme + ":' runs. Choose by a choice.";
        }
        if (isHttp() && origin() == null) {
            return "the message chooses the host, or part of it: no '/' or '?' stands between the host and the first"
                    + " ${...}." + WRITE_IT;
        }
        return queryFault(scheme, options);
    }

    private @Nullable String queryFault(String scheme, Options options) {
        StringBuilder written = new StringBuilder();
        for (Object part : parts) {
            if (part instanceof String text) {
                written.append(text);
                continue;
            }
            int query = written.indexOf("?");
            if (query < 0) {
                written.append('x');
                continue;
            }
            String parameter = written.substring(Math.max(query, written.lastIndexOf("&")) + 1);
            int equals = parameter.indexOf('=');
            if (equals < 0) {
                return "the message chooses the name of a parameter, or the whole query. Write the name in the route, or set"
                        + " the header CamelHttpQuery.";
            }
            String name = parameter.substring(0, equals);
            if (isHttp() && options.has(scheme, name)) {
                return "the message chooses the endpoint option '" + name + "'. Write its value in the route"
                        + (name.equals("httpMethod") ? ", or set the header CamelHttpMethod." : ".");
            }
            written.append('x');
        }
        return null;
    }

    /**
     * The address for one message, whose text is percent-encoded: it stays within its segment of the path, or its value of
     * the query (RFC 3986 section 2).
     *
     * @throws RefusedCall if the message has nothing for a segment of the path, or dots alone
     */
    String encoded(Exchange exchange) {
        StringBuilder address = new StringBuilder();
        int bare = -1;
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i) instanceof String text) {
                address.append(bare >= 0 && bare == address.length() && endsSegment(text) ? refuseEmpty() : text);
                bare = -1;
                continue;
            }
            boolean first = bare < 0;
            boolean opens =
                    !address.isEmpty() && address.charAt(address.length() - 1) == '/' && address.indexOf("?") < 0;
            bare = first ? opens ? address.length() : -1 : bare;
            address.append(PercentEncoding.of(text(i, exchange)));
        }
        if (bare >= 0 && bare == address.length()) {
            refuseEmpty();
        }
        if (isDynamic()) {
            refuseDots(address);
        }
        return address.toString();
    }

    private static boolean endsSegment(String text) {
        return "/?#".indexOf(text.charAt(0)) >= 0;
    }

    private static String refuseEmpty() {
        throw new RefusedCall(
                "A call was refused: the message has no value for a segment of its path, and without it the"
                        + " address is another one. Nothing was sent. Check the message before the call, for example by a filter.");
    }

    private static void refuseDots(CharSequence address) {
        int query = address.toString().indexOf('?');
        String path = query < 0 ? address.toString() : address.toString().substring(0, query);
        for (String segment : path.split("/")) {
            if (segment.equals(".") || segment.equals("..")) {
                throw new RefusedCall("A call was refused: the message made a segment of its path '" + segment
                        + "', which leads to another address. Nothing was sent.");
            }
        }
    }

    /**
     * The address for one message, whose text goes in as it is, for components that read addresses in their own ways.
     *
     * @throws RefusedCall if that text could be more than data there
     */
    String plain(Exchange exchange) {
        StringBuilder address = new StringBuilder();
        StringBuilder written = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i) instanceof String text) {
                address.append(text);
                written.append(text);
                continue;
            }
            written.append('x');
            String value = text(i, exchange);
            String other = PlainText.otherMeaning(address, value);
            if (other != null) {
                throw notSent("could be read as " + other + ".");
            }
            address.append(value);
        }
        String whole = address.toString();
        if (isDynamic() && whole.length() > LONGEST) {
            throw new RefusedCall("A message was not sent to '" + scheme()
                    + ":', since it makes the address longer than " + LONGEST + " characters.");
        }
        if (whole.contains("{{") && !start().contains("{{")) { // its halves from two parts
            throw notSent("could be read as a placeholder.");
        }
        if (PlainText.climbs(whole) > PlainText.climbs(written.toString())) {
            throw notSent("leads out of the folder that the route names, by '..'. Check the"
                    + " message before, for example by a filter.");
        }
        return whole;
    }

    private RefusedCall notSent(String why) {
        return new RefusedCall("A message was not sent to '" + scheme() + ":', since what it fills in there " + why);
    }

    private String text(int part, Exchange exchange) {
        String text = ((Expression) parts.get(part)).evaluate(exchange, String.class);
        return text == null ? "" : text;
    }
}
