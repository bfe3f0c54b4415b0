package dev.dromedar.oauth;

import dev.dromedar.bench.Rounds;
import dev.dromedar.bench.Rounds.Score;
import dev.dromedar.keys.NativeProvider;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.keys.SigningKey;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Proofs on one core, to the signatures of {@code openssl} and of the provider itself. Signs with Corretto's provider if it
 * is on the class path, otherwise with the JDK's: run it both ways, each pinned to one core.
 */
public final class ProofBench {
    private static final Pattern OPENSSL = Pattern.compile("ecdsa.*nistp256.*?s +\\S+s +([0-9.]+) +[0-9.]+");
    private static final URI TARGET = URI.create("https://api.example.no/health-records/v1/changes?since=2026-11-22");

    private ProofBench() {}

    public static void main(String[] args) throws Exception {
        int rounds = Integer.getInteger("rounds", 15);
        SigningKey key = SigningKey.generate(SignatureAlgorithm.ES256);
        var signer = new ProofSigner(key);
        String hash = AccessToken.hashOf("t".repeat(936));
        String proof = signer.sign("GET", TARGET, hash, null, 1);
        byte[] input = proof.substring(0, proof.lastIndexOf('.')).getBytes(StandardCharsets.US_ASCII);
        boolean fast = NativeProvider.found() != null;
        var measured = new Rounds(rounds, Duration.ofMillis(300))
                .addScored("openssl", ProofBench::openssl)
                .add("signature", () -> key.sign(input))
                .add("proof", () -> signer.sign("GET", TARGET, hash, null, System.nanoTime()))
                .run();

        String provider = fast ? "Corretto" : "JDK's";
        System.out.printf(
                "%nProofs, one core: %s provider, Java %s, %d rounds; openssl %s signatures, provider %s, proofs %s a CPU second%n",
                provider,
                Runtime.version().feature(),
                rounds,
                measured.figure("openssl", Score::perCpuSecond),
                measured.figure("signature", Score::perCpuSecond),
                measured.figure("proof", Score::perCpuSecond));
        if (fast) {
            Rounds.row(
                    "ES256 proofs (Corretto) to openssl signatures",
                    measured.ratio("proof", "openssl", Score::perCpuSecond),
                    "1.0",
                    "1.15");
        } else {
            Rounds.row(
                    "ES256 proofs (JDK) to bare JDK signatures",
                    measured.ratio("proof", "signature", Score::perCpuSecond),
                    "0.95",
                    "0.98");
        }
        Rounds.row(
                "proof work that is not the signature, us",
                measured.difference("proof", "signature", Score::cpuMicros),
                "2",
                "1");
    }

    /** {@code openssl speed} counts signatures in CPU seconds of its own. */
    private static Score openssl() throws IOException, InterruptedException {
        Process openssl = new ProcessBuilder("openssl", "speed", "-seconds", "1", "ecdsap256")
                .redirectErrorStream(true)
                .start();
        String said = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        openssl.waitFor(60, TimeUnit.SECONDS);
        Matcher done = Pattern.compile("Doing 256 bits? sign ecdsa's for \\S+: (\\d+) .*? in ([0-9.]+)s")
                .matcher(said);
        if (done.find()) {
            double seconds = Double.parseDouble(done.group(2));
            return new Score(Long.parseLong(done.group(1)), seconds, seconds);
        }
        Matcher line = OPENSSL.matcher(said);
        if (!line.find()) {
            throw new IOException("openssl speed said: " + said);
        }
        return new Score((long) Double.parseDouble(line.group(1)), 1, 1);
    }
}
