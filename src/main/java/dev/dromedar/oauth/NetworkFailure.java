package dev.dromedar.oauth;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.Arrays;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.jspecify.annotations.Nullable;

/** Network failures in words for someone at three in the morning. */
public final class NetworkFailure {
    private NetworkFailure() {}

    /** On a failure that came while a large body was sent; among the suppressed, so that the failure stays what it is. */
    private static final class LargeBody extends Exception {
        private static final long serialVersionUID = 1;

        private LargeBody() {
            super("while a large body was sent", null, false, false);
        }
    }

    static IOException ofLargeBody(IOException failure) {
        failure.addSuppressed(new LargeBody());
        return failure;
    }

    /**
     * Whether the connection was cut while a large body was sent: a server that takes none of that size does so, often after an
     * answer that is lost by it. That says nothing of other calls.
     */
    public static boolean isOfLargeBody(IOException failure) {
        return !(failure instanceof SocketTimeoutException)
                && Arrays.stream(failure.getSuppressed()).anyMatch(LargeBody.class::isInstance);
    }

    /** One sentence that says what failed and what to look at; the library's own words only where they help. */
    public static String of(IOException failure) {
        if (failure instanceof UnknownHostException) {
            return "the host name is not known here. Check the address and this machine's DNS.";
        }
        if (failure instanceof SSLException) {
            String ofCertificate = ofCertificate(failure);
            return ofCertificate != null
                    ? ofCertificate
                    : "TLS failed (" + firstLine(failure)
                            + "). Check that this port speaks https, whether the server asks for a client"
                            + " certificate (tls-certificate), and that it offers TLS 1.3, or TLS 1.2 with an ECDHE"
                            + " suite with GCM (otherwise tls-legacy).";
        }
        if (failure instanceof SocketTimeoutException) {
            return "it did not answer in time (" + firstLine(failure)
                    + "). It may be overloaded, and its owner's log says more; time limits are in the README.";
        }
        if (failure instanceof ConnectException || failure instanceof NoRouteToHostException) {
            return "nothing answers there (" + firstLine(failure)
                    + "). Check that it runs and that no firewall is between.";
        }
        if (failure instanceof ClientProtocolException) { // the library quotes what was sent
            return "what answers there does not speak HTTP as it should. Check the port, and whether it wants https.";
        }
        if (isCutOff(failure)) {
            return "it closed the connection before its answer was whole (" + firstLine(failure) + "). "
                    + (isOfLargeBody(failure)
                            ? "The request has a large body, and the API may take none of this size: compare its limit."
                            : "A restart there does so, or a limit of a proxy between; its owner's log says more.");
        }
        return firstLine(failure) + ".";
    }

    /**
     * As {@link #of(IOException)}. A server of TLS 1.3 that requires a client certificate lets the handshake end, and often
     * closes the connection before its reason can be read.
     *
     * @param tls whether the connection was to be encrypted
     */
    public static String of(IOException failure, boolean tls) {
        return of(failure)
                + (tls && failure.getClass() == SocketException.class
                        ? " If it does so at once and each time, it requires a client certificate that it did not get"
                                + " (tls-certificate)."
                        : "");
    }

    private static boolean isCutOff(IOException failure) {
        return failure instanceof SocketException
                || failure instanceof NoHttpResponseException
                || failure instanceof ConnectionClosedException;
    }

    /** Whether {@link #of} says what failed, without a word of the message: the failures of a network. */
    public static boolean isOfNetwork(IOException failure) {
        return failure instanceof UnknownHostException
                || failure instanceof SSLException
                || failure instanceof SocketTimeoutException
                || isCutOff(failure); // no connection among them
    }

    /** Of a server that is reached and says nothing. */
    static String unanswered(Duration limit) {
        return "no answer within " + time(limit)
                + ", though it takes connections: it is overloaded, or something between holds back what it says";
    }

    /** A limit as people read it. */
    static String time(Duration limit) {
        long millis = limit.toMillis();
        return millis < 1000 ? millis + " ms" : (millis + 500) / 1000 + " s";
    }

    static boolean isOfCertificate(IOException failure) {
        return failure instanceof SSLException && ofCertificate(failure) != null;
    }

    /** What is wrong with a server's certificate, or null if it is something else. */
    private static @Nullable String ofCertificate(Throwable failure) {
        String words = null;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof TlsRules.Refusal refusal) {
                return refusal.getMessage();
            }
            Object reason = cause instanceof CertPathValidatorException path ? path.getReason() : null;
            if (cause instanceof CertificateExpiredException || reason == BasicReason.EXPIRED) {
                return "its certificate has expired. Whoever runs it must renew it; check this machine's clock too.";
            }
            if (cause instanceof CertificateNotYetValidException || reason == BasicReason.NOT_YET_VALID) {
                return "its certificate is not valid yet. Check this machine's clock.";
            }
            if (reason == BasicReason.ALGORITHM_CONSTRAINED) {
                return "its certificate or one in its chain has a key or signature that Java rejects as too weak. Have its"
                        + " operator replace it.";
            }
            boolean otherName = cause instanceof CertificateException
                            && (firstLine(cause).startsWith("No subject ")
                                    || firstLine(cause).startsWith("No name "))
                    || cause instanceof SSLPeerUnverifiedException
                            && firstLine(cause).startsWith("Certificate for ");
            if (otherName) {
                return "its certificate is for another name ("
                        + withoutStop(firstLine(cause))
                        + "). Check the address: the name in it must be one of the certificate's.";
            }
            if (words == null && (cause instanceof CertificateException || cause instanceof CertPathBuilderException)) {
                words = "its certificate is not trusted ("
                        + withoutClasses(firstLine(cause))
                        + "). If it is from an in-house certificate authority, name that one's PEM file in"
                        + " dromedar.tls.ca-file, or in tls-ca-file of this API.";
            }
        }
        return words;
    }

    private static String firstLine(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank()
                ? failure.getClass().getSimpleName()
                : ForeignText.line(
                        Masking.withoutQueries(
                                message.lines().findFirst().orElse("").strip()),
                        500);
    }

    private static String withoutStop(String words) {
        return words.endsWith(".") ? words.substring(0, words.length() - 1) : words;
    }

    /** The JDK puts the names of its exceptions before what they say. */
    private static String withoutClasses(String words) {
        String path = "PKIX path building failed: ";
        String rest = words.startsWith(path) ? words.substring(path.length()) : words;
        int colon = rest.indexOf("Exception: ");
        return colon >= 0 && rest.indexOf(' ') > colon ? rest.substring(colon + "Exception: ".length()) : rest;
    }
}
