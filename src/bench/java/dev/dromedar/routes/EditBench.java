package dev.dromedar.routes;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A site of 200 routes is edited at random, well and badly, with reload on, while its routes are called. Ends with 1 if the
 * worker is not then as a fresh start on the same files, or an exchange was lost.
 */
public final class EditBench {
    private static final int FILES = 67;

    private EditBench() {}

    /** Takes minutes (10 by default), the seed (1) and the number of files with three routes each (67). */
    public static void main(String[] args) throws Exception {
        long minutes = args.length < 1 ? 10 : Long.parseLong(args[0]);
        long seed = args.length < 2 ? 1 : Long.parseLong(args[1]);
        int files = args.length < 3 ? FILES : Integer.parseInt(args[2]);
        Path site = Files.createTempDirectory("edits");
        var pauses = new Random(seed + 1);
        boolean good;
        try (var edits = new RandomEdits(site, files, seed)) {
            edits.load();
            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes);
            while (System.nanoTime() < end) {
                edits.edit();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauses.nextInt(1500)));
            }
            edits.settle();
            Map<String, String> now = edits.state();
            Map<String, String> fresh = edits.stateOfAFreshStart();
            System.out.println(edits.summary() + ", seed " + seed);
            fresh.forEach((key, value) -> differ(key, now.get(key), value));
            now.forEach((key, value) -> differ(key, value, fresh.get(key)));
            var failures = edits.failures();
            failures.forEach(System.out::println);
            good = now.equals(fresh) && failures.isEmpty();
        }
        System.out.println(
                good ? "As a fresh start, and no exchange lost." : "Not as a fresh start, or something lost.");
        System.exit(good ? 0 : 1);
    }

    private static void differ(String key, Object now, Object fresh) {
        if (!String.valueOf(now).equals(String.valueOf(fresh))) {
            System.out.println(key + "\n  is    " + now + "\n  fresh " + fresh);
        }
    }
}
