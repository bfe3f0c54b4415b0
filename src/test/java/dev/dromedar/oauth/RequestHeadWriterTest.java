package dev.dromedar.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.hc.core5.http.impl.io.DefaultHttpRequestWriter;
import org.apache.hc.core5.http.impl.io.SessionOutputBufferImpl;
import org.apache.hc.core5.http.io.HttpMessageWriter;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadWriterTest {
    private final RequestHeadWriter writer = new RequestHeadWriter();

    @Test
    void aHeadIsWrittenAsHttpCoreWritesIt() throws Exception {
        var longer = request();
        longer.setHeader(new SecretHeader("DPoP", "a.b-c_d~" + "x".repeat(20_000)));
        var shorter = request();
        shorter.setHeader(new SecretHeader("DPoP", ""));
        shorter.setHeader("Odd", "a\r\nInjected: 1");

        for (var request : new BasicClassicHttpRequest[] {longer, shorter, longer}) {
            assertThat(written(writer, request)).isEqualTo(written(new DefaultHttpRequestWriter(), request));
        }
        assertThat(written(writer, shorter)).doesNotContain("\nInjected").contains("\r\nDPoP: \r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\r\nInjected: 1",
                "a\nb",
                "\u010D\u010AInjected: 1",
                "a\u0000",
                "\u007f",
                "\u00e6",
                "\u0141",
                "\u0420"
            })
    void aSecretThatIsNoAsciiTextIsNotSent(String value) {
        var request = request();
        request.setHeader(new SecretHeader("DPoP", value));

        for (int times = 0; times < 2; times++) {
            assertThatThrownBy(() -> written(writer, request))
                    .isInstanceOf(IOException.class)
                    .message()
                    .doesNotContain("Injected");
        }
    }

    private static BasicClassicHttpRequest request() {
        var request = new BasicClassicHttpRequest("GET", "/records?x=1");
        request.setHeader("Host", "localhost");
        request.setHeader(new SecretHeader("Authorization", "DPoP abc"));
        return request;
    }

    private static String written(
            HttpMessageWriter<org.apache.hc.core5.http.ClassicHttpRequest> writer, BasicClassicHttpRequest request)
            throws Exception {
        var out = new ByteArrayOutputStream();
        var buffer = new SessionOutputBufferImpl(8192);
        writer.write(request, buffer, out);
        buffer.flush(out);
        return out.toString(java.nio.charset.StandardCharsets.ISO_8859_1);
    }
}
