package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.apache.camel.support.DefaultRegistry;
import org.junit.jupiter.api.Test;

class BeansByTypeTest {
    private final DefaultRegistry registry = new DefaultRegistry();

    @Test
    void whatWasFoundByATypeIsLookedForAgainWhenABeanComesOrGoes() {
        registry.bind("one", "1");
        BeansByType.in(registry);

        assertThat(registry.findSingleByType(String.class)).isEqualTo("1");
        assertThat(registry.findSingleByType(Integer.class)).isNull();
        registry.bind("two", "2");
        registry.bind("three", 3);
        assertThat(registry.findByType(CharSequence.class)).isEqualTo(Set.of("1", "2"));
        assertThat(registry.findSingleByType(String.class)).isNull();
        assertThat(registry.findSingleByType(Integer.class)).isEqualTo(3);
        registry.unbind("one");
        assertThat(registry.findSingleByType(String.class)).isEqualTo("2");
        assertThat(registry.findByType(CharSequence.class)).isEqualTo(Set.of("2"));
    }

    @Test
    void aCallersSetIsItsOwn() {
        registry.bind("one", "1");
        BeansByType.in(registry);
        registry.findByType(String.class).clear();

        assertThat(registry.findByType(String.class)).containsExactly("1");
    }
}
