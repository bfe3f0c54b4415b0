package dev.dromedar.oauth;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ClientProtocolException;

/** Network failures in words for someone at three in the morning. */
public final class Reason {
    private Reason() {}

    /** One sentence that says what failed and what to look at; the library's own words only where they help. */
    public static String of(IOException failure) {
        if (failure instanceof UnknownHostException) {
            return "the host name is not known here. Check the address and this machine's DNS.";
        }
        if (failure instanceof SSLException) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof CertificateException
                        || cause instanceof java.security.cert.CertPathBuilderException) {
                    return "its certificate is not trusted (" + firstLine(cause)
                            + "). If it is from an in-house certificate authority, name that one's PEM file in"
                            + " dromedar.tls.ca-file.";
                }
            }
            return "TLS failed (" + firstLine(failure) + ").";
        }
        if (failure instanceof SocketTimeoutException) {
            return "it did not answer in time (" + firstLine(failure) + ").";
        }
        if (failure instanceof ConnectException) {
            return "nothing answers there (" + firstLine(failure)
                    + "). Check that it runs and that no firewall is between.";
        }
        if (failure instanceof ClientProtocolException) { // the library quotes what was sent
            return "what answers there does not speak HTTP as it should.";
        }
        return firstLine(failure) + ".";
    }

    private static String firstLine(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank()
                ? failure.getClass().getSimpleName()
                : message.lines().findFirst().orElse("").strip();
    }
}
