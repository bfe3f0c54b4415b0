package dev.dromedar.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.keys.SigningKey;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import org.jspecify.annotations.Nullable;

/** Two requests share a token exactly when nothing that shapes it differs, and nobody ever sees another's. */
class TokenIdentityTest {
    private static final List<SigningKey> KEYS =
            List.of(SigningKey.generate(SignatureAlgorithm.ES256), SigningKey.generate(SignatureAlgorithm.ES256));

    /** What shapes a token, in a form that is compared by value and without the product's own words for it. */
    record Shape(
            int authority,
            int client,
            int credential,
            int proof,
            Set<String> scope,
            Set<String> resource,
            @Nullable Map<String, Integer> details,
            Map<String, String> claims) {}

    /** What does not shape it. */
    record Rest(String name, int address, int profile, int patience, int policy, long order) {}

    @Provide
    Arbitrary<Shape> shapes() {
        Arbitrary<Integer> two = Arbitraries.integers().between(0, 1);
        Arbitrary<@Nullable Map<String, Integer>> details =
                Arbitraries.maps(Arbitraries.of("a", "b"), two).ofMaxSize(2).injectNull(0.5);
        return Combinators.combine(
                        two,
                        two,
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.of("a", "b", "a b").set().ofMaxSize(2),
                        Arbitraries.of("https://a.example", "https://b.example")
                                .set()
                                .ofMaxSize(2),
                        details,
                        Arbitraries.maps(
                                        Arbitraries.of("consumer_org", "pid", "authorization_details", "other"),
                                        Arbitraries.of("a", "b"))
                                .ofMaxSize(3))
                .as(Shape::new);
    }

    @Provide
    Arbitrary<Rest> rests() {
        Arbitrary<Integer> two = Arbitraries.integers().between(0, 1);
        return Combinators.combine(Arbitraries.of("x", "y", "z"), two, two, two, two, Arbitraries.longs())
                .as(Rest::new);
    }

    private static ApiSettings settings(String name, Shape shape, Rest rest) {
        var settings = new World.Settings();
        settings.name = name;
        settings.baseAddress = URI.create("https://api" + rest.address() + ".example");
        settings.profileName = List.of("helseid", "oauth2").get(rest.profile());
        settings.authority = "https://authority" + shape.authority() + ".example";
        settings.clientId = "client" + shape.client();
        settings.authentication = List.of(
                        new ClientAuthentication.SecretBasic(Followed.fixed(Secret.of("one"))),
                        new ClientAuthentication.SecretBasic(Followed.fixed(Secret.of("two"))),
                        new ClientAuthentication.SecretPost(Followed.fixed(Secret.of("one"))),
                        World.privateKeyJwt(KEYS.get(0), "JWT", Duration.ofSeconds(10 + rest.patience())),
                        World.privateKeyJwt(KEYS.get(1), "JWT", Duration.ofSeconds(10)))
                .get(shape.credential());
        settings.proof = shape.proof() > 0;
        settings.proofKey = shape.proof() > 1 ? KEYS.get(shape.proof() - 2) : null;
        settings.scopePolicy = List.of(ApiSettings.ScopePolicy.values()).get(rest.policy());
        settings.timeLimit = Duration.ofSeconds(1 + rest.patience());
        settings.renewAhead = Duration.ofSeconds(1 + rest.patience());
        settings.request = new TokenRequest(
                Set.copyOf(shuffled(shape.scope(), rest)),
                shuffled(shape.resource(), rest),
                shape.details() == null ? null : map(shuffled(shape.details().keySet(), rest), shape.details(), rest),
                claims(shuffled(shape.claims().keySet(), rest), shape.claims()));
        return settings.build();
    }

    private static List<String> shuffled(Set<String> values, Rest rest) {
        List<String> shuffled = new ArrayList<>(values);
        java.util.Collections.shuffle(shuffled, new Random(rest.order()));
        return shuffled;
    }

    private static Map<String, Object> claims(List<String> order, Map<String, String> values) {
        Map<String, Object> claims = new LinkedHashMap<>();
        order.forEach(name -> claims.put(name, List.of(String.valueOf(values.get(name)))));
        return claims;
    }

    /** In any order, and with numbers of any Java type: as JSON they are the same. */
    private static Map<String, Object> map(List<String> order, Map<String, Integer> values, Rest rest) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (String name : order) {
            Integer value = values.get(name);
            map.put(name, value != null && rest.order() % 2 == 0 ? (Object) value.longValue() : value);
        }
        return map;
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void twoApisShareATokenExactlyWhenNothingThatShapesItDiffers(
            @ForAll("shapes") Shape one,
            @ForAll("shapes") Shape random,
            @ForAll int difference,
            @ForAll("rests") Rest rest,
            @ForAll("rests") Rest otherRest)
            throws Exception {
        Shape two = differingInOne(one, random, difference);
        try (var clients = new Clients(
                List.of(settings("one", one, rest), settings("two", two, otherRest)),
                SSLContext.getDefault(),
                Duration.ofSeconds(1),
                Time.SYSTEM)) {
            List<TokenHolder> holders =
                    clients.all().stream().map(ApiClient::usual).toList();

            assertThat(holders.get(0) == holders.get(1)).isEqualTo(one.equals(two));
        }
    }

    /** Two shapes at random nearly always differ in much; those that differ in one thing, or none, are what tells. */
    private static Shape differingInOne(Shape one, Shape random, int which) {
        int part = Math.floorMod(which, 10);
        return new Shape(
                part == 0 || part == 8 ? random.authority() : one.authority(),
                part == 1 || part == 8 ? random.client() : one.client(),
                part == 2 || part == 8 ? random.credential() : one.credential(),
                part == 3 || part == 8 ? random.proof() : one.proof(),
                part == 4 || part == 8 ? random.scope() : one.scope(),
                part == 5 || part == 8 ? random.resource() : one.resource(),
                part == 6 || part == 8 ? random.details() : one.details(),
                part == 9 || part == 8 ? random.claims() : one.claims());
    }

    private static final World WORLD = new World();
    private static final List<ProtectedApi> APIS = apis();

    @AfterContainer
    static void close() {
        WORLD.close();
    }

    /** Two APIs of one client, two clients of their own, one without proofs, two with secrets. */
    private static List<ProtectedApi> apis() {
        List<ProtectedApi> apis = new ArrayList<>();
        apis.add(WORLD.sandbox.add(Registration.helseid("p1").withAlgorithm("ES256")));
        apis.add(WORLD.sandbox.add(Registration.helseid("p2").withClientOf("p1")));
        apis.add(WORLD.sandbox.add(Registration.helseid("p3").withAlgorithm("ES384")));
        apis.add(WORLD.sandbox.add(Registration.helseid("p4").withAlgorithm("ES256")));
        apis.add(WORLD.sandbox.add(Registration.helseid("p5").withoutDpop().withAlgorithm("ES256")));
        apis.add(WORLD.sandbox.add(Registration.duende("p6").withSecret("six")));
        apis.add(WORLD.sandbox.add(Registration.duende("p7").withSecret("seven")));
        return apis;
    }

    @Property(tries = 10, shrinking = net.jqwik.api.ShrinkingMode.OFF)
    void nobodyEverSeesAnothersToken(@ForAll long seed) throws IOException {
        Clients clients = WORLD.clients(APIS.stream()
                .map(api -> {
                    var settings = World.settings(api);
                    if (api.name().equals("p2")) { // p1's client: the same key
                        settings.authentication = World.settings(APIS.get(0)).authentication;
                    }
                    return settings.build();
                })
                .toArray(ApiSettings[]::new));
        var turn = new AtomicInteger();
        try {
            List<Object> outcomes = World.atOnce(8, () -> {
                var random = new Random(seed + turn.incrementAndGet());
                for (int i = 0; i < 40; i++) {
                    ProtectedApi api = APIS.get(random.nextInt(APIS.size()));
                    ApiClient client = java.util.Objects.requireNonNull(clients.named(api.name()));
                    Set<String> scope = random.nextBoolean()
                            ? client.settings().tokens().request().scope()
                            : Set.of();
                    var request = new TokenRequest(scope, List.of(), null);
                    AccessToken token = client.token(request);
                    assertThat(wrong(api, scope, token)).isEmpty();
                    if (random.nextInt(4) == 0) {
                        client.answered(request, token, api.baseAddress(), 200, null);
                        client.recovers(request, token, List.of(), null, null);
                    }
                }
                return "all its own";
            });

            assertThat(outcomes).containsOnly("all its own");
        } finally {
            clients.close();
        }
    }

    /** What in a token is not as it was asked for. */
    private static String wrong(ProtectedApi api, Set<String> scope, AccessToken token) throws Exception {
        var claims = SignedJWT.parse(token.value().reveal()).getJWTClaimsSet();
        Set<String> wanted = scope.isEmpty() ? new TreeSet<>(api.client().scopes()) : scope;
        Object granted = claims.getClaim("scope");
        Set<String> got = new TreeSet<>(
                granted instanceof List<?> list
                        ? list.stream().map(String::valueOf).toList()
                        : List.of(String.valueOf(granted).split(" ", -1)));
        Map<String, Object> confirmation = claims.getJSONObjectClaim("cnf");
        Object key = confirmation == null ? null : confirmation.get("jkt");
        Object ours = token.signer() == null ? null : token.signer().key().thumbprint();
        return (api.client().id().equals(claims.getStringClaim("client_id")) ? "" : "client ")
                + (api.authority().issuer().equals(claims.getIssuer()) ? "" : "authority ")
                + (wanted.equals(got) ? "" : "scope " + wanted + got)
                + (java.util.Objects.equals(key, ours)
                                && (ours != null) == api.registration().dpop()
                        ? ""
                        : "key");
    }
}
