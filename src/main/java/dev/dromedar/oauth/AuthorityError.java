package dev.dromedar.oauth;

import dev.dromedar.keys.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an authority says of a request that it does not grant: RFC 6749 section 5.2, and the other forms in which servers and the
 * gateways before them say the same (RFC 9457, RFC 6750 section 3, Okta, Apigee, an {@code error} that is an object). Bounded;
 * holds the authority's own words, which are never shown as they are.
 *
 * @param code the OAuth error code or what stands in its place, 1 to 60 visible ASCII characters; null if there is none
 * @param description in the authority's words; null if there is none
 */
record AuthorityError(@Nullable String code, @Nullable String description) {
    private static final int LONGEST_CODE = 60;
    private static final int LONGEST_DESCRIPTION = 4000;
    /** Where a code is found, best first; names are compared without regard to case and underscores. */
    private static final List<String> CODES = List.of("error", "errorcode", "code", "type", "status", "title");

    private static final List<String> DESCRIPTIONS = List.of(
            "errordescription", "errorsummary", "errormessage", "message", "detail", "faultstring", "title", "error");

    /** RFC 6749 sections 4.1.2.1 and 5.2, RFC 8707 section 2, RFC 9449 sections 5 and 8, RFC 6750 section 3.1. */
    private static final Set<String> REGISTERED = Set.of(
            "access_denied",
            "insufficient_scope",
            "invalid_client",
            "invalid_dpop_proof",
            "invalid_grant",
            "invalid_request",
            "invalid_scope",
            "invalid_target",
            "invalid_token",
            "server_error",
            "temporarily_unavailable",
            "unauthorized_client",
            "unsupported_grant_type",
            "use_dpop_nonce");

    /** Reads an answer; what cannot be read says nothing. */
    static AuthorityError of(Backchannel.Answer answer) {
        List<Map<String, @Nullable Object>> places = places(answer.body());
        List<String> codes = new ArrayList<>();
        String description = null;
        for (String name : CODES) {
            places.forEach(place -> addCode(codes, place.get(name)));
        }
        Challenge.parse(answer.challenges()).forEach(challenge -> addCode(codes, challenge.error()));
        for (String name : DESCRIPTIONS) {
            for (Map<String, @Nullable Object> place : places) {
                if (description == null && place.get(name) instanceof String text && !isRegistered(text)) {
                    description = text.substring(0, Math.min(text.length(), LONGEST_DESCRIPTION));
                }
            }
        }
        String code = codes.stream()
                .filter(AuthorityError::isRegistered)
                .findFirst()
                .orElseGet(() -> codes.isEmpty() ? null : codes.get(0));
        return new AuthorityError(code, description);
    }

    private static boolean isRegistered(String code) {
        return REGISTERED.contains(code);
    }

    private static void addCode(List<String> codes, @Nullable Object value) {
        if (value instanceof String text && isCode(text)) {
            codes.add(lastPart(text));
        }
    }

    /** The type of a problem is an address (RFC 9457 section 3.1.1): its last part is the code, if it is a registered one. */
    private static String lastPart(String text) {
        String last = text.substring(Math.max(text.lastIndexOf('/'), text.lastIndexOf(':')) + 1);
        return isRegistered(last) ? last : text;
    }

    /** A problem of the type {@code about:blank} is one that its status says all of (RFC 9457 section 4.2.1). */
    private static boolean isCode(String text) {
        return !text.isEmpty()
                && !text.equals("about:blank")
                && text.length() <= LONGEST_CODE
                && text.chars().allMatch(c -> c >= 0x21 && c <= 0x7e)
                && text.chars().anyMatch(c -> c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z');
    }

    /** The object itself and the objects in it that say more of the error, with their names in one spelling. */
    private static List<Map<String, @Nullable Object>> places(byte[] body) {
        Map<String, @Nullable Object> outermost = normalised(object(body));
        List<Map<String, @Nullable Object>> places = new ArrayList<>(List.of(outermost));
        for (String name : List.of("error", "fault", "errors", "detail")) {
            for (int i = 0, size = places.size(); i < size; i++) {
                Object inner = places.get(i).get(name);
                if (inner instanceof List<?> list && !list.isEmpty()) {
                    inner = list.get(0);
                }
                if (inner instanceof Map<?, ?> map) {
                    places.add(normalised(map));
                }
            }
        }
        return places;
    }

    private static Map<String, @Nullable Object> normalised(Map<?, ?> object) {
        Map<String, @Nullable Object> normalised = new LinkedHashMap<>();
        object.forEach((name, value) -> normalised.putIfAbsent(
                String.valueOf(name).toLowerCase(Locale.ROOT).replace("_", ""), value));
        return normalised;
    }

    /** Text that is no UTF-8 is read as ISO-8859-1, which any bytes are. */
    private static Map<String, @Nullable Object> object(byte[] body) {
        try {
            return Json.object(body);
        } catch (IOException e) {
            try {
                return Json.object(new String(body, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.UTF_8));
            } catch (IOException none) {
                return Map.of();
            }
        }
    }

    /** Never the authority's own words. */
    @Override
    public String toString() {
        return "AuthorityError(" + code + ")";
    }
}
