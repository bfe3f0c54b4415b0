package dev.dromedar.letters;

import java.nio.file.Path;
import java.sql.SQLException;

/** What SQLite says when it cannot, as what is wrong and what to do. */
final class SqliteFailures {
    /** How long a statement waits for another process. */
    static final int BUSY_MILLIS = 10_000;

    /** A result code of SQLite's. */
    private static final int FULL = 13;

    private static final String FULL_DISK =
            " takes nothing more: the disk is full. Remove other files first: to discard letters takes a"
                    + " little room too.";

    private final Path file;

    SqliteFailures(Path file) {
        this.file = file;
    }

    static StoreFailure missing(Throwable e) {
        return new StoreFailure(
                "Dead letters and feeds need SQLite and Flyway, which are not on the class path. Add"
                        + " org.xerial:sqlite-jdbc and org.flywaydb:flyway-core; the worker has them in its lib/.",
                e);
    }

    static StoreFailure notLoaded() {
        return new StoreFailure("SQLite's native part cannot be loaded from "
                + System.getProperty("org.sqlite.tmpdir", System.getProperty("java.io.tmpdir"))
                + ". If nothing may be executed on that file system (noexec), name a folder where it may:"
                + " JAVA_OPTS=-Dorg.sqlite.tmpdir=FOLDER.");
    }

    StoreFailure damaged(String why) {
        return StoreFailure.damaged("The store " + file + " is damaged (" + why
                + "). Nothing was removed. Stop the worker, copy the folder, and restore it from a backup, or save what can be"
                + " read: sqlite3 dromedar.sqlite .recover. To begin with an empty store, move the folder away.");
    }

    /** By SQLite's result codes (sqlite.org/rescode.html). */
    StoreFailure of(SQLException e) {
        String what = "The store " + file;
        if (root(e).contains("No native library found")) {
            return notLoaded();
        }
        return switch (code(e)) {
            case 5, 6 ->
                new StoreFailure(
                        what + " is in use by another process for more than " + BUSY_MILLIS / 1000
                                + " s. Try again, or end what holds it.",
                        e);
            case 8, 14 ->
                new StoreFailure(
                        what + " cannot be opened or written: " + root(e)
                                + ". Give this user the right to the file and its folder, on a file system that is not read-only.",
                        e);
            case 11, 26 -> damaged(root(e));
            case FULL -> new StoreFailure(what + FULL_DISK, e);
            case 10 ->
                new StoreFailure(
                        root(e).contains("SHMSIZE")
                                ? what + FULL_DISK
                                : what + " cannot be read or written: " + root(e) + ". Look at the disk.",
                        e);
            default -> new StoreFailure(what + " failed: " + root(e) + ". Look at the disk and its file system.", e);
        };
    }

    private static int code(SQLException e) {
        return e.getErrorCode() & 0xff;
    }

    static String root(Throwable e) {
        String message = e.getClass().getSimpleName();
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null) {
                message = cause.getMessage();
            }
        }
        return message.lines().findFirst().orElse(message).replaceFirst("\\.$", "");
    }

    static boolean isFull(SQLException e) {
        return code(e) == FULL;
    }
}
