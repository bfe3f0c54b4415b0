package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.oauth.InvalidSettings;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunSummaryTest {
    private final DefaultCamelContext context = new DefaultCamelContext();

    {
        CamelCli.off(context);
    }

    private final RunSummary summary = new RunSummary();

    @AfterEach
    void close() throws java.io.IOException {
        context.close();
    }

    @Test
    void saysForEachBranchHowItWent() {
        Exchange gathered = summary.aggregate(null, branch("good", 200, null));
        gathered = summary.aggregate(gathered, branch("refused", 0, httpFailure(403)));
        gathered = summary.aggregate(gathered, branch("no-token", 0, new InvalidSettings("long words")));
        gathered = summary.aggregate(gathered, branch("outside", 0, new RefusedCall("long words")));
        gathered = summary.aggregate(gathered, branch("slow", 0, new SocketTimeoutException("Read timed out")));
        gathered = summary.aggregate(gathered, branch("down", 0, new ConnectException("Connection refused")));
        gathered = summary.aggregate(gathered, branch("limited", 0, FailedCall.of("a", "long", new RefusedCall("b"))));
        gathered = summary.aggregate(gathered, branch("api", 0, FailedCall.of("a", "long", httpFailure(404))));
        gathered = summary.aggregate(gathered, branch("broken", 200, new IllegalStateException("a step after it")));

        assertThat(gathered.getMessage().getBody(String.class))
                .isEqualTo(
                        "good 200, 3 records, 7 ms | refused FAILED 403, 7 ms | no-token FAILED (no token), 7 ms"
                                + " | outside FAILED (not sent), 7 ms | slow FAILED (no answer in time), 7 ms"
                                + " | down FAILED (not reached), 7 ms | limited FAILED (not sent), 7 ms | api FAILED 404, 7 ms | broken FAILED 200, 7 ms");
    }

    @Test
    void aFailedFirstBranchDoesNotFailTheRun() {
        Exchange gathered = summary.aggregate(null, branch("first", 0, new ConnectException("refused")));

        assertThat(gathered.getException()).isNull();
        assertThat(gathered.isRollbackOnly()).isFalse();
    }

    @Test
    void saysWhichBranchWasNotDoneInTime() {
        Exchange gathered = summary.aggregate(null, branch("first", 200, null));
        summary.timeout(gathered, 1, 3, 20_000);

        assertThat(gathered.getMessage().getBody(String.class))
                .isEqualTo("first 200, 3 records, 7 ms | call 2 of 3 not done within 20 s");
    }

    @Test
    void saysThatNoBranchWasDoneInTime() {
        var original = new DefaultExchange(context); // what Camel gives when it has nothing gathered
        summary.timeout(original, 0, 2, 20_000);
        summary.timeout(original, 1, 2, 20_000);

        assertThat(original.getMessage().getBody(String.class))
                .isEqualTo("call 1 of 2 not done within 20 s | call 2 of 2 not done within 20 s");
    }

    private Exchange branch(String api, int status, @Nullable Exception failure) {
        var branch = new DefaultExchange(context);
        branch.setProperty(Call.API, api);
        branch.setProperty(Call.MILLIS, 7L);
        branch.setProperty("records", 3);
        if (status > 0) {
            branch.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        }
        branch.setException(failure);
        return branch;
    }

    private static HttpOperationFailedException httpFailure(int status) {
        return new HttpOperationFailedException("http://localhost/x", status, "Forbidden", null, Map.of(), "");
    }
}
