package dev.dromedar.bench;

import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Sandbox;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** The packaged worker as a process of its own, in a folder of its own with settings and routes. */
final class Worker {
    private final Path folder;
    private final Path jar;
    private final Properties settings = new Properties();

    /** @param target the folder with dromedar.jar and lib, as {@code mvn package} leaves it */
    Worker(Path target) throws IOException {
        jar = target.toAbsolutePath().resolve("dromedar.jar");
        if (!Files.exists(jar)) {
            throw new IOException("there is no " + jar + ": mvn package");
        }
        folder = Files.createTempDirectory("worker");
        Files.createDirectories(folder.resolve("routes"));
    }

    Path folder() {
        return folder;
    }

    /** Settings for an API of the sandbox, under its own name, at its own address unless another is set. */
    Worker api(Sandbox sandbox, ProtectedApi api) {
        String prefix = "sandbox." + api.name() + ".";
        sandbox.properties().forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                settings.setProperty("dromedar.api." + key.substring("sandbox.".length()), value);
            }
        });
        return this;
    }

    Worker set(String key, String value) {
        settings.setProperty(key, value);
        return this;
    }

    Worker unset(String key) {
        settings.remove(key);
        return this;
    }

    Worker route(String file, String yaml) throws IOException {
        Files.writeString(folder.resolve("routes").resolve(file), yaml);
        return this;
    }

    /** What runs it: this JVM's java, the arguments, the worker. */
    List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-cp", jar.toString(), "dev.dromedar.Dromedar"));
        return command;
    }

    Process start(List<String> command) throws IOException {
        return start(command, Map.of());
    }

    /** With the JDK that runs this as {@code JAVA_HOME}. */
    Process start(List<String> command, Map<String, String> environment) throws IOException {
        try (Writer file = Files.newBufferedWriter(folder.resolve("application.properties"))) {
            settings.store(file, null);
        }
        var builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output().toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        // Or it would run on, and slow what is measured next, when a benchmark is cut off
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return process;
    }

    /** What the last one that was started says. */
    Path output() {
        return folder.resolve("out.txt");
    }
}
