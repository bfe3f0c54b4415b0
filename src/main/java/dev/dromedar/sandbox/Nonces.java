package dev.dromedar.sandbox;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The nonces of one server. Another server's never fit, because each has its own secret. Thread-safe. */
final class Nonces {
    private static final long STEP_SECONDS = 60;
    private static final int STEPS_ACCEPTED = 2;
    private static final Duration ISSUED_GOOD_FOR = Duration.ofMinutes(2);
    private static final int PRUNE_ABOVE = 10_000;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Clock clock;
    private final Map<String, Instant> issued = new ConcurrentHashMap<>();
    private final Map<Long, String> steps = new ConcurrentHashMap<>();
    private volatile NonceUse use;
    private volatile SecretKeySpec secret = newSecret();

    Nonces(NonceUse use, Clock clock) {
        this.use = use;
        this.clock = clock;
    }

    void use(NonceUse other) {
        use = other;
    }

    boolean required() {
        return use != NonceUse.OFF;
    }

    /** Whether every answer brings a new one, a refusal too. */
    boolean inEveryAnswer() {
        return use == NonceUse.EVERY_ANSWER || use == NonceUse.SINGLE_USE;
    }

    /** Forgets every nonce given so far. */
    void expire() {
        secret = newSecret();
        steps.clear();
        issued.clear();
    }

    /** Makes a nonce good that a scripted answer has given. */
    void accept(String nonce) {
        Instant now = clock.instant();
        if (issued.size() > PRUNE_ABOVE) {
            issued.values().removeIf(now::isAfter);
        }
        issued.put(nonce, now.plus(ISSUED_GOOD_FOR));
    }

    boolean accepts(String nonce) {
        Instant until = use == NonceUse.SINGLE_USE ? issued.remove(nonce) : issued.get(nonce);
        if (until != null) {
            return clock.instant().isBefore(until);
        }
        if (inEveryAnswer()) {
            return false;
        }
        long step = step();
        for (long near = step - STEPS_ACCEPTED; near <= step + STEPS_ACCEPTED; near++) {
            if (nonce.equals(ofStep(near))) {
                return true;
            }
        }
        return false;
    }

    /** A nonce to use next. */
    String next() {
        if (!inEveryAnswer()) {
            return ofStep(step());
        }
        byte[] bytes = new byte[18];
        RANDOM.nextBytes(bytes);
        String nonce = Base64.getUrlEncoder().encodeToString(bytes);
        accept(nonce);
        return nonce;
    }

    /** The nonce to send along with an answer to a request that used this one, or null if it should go on using it. */
    @Nullable
    String after(@Nullable String used) {
        return switch (use) {
            case OFF -> null;
            case STEPPED -> used == null || !used.equals(ofStep(step())) ? next() : null;
            case EVERY_ANSWER, SINGLE_USE -> next();
        };
    }

    private long step() {
        return Math.floorDiv(clock.instant().getEpochSecond(), STEP_SECONDS);
    }

    private String ofStep(long step) {
        if (steps.size() > 100) {
            steps.clear();
        }
        return steps.computeIfAbsent(step, number -> {
            try {
                var mac = Mac.getInstance("HmacSHA256");
                mac.init(secret);
                byte[] hash = mac.doFinal(
                        ByteBuffer.allocate(Long.BYTES).putLong(number).array());
                return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static SecretKeySpec newSecret() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return new SecretKeySpec(bytes, "HmacSHA256");
    }
}
