package dev.dromedar.sandbox;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Answers that an API gives in turn. A refusal is given to any request; a success only to one that passes the checks.
 * Thread-safe.
 */
public final class Script {
    private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final Nonces nonces;
    private volatile boolean nothingElse;

    Script(Nonces nonces) {
        this.nonces = nonces;
    }

    public Script then(int status) {
        return then(status, List.of());
    }

    public Script then(int status, List<Header> headers) {
        return then(Answer.of(status, headers, ""));
    }

    public Script then(Answer answer) {
        answer.headers().stream()
                .filter(header -> header.name().equalsIgnoreCase("DPoP-Nonce"))
                .forEach(header -> nonces.accept(header.value()));
        answers.add(answer);
        return this;
    }

    /** Requests after the last answer are unexpected: they get a 500 and are counted. */
    public void nothingElse() {
        nothingElse = true;
    }

    /** Answers that nobody has asked for yet. */
    public int left() {
        return answers.size();
    }

    @Nullable
    Answer poll() {
        return answers.poll();
    }

    boolean ended() {
        return nothingElse && answers.isEmpty();
    }
}
