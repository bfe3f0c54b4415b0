package dev.dromedar.oauth;

import com.nimbusds.jose.jwk.JWK;
import dev.dromedar.keys.Json;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.SigningKey;
import dev.dromedar.keys.UnusableCredential;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.text.ParseException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Replaces the key of one client at HelseID: makes a new one, registers it at Selvbetjening, requests tokens with it until the
 * authority knows it, puts its file in the place of the old one, and removes the old one when the tokens of before have expired.
 * A journal beside the key says which step is done, so that a process that ended anywhere goes on there when it is called again;
 * until the switch, which is one move of a file, the old key is in use. Blocks; of one process at a time.
 */
public final class KeyRotation {
    /** HelseID's cache has needed up to 20 s in its test environment; three times that is waited. */
    static final Duration LONGEST_PROOF = Duration.ofSeconds(90);

    /** What a journal may say of time: beyond it, it was not written here. */
    private static final Instant LAST = Instant.parse("9999-12-31T00:00:00Z");

    private static final Duration LONGEST_LIFE = Duration.ofDays(3660);
    private static final int MOST_SHOWN = 2000;
    private static final Duration BETWEEN = Duration.ofSeconds(5);

    /** What is done. */
    enum Step {
        MADE,
        REGISTERED,
        PROVEN,
        SWITCHED
    }

    /** Waits. */
    @FunctionalInterface
    public interface Pause {
        void of(Duration time) throws InterruptedException;
    }

    /**
     * The journal.
     *
     * @param at when the step was done
     * @param life of a token by the new key, once there was one
     */
    private record Journal(Step step, String kid, Instant at, Duration life) {
        String text() {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("step", step.name().toLowerCase(Locale.ROOT));
            members.put("kid", kid);
            members.put("at", at.toString());
            members.put("tokenSeconds", life.toSeconds());
            return Json.write(members);
        }

        static Journal of(String text) {
            try {
                Map<String, @Nullable Object> members = Json.object(text.getBytes(StandardCharsets.UTF_8));
                var journal = new Journal(
                        Step.valueOf(String.valueOf(members.get("step")).toUpperCase(Locale.ROOT)),
                        String.valueOf(members.get("kid")),
                        Instant.parse(String.valueOf(members.get("at"))),
                        Duration.ofSeconds(Long.parseLong(String.valueOf(members.get("tokenSeconds")))));
                if (journal.at.isBefore(Instant.EPOCH)
                        || journal.at.isAfter(LAST)
                        || journal.life.isNegative()
                        || journal.life.compareTo(LONGEST_LIFE) > 0) {
                    throw new IOException("no time of a rotation");
                }
                return journal;
            } catch (IOException | IllegalArgumentException | DateTimeException e) {
                throw new InvalidSettings(
                        "the journal of the rotation is damaged. The key in use is as it was: remove the"
                                + " files .rotation and .next beside it, and begin again");
            }
        }
    }

    private final ApiSettings api;
    private final KeyPlace place;
    private final KeyRegistry registry;
    private final Function<ApiSettings, TokenEndpoint> endpoints;
    private final Time time;
    private final Pause pause;
    private final Consumer<String> told;

    /**
     * @param endpoints makes the token endpoint for settings with another key
     * @param told gets a line of text after each thing that was done
     */
    KeyRotation(
            ApiSettings api,
            KeyRegistry registry,
            Function<ApiSettings, TokenEndpoint> endpoints,
            Time time,
            Pause pause,
            Consumer<String> told) {
        Path file = api.client().keyLife().file();
        if (file == null) {
            throw new InvalidSettings("dromedar.api." + api.name()
                    + ".private-key must be {{secretfile:...}} and nothing else, without key-id: then its file can"
                    + " be replaced");
        }
        this.api = api;
        this.place = new KeyPlace(file);
        this.registry = registry;
        this.endpoints = endpoints;
        this.time = time;
        this.pause = pause;
        this.told = told;
    }

    /**
     * Rotates, or goes on with the rotation that was begun.
     *
     * @param dryRun says what would be done, lists the registered keys, and changes nothing
     * @throws OAuthException if it stopped; the key that was in use is, unless it had been switched
     * @throws IOException if the disk refused, the same holds
     */
    public void run(boolean dryRun) throws IOException, InterruptedException {
        place.check();
        JWK current = jwk(place.key());
        if (dryRun) {
            look(current);
            return;
        }
        try (var channel = FileChannel.open(
                        place.journal().resolveSibling(place.key().getFileName() + ".lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                var lock = channel.tryLock()) {
            if (lock == null) {
                throw new InvalidSettings("another process rotates this key");
            }
            rotate(current);
        } catch (OverlappingFileLockException e) {
            throw new InvalidSettings("another thread rotates this key");
        }
    }

    private void look(JWK current) {
        registry.list()
                .forEach(key -> told.accept("registered: " + words(key)
                        + (key.is(current.getKeyID(), thumbprint(current)) ? ", in use here" : "")));
        told.accept(
                Files.exists(place.journal())
                        ? "A rotation was begun; it would go on."
                        : "A new key like the old one would be made, registered, tried, and put into " + place.key()
                                + ".");
    }

    private void rotate(JWK current) throws IOException, InterruptedException {
        Journal journal = Files.exists(place.journal()) ? Journal.of(place.read(place.journal())) : null;
        if (journal != null && journal.step != Step.SWITCHED && journal.kid.equals(current.getKeyID())) {
            journal =
                    note(new Journal(Step.SWITCHED, journal.kid, time.now(), journal.life)); // it ended after the move
        }
        boolean resumed = journal != null && journal.step != Step.SWITCHED;
        if (journal == null || resumed && !Files.exists(place.next())) {
            journal = make(current);
        }
        if (journal.step == Step.MADE || resumed) { // it may have been long ago, and the key taken off the list since
            journal = register(journal, current);
        }
        if (journal.step == Step.REGISTERED) {
            journal = prove(journal);
        }
        if (journal.step == Step.PROVEN) {
            place.turn();
            told.accept("The key " + journal.kid + " is in " + place.key() + " now; the previous one is in "
                    + place.previous().getFileName() + ".");
            journal = note(new Journal(Step.SWITCHED, journal.kid, time.now(), journal.life));
        }
        finish(journal);
    }

    private Journal make(JWK current) throws IOException {
        SigningKey old = signing(current);
        if (!Files.exists(place.next())) { // one that no journal knows was never registered, and serves
            JWK made = KeyFile.jwk(SigningKey.generatePair(old.algorithm(), old.size()), old.algorithm());
            place.write(place.next(), made.toJSONString());
        }
        String kid = jwk(place.next()).getKeyID();
        told.accept("Made a key, " + old.algorithm() + " of " + old.size() + " bits, kid " + kid + ".");
        return note(new Journal(Step.MADE, kid, time.now(), Duration.ZERO));
    }

    private Journal register(Journal journal, JWK current) throws IOException {
        JWK next = jwk(place.next());
        Instant ends = null;
        List<String> others = new ArrayList<>();
        for (KeyRegistry.Registered key : registry.list()) {
            if (key.is(next.getKeyID(), thumbprint(next))) {
                ends = key.ends(); // it ended after the registration
            } else if (!key.is(current.getKeyID(), thumbprint(current))) {
                others.add(words(key));
            }
        }
        if (!others.isEmpty()) {
            told.accept("Registered besides the two: " + ForeignText.line(String.join("; ", others), MOST_SHOWN) + ".");
        }
        if (ends == null) {
            ends = registry.register(next.toPublicJWK().toJSONString());
        }
        told.accept("Registered the key " + journal.kid + (ends == null ? "." : ", valid until " + ends + "."));
        return note(new Journal(Step.REGISTERED, journal.kid, time.now(), Duration.ZERO));
    }

    private static String words(KeyRegistry.Registered key) {
        return "kid " + ForeignText.line(String.valueOf(key.kid()), 200) + ", ends " + key.ends();
    }

    private Journal prove(Journal journal) throws IOException, InterruptedException {
        ApiSettings other = api.withKey(signing(jwk(place.next())));
        TokenEndpoint endpoint = endpoints.apply(other);
        Instant limit = time.now().plus(LONGEST_PROOF);
        while (true) {
            try {
                AccessToken token = endpoint.ask(
                                other.tokens().request(), api.tokens().timeLimit())
                        .token();
                told.accept("A token was issued for the key " + journal.kid + ".");
                return note(new Journal(Step.PROVEN, journal.kid, time.now(), token.lifetime()));
            } catch (TokenRefused e) {
                if (!e.error().equals("invalid_client")
                        || !time.now().plus(BETWEEN).isBefore(limit)) {
                    throw e.reworded(
                            "the new key " + journal.kid + " is registered and gives no token, so the old one stays in"
                                    + " use. Run this again later. " + e.getMessage());
                }
                pause.of(BETWEEN);
            }
        }
    }

    /** Tokens of before may live as long as the new key's first. */
    private void finish(Journal journal) throws IOException {
        Instant until = journal.at.plus(journal.life).plusSeconds(60);
        if (time.now().isBefore(until)) {
            told.accept("The previous key is kept until " + until
                    + ", when tokens of before have expired. Run this again then," + " or at the next rotation.");
            return;
        }
        Files.deleteIfExists(place.previous());
        Files.deleteIfExists(place.journal());
        told.accept("The rotation is done: the previous key is removed here. It stays registered until it expires.");
    }

    private Journal note(Journal journal) throws IOException {
        place.write(place.journal(), journal.text());
        told.accept("Journal: " + journal.step.name().toLowerCase(Locale.ROOT) + ".");
        return journal;
    }

    private SigningKey signing(JWK key) {
        return SigningKey.parse(
                Secret.of(key.toJSONString()), null, api.authority().profile().rsaAlgorithm());
    }

    private static String thumbprint(JWK key) {
        try {
            return key.computeThumbprint().toString();
        } catch (com.nimbusds.jose.JOSEException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    private JWK jwk(Path file) throws IOException {
        try {
            JWK key = JWK.parse(place.read(file));
            if (key.isPrivate() && key.getKeyID() != null) {
                return key;
            }
        } catch (ParseException | IllegalArgumentException | IllegalStateException | UnusableCredential e) {
            // reported below, without the library's words: they may quote the key
        }
        throw new InvalidSettings(file + " must hold one private JWK with a kid and nothing else");
    }
}
