package dev.dromedar.cluster;

import dev.dromedar.letters.KeptMessage;
import dev.dromedar.letters.StoreFailure;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.regex.Pattern;

/** What PostgreSQL and its driver say, as what is wrong and what to do. */
final class DatabaseFailures {
    /** In the driver's and the JDK's words. */
    private static final Pattern SERVER_UNKNOWN = Pattern.compile(
            "certificat|trust ?anchor|trustAnchors|HostnameVerifier|hostname", Pattern.CASE_INSENSITIVE);

    /** SQLSTATE insufficient_privilege. */
    private static final String NOT_GRANTED = "42501";

    private static final String NO_ADDRESS = " does not resolve";

    private DatabaseFailures() {}

    /** When connecting has failed at all. */
    static StoreFailure notLetIn(RuntimeException e) {
        String why = root(e);
        return new StoreFailure(
                "dromedar.cluster.address: the database does not let this worker in: " + why.replaceFirst("\\.$", "")
                        + ". " + cure(why),
                e);
    }

    private static String cure(String why) {
        if (SERVER_UNKNOWN.matcher(why).find()) {
            return "Its certificate must be of an authority that the JDK trusts, or of the one in the PEM file that"
                    + " sslrootcert=FILE in the address names, and must name the host as the address does.";
        }
        if (why.endsWith(NO_ADDRESS)) {
            return "Check the host in the address, and that this machine's name service answers.";
        }
        if (why.contains("SSL")) {
            return "Turn on ssl in the database's configuration: a connection to another machine must be encrypted.";
        }
        return "Check the address, dromedar.cluster.user and dromedar.cluster.secret, and that it runs.";
    }

    static StoreFailure of(SQLException e) {
        String of = "The database of dromedar.cluster.address ";
        if (isAway(e)) {
            return StoreFailure.away(of + "does not answer: " + root(e), e);
        }
        return new StoreFailure(
                of + "did not do what was asked: " + root(e)
                        + (NOT_GRANTED.equals(e.getSQLState())
                                ? ". Grant its user SELECT, INSERT, UPDATE and DELETE on all tables that begin with dromedar_."
                                : ""),
                e);
    }

    /** Whether a connection failed or broke, and not what was asked: SQLSTATE classes 08 and 57 (PostgreSQL, appendix A). */
    static boolean isAway(Throwable e) {
        return isOf(e, "(08|57).*");
    }

    /** Whether it is away, or has no connection to spare: SQLSTATE too_many_connections. */
    static boolean mayPass(Throwable e) {
        return isOf(e, "(08|57).*|53300");
    }

    private static boolean isOf(Throwable e, String states) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLTransientConnectionException
                    || cause instanceof SQLException failure
                            && String.valueOf(failure.getSQLState()).matches(states)) {
                return true;
            }
        }
        return false;
    }

    /** The first line of the innermost message that is one: drivers and pools put statements and addresses below it. */
    static String root(Throwable e) {
        String message = e.getClass().getSimpleName();
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return KeptMessage.clean(String.valueOf(cause.getMessage()).split("[: ]", 2)[0]) + NO_ADDRESS;
            }
            if (cause.getMessage() != null) {
                message = cause.getMessage();
            }
        }
        return KeptMessage.clean(message.lines().findFirst().orElse(message));
    }
}
