package dev.dromedar.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.component.quartz.CamelJob;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.quartz.CronScheduleBuilder;
import org.quartz.JobBuilder;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.spi.OperableTrigger;

class StartingSchedulesTest {
    private final StartingSchedules starting = new StartingSchedules();
    private final Tables tables = new Tables();

    StartingSchedulesTest() {
        starting.in(tables);
    }

    private static final class Tables implements StartingSchedules.Tables {
        private final Map<TriggerKey, @Nullable OperableTrigger> rows = new HashMap<>();
        private final List<StartingSchedules.New> stored = new ArrayList<>();
        private int looks;

        @Override
        public Map<TriggerKey, @Nullable OperableTrigger> all() {
            looks++;
            return new HashMap<>(rows);
        }

        @Override
        public Set<TriggerKey> store(List<StartingSchedules.New> all) {
            stored.addAll(all);
            Set<TriggerKey> there = new HashSet<>(rows.keySet());
            all.forEach(one -> there.add(one.trigger().getKey()));
            return there;
        }
    }

    private static TriggerKey key(String name) {
        return TriggerKey.triggerKey(name, "t");
    }

    private static OperableTrigger trigger(String name, String hour) {
        return (OperableTrigger) TriggerBuilder.newTrigger()
                .withIdentity(key(name))
                .withSchedule(CronScheduleBuilder.cronSchedule("0 0 " + hour + " * * ?"))
                .forJob(name, "t")
                .build();
    }

    private boolean add(String name, String hour) throws Exception {
        return starting.add(
                JobBuilder.newJob(CamelJob.class).withIdentity(name, "t").build(), trigger(name, hour));
    }

    @Test
    void readsOnceAndStoresTogether() throws Exception {
        tables.rows.put(key("old"), trigger("old", "1"));

        assertThat(starting.knows(key("old"))).isTrue();
        assertThat(starting.find(key("old"))).isNotNull();
        assertThat(starting.knows(key("new"))).isTrue();
        assertThat(starting.find(key("new"))).isNull();
        assertThat(add("new", "2")).isTrue();
        assertThat(add("newer", "3")).isTrue();
        assertThat(tables.stored).isEmpty();
        assertThat(starting.store()).isEmpty();

        assertThat(tables.stored)
                .extracting(one -> one.trigger().getKey().getName())
                .containsExactly("new", "newer");
        assertThat(tables.looks).isEqualTo(1);
    }

    @Test
    void aSecondRouteOfAKeyFindsTheFirstAndReplacesIt() throws Exception {
        assertThat(add("x", "1")).isTrue();
        assertThat(starting.find(key("x"))).isNotNull();
        assertThat(add("x", "2")).isFalse();
        OperableTrigger other = trigger("x", "2");
        assertThat(starting.replace(key("x"), other)).isTrue();
        assertThat(starting.replace(key("y"), other)).isFalse();

        starting.store();

        assertThat(tables.stored).extracting(StartingSchedules.New::trigger).containsExactly(other);
    }

    @Test
    void whatWasRemovedMeanwhileIsReported() throws Exception {
        tables.rows.put(key("old"), trigger("old", "1"));
        tables.rows.put(key("other"), trigger("other", "1"));
        assertThat(starting.find(key("old"))).isNotNull();

        tables.rows.clear();

        assertThat(starting.store()).as("of those that this node has").containsExactly(key("old"));
    }

    @Test
    void oneThatMustBeReadAloneIsNotKnown() throws Exception {
        tables.rows.put(key("odd"), null);

        assertThat(starting.knows(key("odd"))).isFalse();
        assertThat(add("odd", "1")).as("as Quartz does it").isFalse();
    }

    @Test
    void afterTheStartEverythingGoesToTheDatabase() throws Exception {
        starting.store();

        assertThat(starting.knows(key("x"))).isFalse();
        assertThat(add("x", "1")).isFalse();
        assertThat(tables.looks).isZero();
    }
}
