package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.oauth.PublicApi;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What is marked as {@link PublicApi}, line by line as in {@code public-api.txt}. A change of it is a change for everybody who
 * has it in an application: if it is meant, put the new lines into the file, and tell of it in CHANGELOG.md.
 */
class PublicApiTest {

    @Test
    void isAsItWas() throws Exception {
        List<String> lines = new ArrayList<>();
        for (Class<?> type : marked()) {
            lines.add(Modifier.toString(type.getModifiers()) + " " + type.getName());
            List<String> members = new ArrayList<>();
            Stream.of(type.getDeclaredConstructors(), type.getDeclaredMethods(), type.getDeclaredFields())
                    .flatMap(Stream::of)
                    .filter(member -> isForOthers((Member) member))
                    .forEach(member -> members.add("  " + signature((Member) member)));
            members.sort(null);
            lines.addAll(members);
        }

        assertThat(lines)
                .containsExactlyElementsOf(
                        Files.readAllLines(Path.of("src/test/resources/dev/dromedar/public-api.txt")));
    }

    private static boolean isForOthers(Member member) {
        boolean bridge = member instanceof Method method && method.isBridge();
        return (Modifier.isPublic(member.getModifiers()) || Modifier.isProtected(member.getModifiers()))
                && !member.isSynthetic()
                && !bridge;
    }

    private static String signature(Member member) {
        return member instanceof Method method
                ? method.toGenericString()
                : member instanceof Constructor<?> made ? made.toGenericString() : ((Field) member).toGenericString();
    }

    private static List<Class<?>> marked() throws IOException, ClassNotFoundException {
        Path root = Path.of("target/classes");
        List<Class<?>> marked = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted().toList()) {
                String name = root.relativize(file).toString().replace(java.io.File.separatorChar, '.');
                if (name.endsWith(".class") && !name.contains("-info")) {
                    Class<?> type = Class.forName(
                            name.replaceFirst("\\.class$", ""), false, PublicApiTest.class.getClassLoader());
                    if (type.isAnnotationPresent(PublicApi.class)) {
                        marked.add(type);
                    }
                }
            }
        }
        return marked;
    }
}
