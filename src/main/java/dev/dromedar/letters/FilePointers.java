package dev.dromedar.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Feed pointers as files, one a feed, each replaced whole. A lock on the folder's lock file makes look and move one step, for
 * the worker and for commands beside it.
 */
final class FilePointers implements Pointers {
    private static final String SUFFIX = ".pointer";
    private static final String VERSION = "1";

    private final Path folder;

    FilePointers(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    @Override
    public @Nullable Long position(String feed) {
        Path file = folder.resolve(feed + SUFFIX);
        try {
            String[] words = Files.readString(file).strip().split(" ");
            if (words.length == 2 && words[0].equals(VERSION) && words[1].matches("-?\\d{1,18}")) {
                return Long.valueOf(words[1]);
            }
            throw new StoreFailure(file + ": is no feed pointer of format " + VERSION
                    + ". A newer version has made it, or it was damaged: use the newer Dromedar, or move the file away and"
                    + " rewind the feed.");
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public synchronized boolean advance(String feed, @Nullable Long from, long to) {
        return locked(() -> {
            boolean where = java.util.Objects.equals(position(feed), from);
            if (where) {
                write(feed, to);
            }
            return where;
        });
    }

    @Override
    public synchronized void set(String feed, long to) {
        locked(() -> {
            write(feed, to);
            return true;
        });
    }

    private interface Step {
        boolean run() throws IOException;
    }

    private boolean locked(Step step) {
        try {
            Files.createDirectories(folder);
            try (FileChannel channel = FileChannel.open(
                            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var lock = channel.lock()) {
                return lock.isValid() && step.run();
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private void write(String feed, long to) throws IOException {
        Path beside = folder.resolve(feed + ".unfinished");
        FileLetters.write(beside, (VERSION + " " + to + "\n").getBytes(StandardCharsets.US_ASCII));
        Files.move(
                beside,
                folder.resolve(feed + SUFFIX),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        FileLetters.force(folder);
    }

    @Override
    public SortedMap<String, Long> all() {
        SortedMap<String, Long> all = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith(SUFFIX))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                    .forEach(feed -> {
                        Long position = position(feed);
                        if (position != null) {
                            all.put(feed, position);
                        }
                    });
        } catch (NoSuchFileException e) {
            return all;
        } catch (IOException e) {
            throw failure(e);
        }
        return all;
    }

    private StoreFailure failure(IOException e) {
        return new StoreFailure(
                "dromedar.feed.folder: the feed pointers in " + folder + " cannot be read or written: "
                        + e.getClass().getSimpleName() + " " + e.getMessage()
                        + ". Make room, give this user the right, or name another folder.",
                e);
    }
}
