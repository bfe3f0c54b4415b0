package dev.dromedar.camel;

import dev.dromedar.oauth.AnswerLimitExceeded;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.CallRecord;
import dev.dromedar.oauth.FailureKind;
import dev.dromedar.oauth.NetworkFailure;
import java.io.IOException;
import org.apache.camel.Exchange;

/** A request whose head was answered, or that failed before. It is reported when its body has been read. Immutable. */
record EndedRequest(ApiClient client, CallRecord record) {
    void tell() {
        client.called(record);
    }

    EndedRequest failed(Exchange exchange, IOException failure) {
        EndedRequest failed =
                failed(exchange, AnswerLimitExceeded.kind(failure), ", but " + NetworkFailure.of(failure));
        FailureWords.carry(failure, exchange.getProperty(Call.FAILURE, String.class));
        return failed;
    }

    /** The same, as a failure; one that is a failure already stays as it is. */
    EndedRequest failed(Exchange exchange, FailureKind kind, String why) {
        if (record.failure() != null) {
            return this;
        }
        String words = record.method() + " " + record.address() + ": HTTP " + record.status() + why;
        exchange.setProperty(Call.FAILURE, client.name() + ": " + words);
        return new EndedRequest(
                client,
                new CallRecord(
                        record.method(),
                        record.address(),
                        record.status(),
                        record.took(),
                        kind,
                        words,
                        record.request(),
                        record.trace(),
                        record.correlation(),
                        record.origin()));
    }
}
