package dev.dromedar.letters;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Letters of the first version, one file each in a folder for each state. Moves them into the store: a file is removed when its
 * letter is in the database, so that a process killed in between loses nothing and doubles nothing. What cannot be read is set
 * aside and reported.
 */
final class FormerLetters {
    private static final Logger LOG = LoggerFactory.getLogger(FormerLetters.class);
    private static final String SUFFIX = ".letter";

    private final Path folder;

    private final FormerFormat format;

    /** @param format in which the letters were kept */
    FormerLetters(Path folder, FormerFormat format) {
        this.folder = folder.toAbsolutePath().normalize();
        this.format = format;
    }

    /** Hands all letters over, and removes what was taken. The caller holds the folder's lock, which workers of the first version hold too. */
    void moveTo(Consumer<FormerFormat.Former> store) {
        int moved = 0;
        List<String> aside = new ArrayList<>();
        try {
            for (Letter.State state : Letter.State.values()) {
                for (Path file : files(folder.resolve(state.word()))) {
                    if (move(file, state, store, aside)) {
                        moved++;
                    }
                }
            }
            for (Path file : files(folder.resolve("unfinished"))) {
                if (file.toString().contains(SUFFIX)) {
                    aside.add(setAside(file, "is unfinished: its run was not reported as kept"));
                } else {
                    Files.delete(file);
                }
            }
            for (Letter.State state : Letter.State.values()) {
                removeEmpty(folder.resolve(state.word()));
            }
            removeEmpty(folder.resolve("unfinished"));
        } catch (IOException e) {
            throw new StoreFailure(
                    "dromedar.dead-letters.folder: the letters of the older version in " + folder
                            + " cannot be taken over: " + e + ". Correct what is wrong there, and start again.",
                    e);
        }
        if (moved > 0) {
            LOG.info("Dead letters: {} letter(s) of the older version taken over into dromedar.sqlite", moved);
        }
        aside.forEach(why -> LOG.warn(
                "Dead letters: {}. Set aside in {}. When it can be read, move it to {} and start again.",
                why,
                folder.resolve("set-aside"),
                folder.resolve(Letter.State.KEPT.word())));
    }

    private boolean move(Path file, Letter.State state, Consumer<FormerFormat.Former> store, List<String> aside)
            throws IOException {
        FormerFormat.Former letter;
        try {
            if (!file.toString().endsWith(SUFFIX)) {
                throw new StoreFailure(file + ": is not a dead letter");
            }
            letter = format.read(Files.readAllBytes(file), state, file.toString());
        } catch (StoreFailure e) {
            aside.add(setAside(file, String.valueOf(e.getMessage())));
            return false;
        }
        store.accept(letter);
        Files.delete(file);
        return true;
    }

    private String setAside(Path file, String why) throws IOException {
        Path aside = folder.resolve("set-aside");
        Files.createDirectories(aside);
        Files.move(file, aside.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
        return why.startsWith(file.toString()) ? why : file + " " + why;
    }

    private static List<Path> files(Path in) throws IOException {
        try (Stream<Path> files = Files.list(in)) {
            return files.sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private static void removeEmpty(Path one) throws IOException {
        try {
            Files.deleteIfExists(one);
        } catch (DirectoryNotEmptyException e) {
            LOG.warn("Dead letters: {} holds something that is not a letter of ours. It stays there.", one);
        }
    }
}
