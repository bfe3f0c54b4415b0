package dev.dromedar.oauth;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every input that a fuzzer ever found interesting, and a thousand broken ones of each. */
@Tag("long")
class FuzzTest {
    static Stream<Arguments> inputs() throws Exception {
        Path all = Path.of(
                Objects.requireNonNull(FuzzTest.class.getResource("fuzz")).toURI());
        List<Arguments> inputs = new ArrayList<>();
        for (String target : Fuzz.TARGETS.keySet().stream().sorted().toList()) {
            try (Stream<Path> files = Files.list(all.resolve(target))) {
                files.sorted().forEach(file -> inputs.add(Arguments.of(target, file.getFileName(), file)));
            }
        }
        return inputs.stream();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("inputs")
    void isAValueOrAClearError(String target, Path name, Path file) throws IOException {
        byte[] input = Files.readAllBytes(file);
        var read = Objects.requireNonNull(Map.copyOf(Fuzz.TARGETS).get(target));

        assertThatCode(() -> read.accept(input)).doesNotThrowAnyException();

        var random = new Random(name.toString().hashCode());
        boolean slow = java.util.Set.of("privateKey", "message", "apiAnswer").contains(target);
        for (int i = 0; i < (slow ? 50 : 1000); i++) {
            byte[] broken = broken(input, random);
            assertThatCode(() -> read.accept(broken)).doesNotThrowAnyException();
        }
    }

    /** A few bytes changed, or cut off, or said twice. */
    private static byte[] broken(byte[] input, Random random) {
        byte[] broken = java.util.Arrays.copyOf(
                input, random.nextInt(8) == 0 ? random.nextInt(input.length + 1) : input.length);
        for (int i = 0; i < 1 + random.nextInt(3) && broken.length > 0; i++) {
            int at = random.nextInt(broken.length);
            broken[at] = random.nextBoolean() ? (byte) random.nextInt(256) : broken[random.nextInt(broken.length)];
        }
        return broken;
    }
}
