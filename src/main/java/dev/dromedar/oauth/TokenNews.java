package dev.dromedar.oauth;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports what becomes of one client's token requests: to the log what is new, to its watchers everything. Thread-safe. */
final class TokenNews {
    private static final Logger LOG = LoggerFactory.getLogger(TokenNews.class);

    private final Supplier<Collection<String>> apis;
    private final Outage outage;
    private final Counters counters;
    private final Time time;
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();

    /** Is called with what becomes of token requests. Returns at once. */
    interface Watcher {
        void requested(Duration took, @Nullable OAuthException failure);

        /** A token is in memory or a failure is: {@link TokenHolder#state()} shows it. */
        void settled();
    }

    /** @param apis the names of the APIs that use the client now */
    TokenNews(Supplier<Collection<String>> apis, Outage outage, Counters counters, Time time) {
        this.apis = apis;
        this.outage = outage;
        this.counters = counters;
        this.time = time;
    }

    void watch(Watcher watcher) {
        watchers.add(watcher);
    }

    void unwatch(Watcher watcher) {
        watchers.remove(watcher);
    }

    void requested(Duration took, @Nullable OAuthException failure) {
        report(watcher -> watcher.requested(took, failure));
    }

    /**
     * @param holder stands for the token, in an outage
     * @param before the failure just before, if there was one
     */
    void succeeded(Object holder, AccessToken token, @Nullable TokenFailure before) {
        counters.tokens.increment();
        LOG.debug("{}: new token, expires {}", names(apis.get()), token.expiresAt());
        if (!answersAgain(holder) && before != null && !(before.reason() instanceof AuthorityUnavailable)) {
            LOG.info("{}: the authority issues tokens again, after {}", names(apis.get()), since(before.since()));
        }
        report(Watcher::settled);
    }

    /**
     * @param before the failure just before this one, if there was one
     * @param servedUntil when the token in memory expires, or null if there is none
     */
    void failed(Object holder, TokenFailure failure, @Nullable TokenFailure before, @Nullable Instant servedUntil) {
        counters.tokenFailures.increment();
        boolean news;
        if (failure.reason() instanceof AuthorityUnavailable) {
            Outage.News kind = outage.begins(holder, apis.get());
            news = kind == Outage.News.OUTAGE;
            if (kind == Outage.News.FURTHER_APIS) {
                LOG.info("{}: no new token either, in the outage of {}", names(apis.get()), outage.authority());
            }
        } else {
            answersAgain(holder);
            news = before == null || !isSame(before.reason(), failure.reason());
        }
        log(failure, news, servedUntil);
        report(Watcher::settled);
    }

    /** The worker is stopping and has cut its connections: no outage. */
    void stopped() {
        counters.tokenFailures.increment();
    }

    /** This token is not wanted any more. */
    void released(Object holder) {
        outage.released(holder);
    }

    /** Each time the number doubles: a worker that always has too many would fill its log. */
    void evicted(int most) {
        counters.evicted.increment();
        long evicted = counters.evicted.sum();
        if (Long.bitCount(evicted) == 1) {
            LOG.warn(
                    "{}: messages request more than {} different tokens; the least recently used are dropped and requested"
                            + " again when needed ({} so far)",
                    names(apis.get()),
                    most,
                    evicted);
        }
    }

    /** A watcher that fails is a fault of this worker's own, and must cost nobody a token. */
    private void report(Consumer<Watcher> what) {
        for (Watcher watcher : watchers) {
            try {
                what.accept(watcher);
            } catch (RuntimeException e) {
                LOG.error("{}: a watcher of tokens failed here", names(apis.get()), e);
            }
        }
    }

    private boolean answersAgain(Object holder) {
        Outage.Ended ended = outage.ends(holder);
        if (ended != null) {
            LOG.info("{}: {} answers again, after {}", names(ended.apis()), outage.authority(), since(ended.since()));
        }
        return ended != null;
    }

    private static boolean isSame(OAuthException one, OAuthException other) {
        return one instanceof TokenRefused first
                && other instanceof TokenRefused second
                && first.error().equals(second.error());
    }

    private void log(TokenFailure failure, boolean news, @Nullable Instant servedUntil) {
        String reason = failure.reason().getMessage();
        String next = words(Duration.ofNanos(Math.max(0, failure.nextTry() - time.nanos())));
        if (!news) {
            LOG.debug("{}: still no new token: {} Next try in {}.", names(apis.get()), reason, next);
        } else if (servedUntil != null) {
            LOG.warn(
                    "{}: {} The token in memory stays in use until {}. Next try in {}.",
                    names(apis.get()),
                    reason,
                    servedUntil,
                    next);
        } else {
            LOG.warn(
                    "{}: {} Calls will fail until a token is obtained. Next try in {}.",
                    names(apis.get()),
                    reason,
                    next);
        }
    }

    /** Without brackets: what stands behind {@code secret-store]:} would be taken out of the log as a secret's value. */
    private static String names(Collection<String> apis) {
        return String.join(", ", apis);
    }

    private String since(Instant moment) {
        return words(Duration.between(moment, time.now()));
    }

    private static String words(Duration time) {
        long seconds = Math.max(1, time.toSeconds());
        return seconds < 120 ? seconds + " s" : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }
}
