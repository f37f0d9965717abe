package dev.larder.store.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Imports go one way. */
@AnalyzeClasses(packages = "dev.larder.store", importOptions = ArchitectureTest.Shipped.class)
class ArchitectureTest {
    /** What is shipped: neither Maven's test classes nor those of a bare compiler run. */
    static final class Shipped implements ImportOption {
        private final ImportOption noTests = new ImportOption.DoNotIncludeTests();

        @Override
        public boolean includes(Location location) {
            return noTests.includes(location) && !location.contains("/.out/test/");
        }
    }

    private static ArchRule only(String name, String... mayUse) {
        String[] packages = new String[mayUse.length + 2];
        packages[0] = "java..";
        packages[1] = "dev.larder.store." + name + "..";
        for (int i = 0; i < mayUse.length; i++) {
            packages[i + 2] = "dev.larder.store." + mayUse[i] + "..";
        }
        return noClasses()
                .that()
                .resideInAPackage("dev.larder.store." + name + "..")
                .should()
                .dependOnClassesThat(
                        com.tngtech.archunit.base.DescribedPredicate.not(
                                        com.tngtech.archunit.core.domain.JavaClass.Predicates
                                                .resideInAnyPackage(packages))
                                .and(
                                        com.tngtech.archunit.base.DescribedPredicate.not(
                                                com.tngtech.archunit.core.domain.JavaClass
                                                        .Predicates.type(
                                                        dev.larder.store.StoreConfig.class))))
                .as(name + " uses nothing but " + String.join(", ", mayUse));
    }

    @ArchTest static final ArchRule VALUE = only("value");
    @ArchTest static final ArchRule KEYSPACE = only("keyspace", "value");
    @ArchTest static final ArchRule REPLY = only("reply", "value");
    @ArchTest static final ArchRule JOURNAL = only("journal", "value");

    @ArchTest static final ArchRule COMMAND = only("command", "keyspace", "value", "reply");

    @ArchTest static final ArchRule RESP = only("resp", "reply", "command", "value");

    @ArchTest static final ArchRule ACL = only("acl", "command", "keyspace", "reply", "value");

    @ArchTest
    static final ArchRule ENGINE =
            only("engine", "acl", "command", "journal", "keyspace", "reply", "value");

    @ArchTest
    static final ArchRule PUBSUB =
            only("pubsub", "engine", "acl", "command", "journal", "keyspace", "reply", "value");

    @ArchTest
    static final ArchRule PERSISTENCE =
            only(
                    "persistence",
                    "engine",
                    "acl",
                    "command",
                    "journal",
                    "keyspace",
                    "reply",
                    "value");

    @ArchTest
    static final ArchRule SOCKETS_ONLY_IN_SERVER =
            noClasses()
                    .that()
                    .resideOutsideOfPackages(
                            "dev.larder.store.server..", "dev.larder.store.replication..")
                    .and()
                    .doNotHaveFullyQualifiedName("dev.larder.store.Store")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.vertx..", "io.netty..");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("dev.larder.store.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NOBODY_SLEEPS =
            noClasses().should().callMethod(Thread.class, "sleep", long.class);
}
