package dev.dromedar;

import dev.dromedar.camel.Apis;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.PublicApi;
import java.util.Set;

/**
 * The way to the APIs from Java: {@code door.api("orders").send(request, BodyHandlers.ofString())}. Thread-safe; one for an
 * application is enough.
 */
@PublicApi
public final class Door implements AutoCloseable {
    private final Apis apis;
    private final boolean own;

    Door(Apis apis, boolean own) {
        this.apis = apis;
        this.own = own;
    }

    /**
     * The API of a name. It follows edits of the API's properties where those are reloaded.
     *
     * @throws InvalidSettings if there is no such API; the message names those that there are
     */
    public Api api(String name) {
        apis.check(name);
        return new Api(apis, name);
    }

    /** The names of all APIs, sorted. */
    public Set<String> names() {
        return apis.names();
    }

    /**
     * Closes connections and forgets the tokens; calls under way fail. After {@link Dromedar#install} this does nothing:
     * there the APIs stop with their Camel context.
     */
    @Override
    public void close() {
        if (own) {
            apis.close();
        }
    }
}
