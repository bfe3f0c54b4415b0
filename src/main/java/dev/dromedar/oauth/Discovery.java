package dev.dromedar.oauth;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds an authority's metadata (RFC 8414 section 3, OpenID Connect Discovery section 4) and keeps it for a while: HelseID's
 * rule FK2 advises 24 hours. A failed look-up is never kept; while one fails, metadata found earlier is used on.
 * Thread-safe; blocks while it looks.
 */
final class Discovery {
    private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);
    private static final Duration AGAIN = Duration.ofMinutes(1);

    private final String issuer;
    private final Duration keep;
    private final @Nullable String path;
    private final boolean issuerInMetadata;
    private final @Nullable URI tokenEndpoint;
    private final MetadataDocument.TokenHosts tokenHosts;
    private final Backchannel backchannel;
    private final ServerClock serverClock;
    private final Time time;
    private final ReentrantLock looking = new ReentrantLock();
    private volatile @Nullable Found found;
    private volatile @Nullable Failed failed;

    /**
     * @param lookAgain in ticks
     * @param stale whether a look since has failed
     */
    private record Found(AuthorityMetadata metadata, long at, long lookAgain, boolean stale) {}

    /** The last look-up, if it found nothing; for those alone who waited for it. */
    private record Failed(AuthorityUnavailable reason) {}

    /**
     * @param path where the metadata is, below the issuer; null for the two usual places
     * @param issuerInMetadata whether it must name the issuer. SMART's does not: what stands there is the issuer of OpenID
     *     tokens, often at another address than the API (SMART App Launch 2.2, Conformance)
     * @param tokenEndpoint what a property says instead of metadata, or null
     * @param tokenHosts where metadata may have the token endpoint
     */
    Discovery(
            String issuer,
            Duration keep,
            @Nullable String path,
            boolean issuerInMetadata,
            @Nullable URI tokenEndpoint,
            MetadataDocument.TokenHosts tokenHosts,
            Backchannel backchannel,
            ServerClock serverClock,
            Time time) {
        this.issuer = issuer;
        this.keep = keep;
        this.path = path;
        this.issuerInMetadata = issuerInMetadata;
        this.tokenEndpoint = tokenEndpoint;
        this.tokenHosts = tokenHosts;
        this.backchannel = backchannel;
        this.serverClock = serverClock;
        this.time = time;
    }

    /**
     * The authority's metadata, from memory if it is young enough. Callers who come during a look-up share what it brings.
     *
     * @param limit the most that this blocks
     * @throws AuthorityUnavailable if there is none that may be used
     */
    AuthorityMetadata metadata(Duration limit) {
        if (tokenEndpoint != null) {
            return AuthorityMetadata.configured(issuer, tokenEndpoint);
        }
        Found known = found;
        if (known != null && time.nanos() - known.lookAgain() < 0) {
            return known.metadata();
        }
        Failed before = failed;
        lock(limit);
        try {
            known = found;
            if (known != null && time.nanos() - known.lookAgain() < 0) {
                return known.metadata();
            }
            Failed meanwhile = failed;
            if (known == null && meanwhile != null && meanwhile != before) {
                throw meanwhile.reason().reworded(meanwhile.reason().getMessage());
            }
            known = look(known, limit);
            found = known;
            return known.metadata();
        } finally {
            looking.unlock();
        }
    }

    private void lock(Duration limit) {
        try {
            if (looking.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new AuthorityUnavailable(
                "No metadata of " + issuer + " within " + NetworkFailure.time(limit) + ".", null);
    }

    private Found look(@Nullable Found known, Duration limit) {
        try {
            // With metadata in memory, half of the time is left for using it.
            AuthorityMetadata metadata = lookUp(known == null ? limit : limit.dividedBy(2));
            if (known != null && known.stale()) {
                LOG.info("The metadata of {} can be read again", issuer);
            }
            long now = time.nanos();
            return new Found(metadata, now, now + keep.toNanos(), false);
        } catch (AuthorityUnavailable e) {
            if (known == null) {
                failed = new Failed(e);
                throw e;
            }
            if (!known.stale()) {
                LOG.warn(
                        "{} The metadata found earlier is used on, and looked for again every minute.", e.getMessage());
            }
            return new Found(known.metadata(), known.at(), time.nanos() + AGAIN.toNanos(), true);
        }
    }

    /** The token endpoint failed: look again before the next token, unless that was done in the last minute. */
    void lookAgain() {
        Found known = found;
        long now = time.nanos();
        if (known != null && !known.stale() && now - known.at() > AGAIN.toNanos()) {
            found = new Found(known.metadata(), known.at(), now, false);
        }
    }

    private AuthorityMetadata lookUp(Duration limit) {
        long start = time.nanos();
        AuthorityUnavailable first = null;
        for (URI place : places()) {
            Backchannel.Answer answer = fetch(place, limit.minusNanos(time.nanos() - start));
            try {
                return read(place, answer);
            } catch (AuthorityUnavailable e) {
                first = first == null ? e : first;
                // A server may answer any path with a page of its own, so that a 200 is no reason to stop here either.
                if (answer.status() != 200 && answer.status() / 100 != 4 || answer.status() == 429) {
                    throw first;
                }
            }
        }
        throw Objects.requireNonNull(first);
    }

    /** The OpenID path, as HelseID and Duende serve it, then RFC 8414's, which stands between host and path. */
    private List<URI> places() {
        URI base = URI.create(issuer);
        String folder = base.getRawPath() == null ? "" : Addresses.withoutSlash(base.getRawPath());
        String origin = base.getScheme() + "://" + base.getRawAuthority();
        if (path != null) {
            return List.of(URI.create(origin + folder + path));
        }
        List<URI> places = new ArrayList<>();
        places.add(URI.create(origin + folder + "/.well-known/openid-configuration"));
        places.add(URI.create(origin + "/.well-known/oauth-authorization-server" + folder));
        return places;
    }

    private Backchannel.Answer fetch(URI place, Duration limit) {
        if (limit.toMillis() < 1) {
            throw new AuthorityUnavailable("No time left to read the authority's metadata at " + place + ".", null);
        }
        long start = time.nanos();
        try {
            Backchannel.Answer answer = backchannel.get(place, limit);
            serverClock.learn(answer.date(), Duration.ofNanos(time.nanos() - start));
            return answer;
        } catch (IOException e) {
            throw new AuthorityUnavailable(
                    "Cannot read the authority's metadata at " + place + ": " + NetworkFailure.of(e), null, e);
        }
    }

    private AuthorityMetadata read(URI place, Backchannel.Answer answer) {
        if (answer.status() != 200) {
            throw new AuthorityUnavailable(
                    "No metadata at " + place + ": HTTP " + answer.status()
                            + (answer.status() / 100 == 3 ? ", and redirects are not followed" : "")
                            + (answer.status() >= 500
                                    ? ". The authority itself fails: its operator must look."
                                    : answer.status() == 429
                                            ? ". It has been asked too often: wait, and see who else asks it."
                                            : ". Check the authority's address: its metadata must be there."),
                    RetryAfter.of(answer, time),
                    null);
        }
        return MetadataDocument.read(issuer, issuerInMetadata, tokenHosts, place, answer);
    }
}
