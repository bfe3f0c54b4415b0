package dev.dromedar.sandbox;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The sandbox in tests with JUnit 5: strict authorities and APIs on loopback, with the answers and faults that a test gives.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final SandboxExtension sandbox = new SandboxExtension().with("patients", "helseid", "nhn:patients/read");
 *
 * @Test
 * void readsAPatient() {
 *     sandbox.api("patients").respond(request -> Answer.of(200, "application/json", "{\"id\":\"7\"}"));
 *
 *     new PatientClient(sandbox.properties()).read("7"); // dromedar.api.patients.*: addresses, client, key
 *
 *     assertEquals("/patients/7", sandbox.api("patients").received().get(0).path());
 * }
 * }</pre>
 *
 * A client of another kind finds what it needs in {@link #issuer} and {@link #client}. As a static field it starts once for the
 * class; answers, faults and what was seen go after each test. As a field of the instance it starts for each test. A request
 * that a {@linkplain Script#nothingElse() finished script} did not expect fails the test. Thread-safe between tests only.
 */
public final class SandboxExtension
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    private final List<Wanted> wanted = new ArrayList<>();
    private @Nullable Sandbox sandbox;
    private boolean once;

    private record Wanted(String profile, Registration registration) {}

    /** An API under a profile's authority, with a client as most have it there: a secret at Duende, otherwise a key. */
    public SandboxExtension with(String api, String profile, String scope) {
        return with(Registration.under(profile, api, scope), profile);
    }

    /** An API and its client, in every detail. */
    public SandboxExtension with(Registration registration, String profile) {
        if (sandbox != null) {
            throw new IllegalStateException("the sandbox has started; name its APIs before");
        }
        wanted.add(new Wanted(profile, registration));
        return this;
    }

    /** The sandbox itself; started if it is not. */
    public synchronized Sandbox sandbox() {
        Sandbox started = sandbox;
        if (started == null) {
            started = Sandbox.withoutApis(Sandbox.Options.plain());
            sandbox = started;
            for (Wanted each : wanted) {
                started.add(each.registration(), each.profile());
            }
        }
        return started;
    }

    /**
     * An API: its answers, faults, and what it has received.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public ProtectedApi api(String name) {
        return sandbox().api(name);
    }

    /** The client of an API: its id, and its key or secret. */
    public Client client(String api) {
        return api(api).client();
    }

    /** The issuer identifier of an API's authority; its metadata are where RFC 8414 says. */
    public String issuer(String api) {
        return api(api).authority().issuer();
    }

    /** All that a client in the test needs, as Dromedar's {@code dromedar.api.*}: keys and secrets too. */
    public Properties properties() {
        var properties = new Properties();
        Map<String, String> all = new LinkedHashMap<>();
        for (ProtectedApi api : sandbox().apis()) {
            sandbox().settings(api).forEach((key, value) -> all.put("dromedar.api." + api.name() + "." + key, value));
        }
        properties.putAll(all);
        return properties;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        once = true;
        sandbox();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        sandbox();
    }

    /** Throws an AssertionError if a script was at its end when a request came. */
    @Override
    public void afterEach(ExtensionContext context) {
        Sandbox used = sandbox();
        List<String> surprised = used.apis().stream()
                .filter(api -> api.forgetUnexpected() > 0)
                .map(ProtectedApi::name)
                .toList();
        if (once) {
            used.apis().forEach(api -> {
                api.respond(null);
                api.forgetScript();
                api.origin().heal();
                api.origin().forgetReceived();
                api.authority().origin().heal();
                api.authority().origin().forgetReceived();
            });
        } else {
            close();
        }
        if (!surprised.isEmpty()) {
            throw new AssertionError("Requests came after the last answer of a script: " + surprised);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    private synchronized void close() {
        Objects.requireNonNull(sandbox).close();
        sandbox = null;
    }
}
