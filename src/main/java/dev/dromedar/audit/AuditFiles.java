package dev.dromedar.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of one chain: the current one, and those that were rolled, whose names have the day of their first record and its
 * number ({@code audit-20261129-000000000001.jsonl}).
 *
 * @param current whether it exists or not
 */
record AuditFiles(Path current) {
    /** A file that was rolled. */
    record Rolled(Path file, String day, long first) {}

    /** Oldest first. */
    List<Rolled> rolled() throws IOException {
        List<Rolled> rolled = new ArrayList<>();
        Path folder = Objects.requireNonNull(current.toAbsolutePath().getParent());
        if (!Files.isDirectory(folder)) {
            return rolled;
        }
        Pattern name = Pattern.compile(Pattern.quote(stem()) + "-(\\d{8})-(\\d{12,18})" + Pattern.quote(ending()));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Matcher matched = name.matcher(String.valueOf(file.getFileName()));
                if (matched.matches()) {
                    rolled.add(new Rolled(file, matched.group(1), Long.parseLong(matched.group(2))));
                }
            }
        }
        rolled.sort(Comparator.comparingLong(Rolled::first));
        return rolled;
    }

    Path rolledName(String day, long first) {
        return current.resolveSibling(stem() + "-" + day + "-" + String.format("%012d", first) + ending());
    }

    /** All that are there, oldest first. */
    List<Path> all() throws IOException {
        List<Path> all = new ArrayList<>(rolled().stream().map(Rolled::file).toList());
        if (Files.exists(current)) {
            all.add(current);
        }
        return all;
    }

    private String stem() {
        String name = name();
        return name.substring(0, name.length() - ending().length());
    }

    private String ending() {
        String name = name();
        int dot = name.lastIndexOf('.');
        return dot <= 0 ? "" : name.substring(dot);
    }

    private String name() {
        return String.valueOf(current.getFileName());
    }
}
