package dev.dromedar.sandbox;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The form of a token request (check 1, RFC 6749 section 3.2). */
final class Form {
    private Form() {}

    /** The parameters that have a value: one without counts as omitted. */
    static Map<String, String> read(String method, @Nullable String contentType, @Nullable String query, String body) {
        if (!method.equals("POST")) {
            throw new Refusal(Check.FORM_POST, "invalid_request", "the method is " + method + ", must be POST");
        }
        String type = String.valueOf(contentType);
        if (!type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals("application/x-www-form-urlencoded")) {
            throw new Refusal(
                    Check.FORM_POST,
                    "invalid_request",
                    "Content-Type is " + Refusal.shown(type) + ", must be application/x-www-form-urlencoded");
        }
        if (query != null) {
            throw new Refusal(
                    Check.FORM_POST,
                    "invalid_request",
                    "parameters belong in the body, not in the query of the address");
        }
        return parse(body);
    }

    static Map<String, String> parse(String body) {
        var parameters = new LinkedHashMap<String, String>();
        for (String pair : body.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals));
            String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
            if (!value.isEmpty() && parameters.put(name, value) != null) {
                throw new Refusal(
                        Check.REPEATED_PARAMETER, "invalid_request", "parameter '" + name + "' is sent more than once");
            }
        }
        return parameters;
    }

    /** One name or value of application/x-www-form-urlencoded. */
    static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new Refusal(Check.FORM_POST, "invalid_request", "the form has a broken percent-encoding");
        }
    }
}
