package dev.dromedar.letters;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * SQLite in a file of a worker's folder. A write-ahead log, forced to disk before a statement returns: a process killed at any
 * moment leaves each letter whole or not at all. Thread-safe; one connection, and commands have their own.
 */
final class LocalDatabase implements SqlDatabase, AutoCloseable {
    private static final long MOST_RESERVE = 16_000_000;
    private final StoreFolder folder;
    private final String node = UUID.randomUUID().toString();
    private final boolean command;
    private final ReentrantLock turn = new ReentrantLock();
    private final Connection connection;
    private final @Nullable Object file;
    private final SqliteFailures failures;

    /** Opens the database for the one worker of its folder. Makes it if it is not there. */
    static LocalDatabase forOneWorker(StoreFolder folder) {
        folder.make();
        folder.lock();
        try {
            return made(folder);
        } catch (RuntimeException | Error e) {
            folder.unlock();
            throw e;
        }
    }

    /** Opens the database for a worker, beside others of this machine. Makes it if it is not there. */
    static LocalDatabase forWorkers(StoreFolder folder) {
        folder.make();
        return made(folder);
    }

    private static LocalDatabase made(StoreFolder folder) {
        LocalDatabase[] opened = new LocalDatabase[1];
        folder.setUp(() -> {
            folder.makeFile();
            opened[0] = new LocalDatabase(folder, false);
        });
        return Objects.requireNonNull(opened[0]);
    }

    /** Opens the database for a command. Does not make it. */
    static LocalDatabase forCommand(StoreFolder folder) {
        folder.find();
        return new LocalDatabase(folder, true);
    }

    private LocalDatabase(StoreFolder folder, boolean command) {
        this.folder = folder;
        this.command = command;
        this.failures = new SqliteFailures(folder.database());
        this.connection = connect();
        this.file = fileKey();
        try {
            new SqliteTables(folder.database(), connection).prepare(!command);
            folder.closeToOthers();
        } catch (SQLException e) {
            closeConnection();
            throw failures.of(e);
        } catch (IOException e) {
            closeConnection();
            throw folder.failure("cannot be closed to others", e);
        } catch (RuntimeException e) {
            closeConnection();
            throw e;
        }
    }

    private Connection connect() {
        try {
            SqliteLibrary.unpackBelow(folder.libraries());
            Class.forName("org.sqlite.JDBC");
            Connection made = DriverManager.getConnection("jdbc:sqlite:" + folder.database());
            try (var statement = made.createStatement()) {
                statement.execute("PRAGMA busy_timeout = " + SqliteFailures.BUSY_MILLIS);
                statement.execute("PRAGMA synchronous = FULL");
                // What was discarded is not to be found in the file
                statement.execute("PRAGMA secure_delete = ON");
                return made;
            } catch (SQLException e) {
                made.close();
                throw e;
            }
        } catch (ClassNotFoundException e) {
            throw SqliteFailures.missing(e);
        } catch (SQLException e) {
            throw failures.of(e);
        } catch (LinkageError e) {
            throw SqliteFailures.notLoaded();
        }
    }

    /** From now on the store is whole, and no worker of an older version begins beside it. */
    void complete() {
        folder.complete();
    }

    @Override
    public int run(String sql, @Nullable Object... values) {
        turn.lock();
        try {
            checkFile();
            try {
                return update(sql, values);
            } catch (SQLException e) {
                if (!SqliteFailures.isFull(e) || !sql.startsWith("DELETE")) {
                    throw e;
                }
                return removeOnFullDisk(sql, values);
            }
        } catch (SQLException e) {
            throw failures.of(e);
        } finally {
            turn.unlock();
        }
    }

    private int update(String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            SqlDatabase.set(statement, values);
            return statement.executeUpdate();
        }
    }

    /** To overwrite what is removed takes room first, in the log. Without, it takes little, and makes room. */
    private int removeOnFullDisk(String sql, @Nullable Object... values) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("PRAGMA secure_delete = OFF");
            try {
                return update(sql, values);
            } finally {
                statement.execute("PRAGMA secure_delete = ON");
            }
        }
    }

    /** Leaves some: to discard letters takes room too, before it makes any. */
    @Override
    public void makeSureOfRoom(long bytes) {
        try {
            FileStore disk = Files.getFileStore(folder.database());
            long reserve = Math.min(MOST_RESERVE, disk.getTotalSpace() / 20);
            if (disk.getUsableSpace() < bytes + reserve) {
                throw new StoreFailure("The disk of the store " + folder.database() + " is full but for "
                        + disk.getUsableSpace() / 1_000_000
                        + " MB, which are left for what is there already. Make room:"
                        + " replay or discard letters, or remove other files.");
            }
        } catch (NoSuchFileException e) {
            checkFile();
        } catch (IOException e) {
            throw folder.failure("cannot be read", e);
        }
    }

    @Override
    public void probe() {
        makeSureOfRoom(0);
        run("UPDATE dromedar_format SET version = version");
    }

    @Override
    public <T> List<T> all(String sql, Row<T> reader, @Nullable Object... values) {
        turn.lock();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            checkFile();
            SqlDatabase.set(statement, values);
            return SqlDatabase.read(statement, reader);
        } catch (SQLException e) {
            throw failures.of(e);
        } finally {
            turn.unlock();
        }
    }

    /** A file that was moved or removed under SQLite would take what is written, and nobody would find it. */
    private void checkFile() {
        if (!Objects.equals(file, fileKey())) {
            throw new StoreFailure("The store's file " + folder.database()
                    + " was moved, removed or replaced while it was open. Put it back, and restart the worker.");
        }
    }

    private @Nullable Object fileKey() {
        try {
            return Files.readAttributes(folder.database(), BasicFileAttributes.class)
                    .fileKey();
        } catch (IOException e) {
            return "missing";
        }
    }

    @Override
    public String cluster() {
        return "";
    }

    @Override
    public String node() {
        return node;
    }

    @Override
    public Set<String> livingNodes() {
        return command ? folder.isLocked() ? Set.of("worker") : Set.of() : Set.of(node);
    }

    @Override
    public String skipLocked() {
        return "";
    }

    /** On a connection of its own: letters are kept meanwhile. */
    @Override
    public void verify() {
        try (Connection own = connect();
                PreparedStatement check = own.prepareStatement("PRAGMA quick_check(1)")) {
            String found = SqlDatabase.read(check, row -> row.getString(1)).get(0);
            if (!found.equals("ok")) {
                throw failures.damaged(found);
            }
        } catch (SQLException e) {
            throw failures.of(e);
        }
    }

    /** In small bites: each needs room in the log first, and the log needs that of the file before it. */
    @Override
    public void tidy() {
        turn.lock();
        try (var statement = connection.createStatement();
                PreparedStatement free = connection.prepareStatement("PRAGMA freelist_count")) {
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            for (int i = 0;
                    i < 40 && SqlDatabase.read(free, row -> row.getInt(1)).get(0) > 0;
                    i++) {
                statement.executeUpdate("PRAGMA incremental_vacuum(250)"); // execute() frees a single page
                statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            }
        } catch (SQLException e) {
            if (!SqliteFailures.isFull(e)) { // then another time
                throw failures.of(e);
            }
        } finally {
            turn.unlock();
        }
    }

    private void closeConnection() {
        try {
            connection.close();
        } catch (SQLException e) {
            // it is of no use any more
        }
    }

    @Override
    public void close() {
        turn.lock();
        try {
            closeConnection();
            if (!command) {
                folder.unlock();
            }
        } finally {
            turn.unlock();
        }
    }
}
