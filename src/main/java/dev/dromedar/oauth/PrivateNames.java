package dev.dromedar.oauth;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The one list of names whose values are private: of headers, query parameters, properties, and fields in JSON, forms and
 * XML. In English and Norwegian, in any case, as a part of a longer name ({@code IntegrasjonPassord}, {@code X-Api-Key},
 * {@code klientHemmelighet}), percent-encoded and with ø, å and æ in any spelling. A site adds names by
 * {@code dromedar.private-headers}. Thread-safe.
 */
public final class PrivateNames {
    /** A longer name is nobody's: its value is private without a look at it. */
    private static final int LONGEST = 300;

    /** Private wherever they stand in a name, with nothing between the words. */
    private static final List<String> ANYWHERE = List.of(
            "passord",
            "password",
            "passwd",
            "passphrase",
            "passfrase",
            "passcode",
            "passkode",
            "kodeord",
            "kodesetning",
            "losenord",
            "hemmelig",
            "secret",
            "pinkode",
            "pincode",
            "pinnummer",
            "tilgangskode",
            "adgangskode",
            "sikkerhetskode",
            "engangskode",
            "tilgangsbevis",
            "legitimasjon",
            "credential",
            "authoris",
            "authoriz",
            "autoriser",
            "authentic",
            "autentis",
            "cookie",
            "informasjonskapsel",
            "assertion",
            "signatur",
            "bearer",
            "dpop",
            "xauth",
            "apikey",
            "privatekey",
            "accesskey",
            "secretkey",
            "sharedkey",
            "masterkey",
            "dromedarcitizen",
            "dromedarclaims",
            "signingkey",
            "encryptionkey",
            "subscriptionkey",
            "functionskey",
            "authkey",
            "accountkey");

    /** Private as one of a name's words. */
    private static final Set<String> WORDS = Set.of(
            "pwd",
            "psw",
            "pw",
            "pin",
            "otp",
            "totp",
            "token",
            "tokens",
            "jwt",
            "jws",
            "jwe",
            "jwk",
            "sig",
            "session",
            "sessions",
            "sessionid",
            "sesjon",
            "sesjonsid",
            "sesjonsnokkel",
            "sid",
            "creds");

    /** Private as the last word of a name. */
    private static final Set<String> LAST = Set.of("pass", "auth", "key", "nokkel", "noekkel", "nokkelen", "noekkelen");

    /** Private as the end of a name's word: {@code accesstoken}, {@code apinøkkel}, {@code jsessionid}. */
    private static final List<String> ENDS =
            List.of("token", "nokkel", "noekkel", "nokkelen", "noekkelen", "sessionid", "sesjonsid", "jwt", "pwd");

    /** Private when they are the whole name: an OAuth code, a key of Google's APIs, an Azure signature. */
    private static final Set<String> WHOLE = Set.of("code", "kode", "auth", "pass");

    /** Keys that open nothing, and that a replay needs: the word before {@code key}. */
    private static final Set<String> KEYS_OF_DATA = Set.of(
            "idempotency",
            "idempotens",
            "idempotent",
            "partition",
            "routing",
            "sort",
            "primary",
            "primaer",
            "foreign",
            "fremmed",
            "message",
            "kafka",
            "cache",
            "public",
            "offentlig",
            "row",
            "record",
            "group",
            "correlation",
            "korrelasjon",
            "natural",
            "business",
            "sporings",
            "sok",
            "search");

    private static final Set<String> OF_SITES = ConcurrentHashMap.newKeySet();

    private PrivateNames() {}

    /** Adds a site's own names, for the whole process: what is private to one context is not shown by another. */
    public static void add(Collection<String> names) {
        names.forEach(name -> OF_SITES.add(String.join("", words(name))));
    }

    /** Whether the value of this name must not be shown or kept. */
    public static boolean isPrivate(CharSequence name) {
        if (name.length() > LONGEST) {
            return true;
        }
        List<String> words = words(name.toString());
        String whole = String.join("", words);
        if (OF_SITES.contains(whole) || isPrivate(words, whole)) {
            return true;
        }
        return words.size() > 1 && OF_SITES.contains(whole.startsWith("x") ? whole.substring(1) : whole);
    }

    private static boolean isPrivate(List<String> words, String whole) {
        if (WHOLE.contains(whole) || LAST.contains(whole)) {
            return true;
        }
        if (ANYWHERE.stream().anyMatch(word -> whole.contains(word) && !isHarmless(word, whole))) {
            return !isOfData(words);
        }
        for (String word : words) {
            if (WORDS.contains(word) || ENDS.stream().anyMatch(word::endsWith)) {
                return !isOfData(words);
            }
        }
        return !words.isEmpty() && LAST.contains(words.get(words.size() - 1)) && !isOfData(words);
    }

    /** A secretary holds no secret. */
    private static boolean isHarmless(String word, String whole) {
        return word.equals("secret") && whole.replace("secretar", "").indexOf("secret") < 0;
    }

    /** Of a key: whether it names data, as an idempotency key does, or is Camel's own header, such as a stored object's key. */
    private static boolean isOfData(List<String> words) {
        String last = words.get(words.size() - 1);
        boolean key = last.equals("key") || last.endsWith("nokkel") || last.endsWith("noekkel");
        if (!key) {
            return false;
        }
        String before = last.equals("key") || last.equals("nokkel") || last.equals("noekkel")
                ? words.size() > 1 ? words.get(words.size() - 2) : ""
                : last.substring(0, last.lastIndexOf('n', last.length() - 5));
        return KEYS_OF_DATA.contains(before)
                || before.endsWith("s") && KEYS_OF_DATA.contains(before.substring(0, before.length() - 1))
                || words.get(0).equals("camel") && last.equals("key");
    }

    /** A name's words in lower case, split at everything that is no letter or digit and where small letters turn capital. */
    private static List<String> words(String name) {
        String text = Normalizer.normalize(decoded(name), Normalizer.Form.NFKD);
        List<String> words = new ArrayList<>();
        var word = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.getType(c) == Character.NON_SPACING_MARK || Character.getType(c) == Character.FORMAT) {
                continue;
            }
            boolean begins = word.length() > 0
                    && Character.isUpperCase(c)
                    && (!Character.isUpperCase(text.charAt(i - 1))
                            || i + 1 < text.length() && Character.isLowerCase(text.charAt(i + 1)));
            if (begins || !Character.isLetterOrDigit(c)) {
                end(words, word);
            }
            if (Character.isLetterOrDigit(c)) {
                word.append(folded(c));
            }
        }
        end(words, word);
        return words;
    }

    private static void end(List<String> words, StringBuilder word) {
        if (word.length() > 0) {
            words.add(word.toString());
            word.setLength(0);
        }
    }

    private static String folded(char c) {
        return switch (c) {
            case 'ø', 'Ø' -> "o";
            case 'æ', 'Æ' -> "ae";
            default -> String.valueOf(c).toLowerCase(Locale.ROOT);
        };
    }

    /** Encoded up to three times: {@code p%2561ssord} is a name too. What encodes nothing stands for itself. */
    private static String decoded(String name) {
        String text = name;
        for (int i = 0; i < 3 && text.indexOf('%') >= 0; i++) {
            var bytes = new ByteArrayOutputStream();
            for (int at = 0; at < text.length(); at++) {
                int byteValue = text.charAt(at) == '%' ? hex(text, at + 1) : -1;
                if (byteValue >= 0) {
                    bytes.write(byteValue);
                    at += 2;
                } else {
                    bytes.writeBytes(text.substring(at, at + 1).getBytes(StandardCharsets.UTF_8));
                }
            }
            text = bytes.toString(StandardCharsets.UTF_8);
        }
        return text;
    }

    private static int hex(String text, int at) {
        if (at + 1 >= text.length()) {
            return -1;
        }
        int high = Character.digit(text.charAt(at), 16);
        int low = Character.digit(text.charAt(at + 1), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }
}
