package dev.dromedar.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One file that cannot be watched does not end the watching of the others, and is watched again when it can be. */
class WatchedFilesTest {
    private static final World WORLD = new World();

    private final AtomicReference<Supplier<Secret>> broken = new AtomicReference<>(() -> Secret.of("one"));
    private final AtomicReference<Supplier<Secret>> sound = new AtomicReference<>(() -> Secret.of("one"));
    private final Clients clients = WORLD.clients(settings("broken", broken), settings("sound", sound));

    enum Failure {
        RUNTIME_EXCEPTION {
            @Override
            Secret read() {
                throw new IllegalStateException("a path of no meaning");
            }
        },
        LINKAGE_ERROR {
            @Override
            Secret read() {
                throw new NoClassDefFoundError("a provider's class");
            }
        },
        TOO_LARGE {
            @Override
            Secret read() {
                throw new OutOfMemoryError("Required array size too large"); // as Files says it of an endless file
            }
        },
        TOO_DEEP {
            @Override
            Secret read() {
                throw new StackOverflowError();
            }
        };

        abstract Secret read();
    }

    @AfterAll
    static void close() {
        WORLD.close();
    }

    private static ApiSettings settings(String name, AtomicReference<Supplier<Secret>> source) {
        var settings = new World.Settings();
        settings.name = name;
        settings.authentication = new ClientAuthentication.SecretBasic(
                Followed.of("dromedar.api." + name + ".client-secret", name, () -> {
                    Secret now = Objects.requireNonNull(source.get()).get();
                    return new Followed.Content<>(now, () -> now);
                }));
        return settings.build();
    }

    private void look() {
        clients.checkCredentials();
        clients.checkCredentials();
    }

    private Object current(String api) {
        return Objects.requireNonNull(Objects.requireNonNull(clients.named(api))
                        .settings()
                        .client()
                        .authentication()
                        .credential())
                .current();
    }

    @ParameterizedTest
    @EnumSource
    void oneFileThatCannotBeReadEndsNothing(Failure failure) {
        try (var logged = new Logged("dev.dromedar", ch.qos.logback.classic.Level.WARN)) {
            broken.set(failure::read);
            sound.set(() -> Secret.of("two"));

            look();
            look();

            assertThat(current("sound")).isEqualTo(Secret.of("two"));
            assertThat(current("broken")).isEqualTo(Secret.of("one"));
            assertThat(Objects.requireNonNull(clients.named("broken")).credentialFaults())
                    .hasSize(1);
            assertThat(logged.told()).singleElement().asString().contains("dromedar.api.broken.client-secret");
        }
        broken.set(() -> Secret.of("three"));

        look();

        assertThat(current("broken")).isEqualTo(Secret.of("three"));
        assertThat(Objects.requireNonNull(clients.named("broken")).credentialFaults())
                .isEmpty();
    }
}
