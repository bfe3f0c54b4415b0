package dev.dromedar.sandbox;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/** What one authority or API has seen since it started. Thread-safe. */
public final class Seen {
    final LongAdder requests = new LongAdder();
    final LongAdder accepted = new LongAdder();
    final LongAdder proofs = new LongAdder();
    final LongAdder distinctJti = new LongAdder();
    final LongAdder replays = new LongAdder();
    final LongAdder nonceChallenges = new LongAdder();
    private final Map<String, LongAdder> byClient = new ConcurrentHashMap<>();
    private final Map<Check, LongAdder> byCheck = new ConcurrentHashMap<>();

    void request(String clientId) {
        byClient.computeIfAbsent(clientId, id -> new LongAdder()).increment();
    }

    void refused(Check check) {
        byCheck.computeIfAbsent(check, c -> new LongAdder()).increment();
    }

    public long requests() {
        return requests.sum();
    }

    /** Requests that named this client, refused ones included. */
    public long requests(String clientId) {
        var count = byClient.get(clientId);
        return count == null ? 0 : count.sum();
    }

    /** Requests that passed every check. */
    public long accepted() {
        return accepted.sum();
    }

    public long refusals(Check check) {
        var count = byCheck.get(check);
        return count == null ? 0 : count.sum();
    }

    public Map<Check, Long> refusals() {
        var counts = new EnumMap<Check, Long>(Check.class);
        byCheck.forEach((check, count) -> counts.put(check, count.sum()));
        return counts;
    }

    /** Proofs that were well-formed and signed by their key. */
    public long proofs() {
        return proofs.sum();
    }

    /** Different {@code jti} among those proofs. Less than the proofs: a client has used one again. */
    public long distinctJti() {
        return distinctJti.sum();
    }

    /** Proofs and assertions refused because their {@code jti} had been used. */
    public long replays() {
        return replays.sum();
    }

    /** Answers {@code use_dpop_nonce}. */
    public long nonceChallenges() {
        return nonceChallenges.sum();
    }

    Map<String, Object> asMap() {
        var map = new java.util.LinkedHashMap<String, Object>();
        map.put("requests", requests());
        map.put("accepted", accepted());
        map.put(
                "requests_by_client",
                new TreeMap<>(byClient.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue()
                        .sum()))));
        map.put("refusals", refusals());
        map.put("proofs", proofs());
        map.put("distinct_jti", distinctJti());
        map.put("replays", replays());
        map.put("nonce_challenges", nonceChallenges());
        return map;
    }
}
