package dev.dromedar.oauth;

import static dev.dromedar.oauth.World.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.UnusableCredential;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What is replaced or removed is released: its token client, its keys and secrets, and the watching of their files. */
class ReleaseTest {
    private static final World WORLD = new World();

    private final ProtectedApi api = WORLD.sandbox.add(Registration.duende("orders-" + System.nanoTime()));

    /** What the secret's file holds; null: it is not there. */
    private final AtomicReference<@Nullable String> file =
            new AtomicReference<>(api.client().secret());

    private final Clients clients = WORLD.clients();

    @AfterAll
    static void close() {
        WORLD.close();
    }

    private World.Settings settings(String name) {
        var settings = World.settings(api);
        settings.name = name;
        settings.profileName = "duende";
        settings.authentication = bySecret("dromedar.api." + name + ".client-secret", this::read);
        return settings;
    }

    private static ClientAuthentication bySecret(String key, Supplier<Secret> source) {
        return new ClientAuthentication.SecretBasic(Followed.of(key, "secrets/orders", () -> {
            Secret now = source.get();
            return new Followed.Content<>(now, () -> now);
        }));
    }

    private Secret read() {
        String text = file.get();
        if (text == null) {
            throw new UnusableCredential("there is no file 'secrets/orders'");
        }
        return Secret.of(new String(text.toCharArray()));
    }

    private void look() {
        clients.checkCredentials();
        clients.checkCredentials();
    }

    private static void assertReleased(List<? extends WeakReference<?>> references) {
        World.eventually(() -> {
            System.gc();
            return references.stream().allMatch(reference -> reference.get() == null);
        });
    }

    private static WeakReference<Object> weak(Object value) {
        return new WeakReference<>(value);
    }

    @Test
    void aHundredEditsOfOneApiLeaveOneClientAndOneCredential() {
        List<WeakReference<Object>> old = new ArrayList<>();
        for (int edit = 0; edit < 100; edit++) {
            var settings = settings("orders");
            settings.authority = api.authority().issuer() + (edit == 99 ? "" : "/" + edit);
            ApiClient client = clients.put(settings.build());
            if (edit < 99) {
                old.add(weak(client.tokens()));
                old.add(weak(Objects.requireNonNull(
                        client.settings().client().authentication().credential())));
            }
        }

        assertReleased(old);
        assertThat(token(Objects.requireNonNull(clients.named("orders")))).isNotNull();
    }

    @Test
    void nothingStaysOfAnApiThatIsRemoved() {
        ApiClient client = clients.put(settings("orders").build());
        token(client);
        List<WeakReference<Object>> old = new ArrayList<>();
        old.add(weak(client.tokens()));
        old.add(weak(Objects.requireNonNull(
                        client.settings().client().authentication().credential())
                .current()));
        client = null;

        clients.remove("orders");

        assertReleased(old);
    }

    @Test
    void aSecretFileThatIsDeletedIsReportedOnceHoweverManyEditsThereWere() {
        for (int edit = 0; edit < 100; edit++) {
            var settings = settings("orders");
            settings.clientId = edit % 2 == 0 ? "one" : "other";
            settings.timeLimit = World.PATIENCE.plusSeconds(edit); // no part of the client's identity
            clients.put(settings.build());
        }
        file.set(null);
        try (var logged = new Logged("dev.dromedar", ch.qos.logback.classic.Level.INFO)) {

            look();
            look();

            assertThat(logged.told()).singleElement().asString().contains("there is no file 'secrets/orders'");
        }
    }

    @Test
    void aTokenThatAnotherApiStillUsesStays() {
        ApiClient one = clients.put(settings("one").build());
        ApiClient other = clients.put(settings("other").build());
        AccessToken shared = token(one);

        clients.remove("one");

        assertThat(token(other)).isSameAs(shared);
        assertThat(other.tokens()).isSameAs(one.tokens());
    }

    /** The client was made from the settings of the API that is gone. */
    @Test
    void aNewSecretReachesAClientWhoseFirstApiIsGone() {
        clients.put(settings("one").build());
        ApiClient other = clients.put(settings("other").build());
        token(other);
        clients.remove("one");
        String next = "another secret";
        api.client().secret(next);
        file.set(next);

        look();

        other.forget();
        assertThat(token(other)).isNotNull();
    }

    @Test
    void aFileThatIsDeletedIsReportedForTheApisThatAreThereOnly() {
        clients.put(settings("one").build());
        clients.put(settings("other").build());
        clients.remove("one");
        file.set(null);
        try (var logged = new Logged("dev.dromedar", ch.qos.logback.classic.Level.INFO)) {

            look();

            assertThat(logged.told()).singleElement().asString().contains("dromedar.api.other.client-secret");
        }
    }

    @Test
    void anEditAfterTheSecretHasChangedKeepsTheToken() {
        ApiClient before = clients.put(settings("orders").build());
        String next = "another secret";
        api.client().secret(next);
        file.set(next);
        look();
        AccessToken token = token(before);
        var edited = settings("orders");
        edited.timeLimit = World.PATIENCE.plusSeconds(1);

        ApiClient after = clients.put(edited.build());

        assertThat(token(after)).isSameAs(token);
    }

    @Test
    void theTokenOfAnEditedScopeIsReleased() {
        List<WeakReference<Object>> old = new ArrayList<>();
        var kept = settings("kept");
        clients.put(kept.build());
        for (int edit = 0; edit < 20; edit++) {
            var settings = settings("orders");
            settings.scope = java.util.Set.of("scope-" + edit);
            ApiClient client = clients.put(settings.build());
            if (edit < 19) {
                old.add(weak(client.usual()));
            }
        }

        assertReleased(old);
    }

    @Test
    void aCallUnderWayEndsWithTheSettingsThatItBeganWith() {
        ApiClient before = clients.put(settings("orders").build());

        clients.remove("orders");

        assertThat(token(before)).isNotNull();
    }
}
