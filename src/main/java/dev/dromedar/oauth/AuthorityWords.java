package dev.dromedar.oauth;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;

/**
 * An authority's own description of a refusal, as {@code check} may show it to the operator who asked for it: on one line, bounded,
 * without anything that was sent there and opens doors, and without what may be a person or a credential by its form. Pure
 * functions.
 */
final class AuthorityWords {
    private static final int LONGEST = 300;
    private static final String STARS = "***";

    private AuthorityWords() {}

    /** Empty where there is nothing to show. */
    static String shown(String description, ApiSettings api, TokenRequest request) {
        String words = description;
        for (Followed<?> credential : api.credentials()) {
            if (credential.current() instanceof Secret secret && description.contains(secret.reveal())) {
                return ""; // what was sent as a secret is in it, in whatever form
            }
        }
        if (request.claims().get(Customer.CITIZEN) instanceof String citizen) {
            words = words.replace(citizen, STARS);
        }
        words = Masking.withoutQueries(words).replaceAll("\\d{11,}", STARS); // may be a person's number
        return ForeignText.joined(words.strip(), LONGEST);
    }
}
