package dev.dromedar.letters;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/** Makes tables and upgrades them, by Flyway. */
public final class Migrations {
    private Migrations() {}

    /**
     * Runs the migrations that come after a version.
     *
     * @param folder of the migrations, on the class path
     * @param found the version of the tables that are there, or 0
     * @throws org.flywaydb.core.api.FlywayException if one fails; then it has changed nothing
     */
    public static void run(DataSource database, String folder, int found) {
        run(configuration().dataSource(database), folder, found);
    }

    /** As {@link #run(DataSource, String, int)}, on a database that needs no pool. */
    static void run(String address, String folder, int found) {
        run(configuration().dataSource(address, null, null), folder, found);
    }

    private static FluentConfiguration configuration() {
        return Flyway.configure(Migrations.class.getClassLoader());
    }

    private static void run(FluentConfiguration flyway, String folder, int found) {
        flyway.locations("classpath:" + folder)
                .table("dromedar_migration")
                .baselineOnMigrate(true)
                .baselineVersion(String.valueOf(found))
                .load()
                .migrate();
    }
}
