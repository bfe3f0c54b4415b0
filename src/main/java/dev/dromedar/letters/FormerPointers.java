package dev.dromedar.letters;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feed positions of the first version, one file each. Moves them into the store, and leaves in each file that it was moved: a
 * worker of the older version says so instead of beginning the feed again.
 */
final class FormerPointers {
    private static final Logger LOG = LoggerFactory.getLogger(FormerPointers.class);
    private static final String SUFFIX = ".pointer";
    private static final String MOVED = "2 moved to dromedar.sqlite";

    private final Path folder;

    FormerPointers(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    /**
     * Moves all positions that are not in the store yet.
     *
     * @throws StoreFailure if one cannot be read: its feed would start again
     */
    void moveInto(FeedPositions positions) {
        SortedMap<String, Long> found = new TreeMap<>();
        List<String> unreadable = new ArrayList<>();
        try {
            for (Path file : files()) {
                String text = Files.readString(file).strip();
                if (text.equals(MOVED)) {
                    continue;
                }
                try {
                    if (!text.startsWith("1 ")) {
                        throw new NumberFormatException();
                    }
                    String name = String.valueOf(file.getFileName());
                    found.put(name.substring(0, name.length() - SUFFIX.length()), Long.valueOf(text.substring(2)));
                } catch (NumberFormatException e) {
                    unreadable.add(file.toString());
                }
            }
            if (!unreadable.isEmpty()) {
                throw new StoreFailure("dromedar.feed.folder: " + String.join(", ", unreadable)
                        + ": not a feed position of format 1. Restore it from a backup, or move it away: then its feed begins"
                        + " anew.");
            }
            for (Map.Entry<String, Long> feed : found.entrySet()) {
                long position = feed.getValue();
                if (position > FeedPositions.HIGHEST) {
                    LOG.warn(
                            "Feed {}: its position {} has no next number. Taken over as {}; rewind it:"
                                    + " ./run feed rewind {} NUMBER",
                            feed.getKey(),
                            position,
                            FeedPositions.HIGHEST,
                            feed.getKey());
                }
                positions.advance(feed.getKey(), null, Math.min(position, FeedPositions.HIGHEST));
                Path beside = folder.resolve(feed.getKey() + ".unfinished");
                Files.write(beside, (MOVED + "\n").getBytes(StandardCharsets.US_ASCII));
                Files.move(beside, folder.resolve(feed.getKey() + SUFFIX), StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new StoreFailure(
                    "dromedar.feed.folder: the positions of the older version in " + folder + " cannot be taken over: "
                            + e + ". Correct what is wrong there, and start again.",
                    e);
        }
        if (!found.isEmpty()) {
            LOG.info("Feeds: {} position(s) of the older version taken over into dromedar.sqlite", found.size());
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX))
                    .sorted()
                    .toList();
        }
    }
}
