package dev.dromedar.oauth;

import dev.dromedar.camel.RouteFileText;
import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.keys.SigningKey;
import dev.dromedar.keys.UnusableCredential;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What strangers and files send into the token client: any input gives a value or one of our own clear errors, and an error
 * quotes nothing. {@link FuzzTest} runs these over the inputs that are kept; CONTRIBUTING.md says how to let a fuzzer
 * (Jazzer) search for others.
 */
public final class Fuzz {
    static final Map<String, Consumer<byte[]>> TARGETS = Map.of(
            "tokenAnswer", Fuzz::tokenAnswer,
            "metadata", Fuzz::metadata,
            "challenges", Fuzz::challenges,
            "privateKey", Fuzz::privateKey,
            "dates", Fuzz::dates,
            "message", dev.dromedar.camel.MessageFuzz::message,
            "foreignText", Fuzz::foreignText,
            "apiAnswer", dev.dromedar.camel.AnswerFuzz::answer);

    private static Consumer<byte[]> target = input -> {};

    private Fuzz() {}

    /** Called by the fuzzer first, with the name of a target. */
    public static void fuzzerInitialize(String[] args) {
        target = java.util.Objects.requireNonNull(TARGETS.get(args[0]), () -> "one of " + TARGETS.keySet());
        target.accept(new byte[0]); // starts what it needs, which is no input's time
    }

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        target.accept(input);
    }

    private static final URI PLACE = URI.create("https://authority.example/connect/token");
    private static final ProofSigner SIGNER = new ProofSigner(SigningKey.generate(SignatureAlgorithm.ES256));
    private static final Time TIME = new MutableTime().time();
    private static final int MOST_OF_A_MESSAGE = 1500;

    /** First byte: status and whether the client has proofs; then the body. */
    static void tokenAnswer(byte[] input) {
        int first = input.length == 0 ? 0 : input[0];
        boolean proof = (first & 1) == 1;
        int status = List.of(200, 400, 401, 500).get((first >> 1) & 3);
        byte[] body = rest(input);
        try {
            AccessToken token = TokenAnswer.read(
                    PLACE,
                    new Backchannel.Answer(status, null, null, null, null, body),
                    new TokenRequest(Set.of("a"), List.of(), null),
                    new ClientAuthentication.SecretPost(Followed.fixed(Secret.of("s3cr3t"))),
                    proof ? SIGNER : null,
                    null,
                    TIME,
                    TIME.now());
            check(token.authorization().chars().allMatch(c -> c >= ' ' && c <= '~'), "a header that cannot be sent");
            check(!token.lifetime().isNegative() && !token.lifetime().isZero(), "a dead token");
            check(token.lifetime().compareTo(Duration.ofDays(1)) <= 0, "a token for good");
            check((token.signer() != null) == proof, "a token of the wrong type");
        } catch (TokenRefused | AuthorityUnavailable e) {
            clear(e);
        }
    }

    static void metadata(byte[] body) {
        try {
            AuthorityMetadata metadata = MetadataDocument.read(
                    "https://authority.example",
                    true,
                    MetadataDocument.TokenHosts.OWN,
                    PLACE,
                    new Backchannel.Answer(200, null, null, null, null, body));
            check(Addresses.mayCarryCredentials(metadata.tokenEndpoint()), "a token endpoint in clear");
            check(metadata.issuer().equals("https://authority.example"), "another issuer");
            Addresses.origin(metadata.tokenEndpoint());
        } catch (AuthorityUnavailable e) {
            clear(e);
        }
    }

    /** Several headers, one a line. */
    static void challenges(byte[] input) {
        List<String> values =
                new String(input, StandardCharsets.ISO_8859_1).lines().toList();
        for (Challenge challenge : Challenge.parse(values)) {
            check(!challenge.scheme().isEmpty(), "no scheme");
            check(challenge.parameters().keySet().stream().noneMatch(String::isEmpty), "no name");
        }
    }

    /** First byte: the algorithm, or none; then the key. */
    static void privateKey(byte[] input) {
        int first = input.length == 0 ? 0 : input[0] & 15;
        SignatureAlgorithm algorithm =
                first < 9 ? List.of(SignatureAlgorithm.values()).get(first) : null;
        String jwk = new String(rest(input), StandardCharsets.UTF_8);
        try {
            SigningKey key = SigningKey.parse(Secret.of(jwk), algorithm, SignatureAlgorithm.PS256);
            check(key.sign(new byte[1]).length > 0, "no signature");
            check(key.thumbprint().length() == 43, "no thumbprint");
        } catch (UnusableCredential e) {
            clear(e);
        }
    }

    static void dates(byte[] input) {
        String value = new String(input, StandardCharsets.ISO_8859_1);
        Duration wait = RetryAfter.of(new Backchannel.Answer(503, null, value, value, null, new byte[0]), TIME);
        check(wait == null || !wait.isNegative() && wait.compareTo(Duration.ofHours(1)) <= 0, "a wait without end");
        var clock = new ServerClock("https://authority.example", TIME);
        clock.learn(value, Duration.ZERO);
        check(clock.shift().abs().compareTo(Duration.ofMinutes(5)) <= 0, "a clock that goes anywhere");
    }

    /** Whatever looks into foreign text ends, keeps its promises, and does the same to what it has cleaned. */
    static void foreignText(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        String wide = new String(input, StandardCharsets.UTF_16BE); // halves of characters too
        for (String one : List.of(text, wide)) {
            ForeignTextTest.ALL.values().forEach(look -> look.accept(one));
            check(ForeignTextTest.isHarmless(ForeignText.line(one)), "a line that steers a terminal");
            check(ForeignText.line(one).length() <= 10 * ForeignText.LONGEST_LINE, "a line without end");
            check(
                    ForeignText.line(ForeignText.line(one)).equals(ForeignText.line(one)) || one.length() > 700,
                    "a line that changes");
            check(RouteFileText.withoutComments(one).length() == one.length(), "comments of another length");
            check(
                    RouteFileText.withoutComments(one).lines().count()
                            == one.lines().count(),
                    "other lines");
            String quoted = "{\"passord\":\"" + one.replace("\\", "").replace("\"", "") + "\"}";
            check(Masking.withoutCredentials(quoted).equals("{\"passord\":\"***\"}") || one.isEmpty(), "a password");
        }
        for (String look : ForeignTextTest.ALL.keySet()) {
            check(
                    ForeignTextTest.work(look, text) <= 60L * text.length() + 100,
                    "work that grows faster than the text");
        }
    }

    private static byte[] rest(byte[] input) {
        return input.length == 0 ? input : java.util.Arrays.copyOfRange(input, 1, input.length);
    }

    private static void clear(RuntimeException e) {
        check(String.valueOf(e.getMessage()).length() < MOST_OF_A_MESSAGE, "a message without end");
        check(
                String.valueOf(e.getMessage()).chars().noneMatch(c -> c < ' ' && c != '\n' || c == 0x7f),
                "a message that breaks a log");
        check(e.getCause() == null, "a cause, which may quote the input");
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
