package dev.dromedar.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import org.junit.jupiter.api.Test;

/** What a failure of the network is called, where a server on loopback cannot be made to fail so each time. */
class NetworkFailureTest {

    /** As Apache with {@code SSLVerifyClient require} does now and then. */
    @Test
    void aTlsConnectionThatIsClosedAtOnceMayLackAClientCertificate() {
        assertThat(NetworkFailure.of(new SocketException("Broken pipe"), true))
                .startsWith("it closed the connection before its answer was whole (Broken pipe).")
                .contains("tls-certificate");
        for (IOException other : new IOException[] {
            new ConnectException("Connection refused"), new NoRouteToHostException("No route to host")
        }) {
            assertThat(NetworkFailure.of(other, true)).doesNotContain("tls-certificate");
        }
        assertThat(NetworkFailure.of(new SocketException("Broken pipe"), false)).doesNotContain("tls-certificate");
    }
}
