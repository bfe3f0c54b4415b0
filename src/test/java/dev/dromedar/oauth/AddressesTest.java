package dev.dromedar.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressesTest {
    @ParameterizedTest(name = "{2}: {1} under {0}")
    @CsvSource({
        "https://api.example/v1, https://api.example/v1, true",
        "https://api.example/v1, https://api.example/v1/, true",
        "https://api.example/v1, https://api.example/v1/records?x=/../y#z, true",
        "https://api.example/v1/, https://api.example/v1/records, true",
        "https://api.example/v1/, https://api.example/v1, true",
        "https://api.example/v1, https://API.Example:443/v1/records, true",
        "https://api.example, https://api.example/anything/../at/all, true",
        "https://api.example/v1, https://api.example/v1/a.b/..c/d.., true",
        "https://api.example/v1, https://api.example/v1/caf%C3%A9/a%20b/100%25, true",
        "http://[::1]:8080/v1, http://[::1]:8080/v1/x, true",
        "https://api.example/v1, https://api.example/v10, false",
        "https://api.example/v1, https://api.example/V1/x, false",
        "https://api.example/v1, https://api.example/, false",
        "https://api.example/v1, https://api.example, false",
        "https://api.example/v1, http://api.example/v1/x, false",
        "https://api.example/v1, https://api.example:8443/v1/x, false",
        "https://api.example/v1, https://api.example.evil.example/v1/x, false",
        "https://api.example/v1, https://api.example@evil.example/v1/x, false",
        "https://api.example/v1, https://evil.example/v1/x, false",
        "https://api.example/v1, https://user:password@api.example/v1/x, false",
        "https://api.example/v1, /v1/x, false",
        "https://api.example/v1, mailto:v1@api.example, false",
        "https://api.example/v1, https://api.example/v1/../admin, false",
        "https://api.example/v1, https://api.example/v1/.., false",
        "https://api.example/v1, https://api.example/v1/%2e%2E/admin, false",
        "https://api.example/v1, https://api.example/v1/.%2e/admin, false",
        "https://api.example/v1, https://api.example/v1/x%2f..%2f..%2fadmin, false",
        "https://api.example/v1, https://api.example/v1/x%5c..%5c..%5cadmin, false",
        "https://api.example/v1, https://api.example/v1/%252e%252e/admin, false",
        "https://api.example/v1, https://api.example/v1/%25252e%25252e/admin, false",
        "https://api.example/v1, https://api.example/v1/x%252f..%252f..%252fadmin, false",
        "https://api.example/v1, https://api.example/v1/..;x=y/admin, false",
        "https://api.example/v1, https://api.example/v1%2fx, false",
        "https://api.example/v1, https://api.example/v1/..%00/x, false",
        "https://api.example/v1, https://api.example/v1/..%09, false",
        "https://api.example/v1, https://api.example/v1/..%20/x, false",
        "https://api.example/v1, https://api.example/v1/a%0d%0ab, false",
        "https://api.example/v1, https://api.example/v1/%c0%ae%c0%ae/x, false",
        "https://api.example/v1, https://api.example/v1/%e0%80%ae./x, false",
        "https://api.example/v1, https://api.example/v1/%25c0%25ae/x, false",
        "https://api.example/v1, https://api.example/v1/a%5cb, false",
        "https://api.example/v1, https://api.example/v1/%EF%BC%8E%EF%BC%8E/x, false",
        "https://api.example/v1, https://api.example/v1/%E2%80%A5/x, false",
        "https://api.example/v1, https://api.example./v1/x, false",
        "https://api.example/v1, https://api.example/v1/a%2Fb, true",
        "https://api.example/v1, https://api.example/v1/%E6%F8%E5, true",
    })
    void credentialsGoToTheBaseAddressAndBelowItOnly(URI base, URI address, boolean under) {
        assertThat(Addresses.isUnder(base, address)).isEqualTo(under);
    }

    @ParameterizedTest(name = "{4}: {0} at {1} {2} {3}")
    @CsvSource({
        "https://api.example/v1, https, api.example, -1, true",
        "https://api.example/v1, https, API.example, 443, true",
        "HTTPS://API.example:443/v1, https, api.example, -1, true",
        "http://[::1]:8080/v1, http, ::1, 8080, true",
        "http://[::1]:8080/v1, http, [::1], 8080, true",
        "http://localhost, http, localhost, 80, true",
        "https://api.example/v1, http, api.example, 443, false",
        "https://api.example/v1, https, api.example, 8443, false",
        "https://api.example/v1, https, evil.example, 443, false",
        "mailto:v1@api.example, https, api.example, 443, false",
    })
    void anOriginIsSchemeHostAndPort(URI address, String scheme, String host, int port, boolean at) {
        assertThat(Addresses.isAt(address, scheme, host, port)).isEqualTo(at);
    }

    @ParameterizedTest(name = "{1}: {0}")
    @CsvSource({
        "https://authority.example, true",
        "HTTPS://authority.example/path, true",
        "http://localhost:8080, true",
        "http://LOCALHOST, true",
        "http://127.0.0.1, true",
        "http://127.1.2.3:80, true",
        "http://[::1]:8080/x, true",
        "http://authority.example, false",
        "http://127.0.0.1.evil.example, false",
        "http://localhost.evil.example, false",
        "http://128.0.0.1, false",
        "http://0.0.0.0, false",
        "https://user:password@authority.example, false",
        "ftp://authority.example, false",
        "https:authority.example, false",
        "/path, false",
    })
    void credentialsTravelEncryptedOrNotAtAll(URI address, boolean may) {
        assertThat(Addresses.mayCarryCredentials(address)).isEqualTo(may);
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "https://API.example/x, https://api.example:443",
        "http://api.example, http://api.example:80",
        "HTTPS://api.example:8443?x, https://api.example:8443",
        "http://[::1]:8080, http://[::1]:8080",
    })
    void anOriginHasOneSpelling(URI address, String origin) {
        assertThat(Addresses.origin(address)).isEqualTo(origin);
    }
}
