package dev.dromedar.camel;

import dev.dromedar.oauth.Addresses;
import dev.dromedar.oauth.ApiClient;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collection;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Which addresses are those of APIs, as the settings stand now. Thread-safe. */
final class ApiPlaces {
    private final Supplier<? extends Collection<ApiClient>> apis;

    ApiPlaces(Supplier<? extends Collection<ApiClient>> apis) {
        this.apis = apis;
    }

    /** Whether an API is on that scheme, host and port, at whatever path. One that cannot be read could be. */
    boolean isOrigin(String address) {
        try {
            return isOrigin(new URI(address));
        } catch (URISyntaxException e) {
            return true;
        }
    }

    boolean isOrigin(@Nullable URI address) {
        if (address == null || address.getHost() == null || address.getScheme() == null) {
            return true;
        }
        for (ApiClient api : apis.get()) {
            URI base = api.settings().baseAddress();
            if (Addresses.isAt(address, base.getScheme(), base.getHost(), base.getPort())) {
                return true;
            }
        }
        return false;
    }

    /** The API whose base address is nearest above an address, or null. */
    @Nullable
    ApiClient above(URI address) {
        ApiClient nearest = null;
        for (ApiClient api : apis.get()) {
            if (api.covers(address)
                    && (nearest == null
                            || length(api.settings().baseAddress())
                                    > length(nearest.settings().baseAddress()))) {
                nearest = api;
            }
        }
        return nearest;
    }

    private static int length(URI base) {
        return base.toString().length();
    }
}
