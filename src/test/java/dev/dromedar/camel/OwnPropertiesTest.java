package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class OwnPropertiesTest {
    @ParameterizedTest
    @FieldSource("dev.dromedar.settings.KeyNames#OF_AN_API")
    void knowsTheKeyOfAVariableAlsoOfAnApiThatOnlyTheEnvironmentNames(String key) {
        String variable =
                "DROMEDAR_API_MY_ORDERS_" + key.toUpperCase(Locale.ROOT).replace('-', '_');

        assertThat(OwnProperties.apiKey(variable, Map.of())).isEqualTo("dromedar.api.my-orders." + key);
    }
}
