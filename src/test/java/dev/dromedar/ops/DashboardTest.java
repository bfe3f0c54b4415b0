package dev.dromedar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.sandbox.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The dashboard and the alert rules name what a worker has. */
class DashboardTest {
    private static final Pattern METRIC = Pattern.compile("dromedar_[a-z_]+");

    @Test
    void namesOnlyMetricsThatAScrapeHas() throws Exception {
        String dashboard = Files.readString(Path.of("src/ops/grafana-dashboard.json"));
        String rules = Files.readString(Path.of("src/ops/alert-rules.yaml"));
        String scrape;
        try (Sandbox sandbox = Sandbox.start();
                Worker worker = new Worker(Worker.apis(sandbox, "orders"), Map.of())) {
            worker.call("orders");
            scrape = worker.get("/observe/metrics").body();
        }

        assertThat(new ObjectMapper().readTree(dashboard).get("panels")).hasSizeGreaterThan(8);
        Set<String> names = new TreeSet<>();
        Matcher metric = METRIC.matcher(dashboard + rules);
        while (metric.find()) {
            names.add(metric.group());
        }
        assertThat(names).hasSizeGreaterThan(10);
        for (String name : names) {
            assertThat(Pattern.compile("(?m)^" + name + "[{ ]").matcher(scrape).find())
                    .as(name)
                    .isTrue();
        }
    }
}
