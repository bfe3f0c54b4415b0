package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.RawServer;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.http.base.cookie.ExchangeCookieHandler;
import org.apache.camel.http.base.cookie.InstanceCookieHandler;
import org.apache.hc.client5.http.cookie.BasicCookieStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session cookie is as good as a token: it belongs to one, and goes nowhere else. */
class CookiesTest {
    private final Worker worker = new Worker();
    private final AtomicInteger count = new AtomicInteger();
    private final RawServer api = new RawServer(
            request -> RawServer.answer(200, "Set-Cookie: session=" + count.incrementAndGet() + "; Path=/\r\n", "{}"));
    private final RawServer authority = new RawServer(request -> RawServer.answer(
            200, "Content-Type: application/json\r\nSet-Cookie: authority=1\r\n", ApiConnectionsTest.TOKEN));

    @AfterEach
    void close() {
        worker.close();
        api.close();
        authority.close();
    }

    /** Two APIs of one address, and a step that names one of them for an organisation. */
    private void start(String options) throws Exception {
        for (String name : new String[] {"one", "two"}) {
            worker.api(name, api.uri() + "/base", authority.uri() + "/token", "scope", "a");
            for (String organisation : new String[] {"A", "B"}) {
                worker.route(
                        name + organisation,
                        "setProperty: {name: DromedarScope, constant: \"org:" + organisation + "\"}",
                        "process: {ref: " + name + "}",
                        "to: \"" + api.uri() + "/base/x" + options + "\"",
                        "removeHeaders: {pattern: \"*\"}");
            }
        }
        worker.context.getRegistry().bind("store", new BasicCookieStore());
        worker.context.getRegistry().bind("instance", new InstanceCookieHandler());
        worker.context.getRegistry().bind("exchange", new ExchangeCookieHandler());
        worker.start();
    }

    private String sent(String route) {
        assertThat(worker.send(route).getException()).as(route).isNull();
        String cookie = api.received().get(api.received().size() - 1).header("Cookie");
        return cookie == null ? "none" : cookie;
    }

    @Test
    void noneIsKeptUnlessTheRouteAsks() throws Exception {
        start("");

        for (String route : new String[] {"oneA", "oneA", "oneB", "twoA"}) {
            assertThat(sent(route)).isEqualTo("none");
        }
        assertThat(authority.received())
                .allSatisfy(request -> assertThat(request.header("Cookie")).isNull());
    }

    @ParameterizedTest
    @ValueSource(strings = {"?cookieStore=#store", "?cookieHandler=#instance", "?cookieHandler=#exchange"})
    void oneThatIsAskedForStaysWithItsApiAndToken(String option) throws Exception {
        start(option);

        assertThat(sent("oneA")).isEqualTo("none");
        assertThat(sent("oneB")).isEqualTo("none");
        assertThat(sent("twoA")).isEqualTo("none");
        assertThat(sent("oneA")).isEqualTo("session=1");
        assertThat(sent("oneB")).isEqualTo("session=2");
        assertThat(sent("twoA")).isEqualTo("session=3");
    }
}
