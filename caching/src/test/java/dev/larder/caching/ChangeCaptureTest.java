package dev.larder.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes that other connections commit, with the listener's own connection cut at times. */
class ChangeCaptureTest {

    /** What is promised; the wait for it fails when it takes longer. */
    private static final Duration WITHIN = Duration.ofSeconds(1);

    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir static Path folder;

    private static EmbeddedPostgres postgres;

    private final Queue<Change> seen = new ConcurrentLinkedQueue<>();
    private Connection other;
    private ChangeCapture capture;

    @BeforeAll
    static void startPostgres() throws IOException {
        postgres =
                EmbeddedPostgres.builder()
                        .setOverrideWorkingDirectory(folder.resolve("postgres").toFile())
                        .start();
    }

    @AfterAll
    static void stopPostgres() throws IOException {
        postgres.close();
    }

    @BeforeEach
    void makeTheOutbox() throws SQLException {
        other = connections().open();
        run(
                "drop schema if exists outbox cascade",
                "create schema outbox",
                "create table outbox.change (id bigint generated always as identity primary key,"
                        + " kind text not null, key text not null, version bigint,"
                        + " at timestamptz not null default clock_timestamp())",
                "create function outbox.tell() returns trigger language plpgsql as"
                        + " $$begin perform pg_notify('outbox_change', ''); return null; end$$",
                "create trigger tell after insert on outbox.change"
                        + " for each statement execute function outbox.tell()");
    }

    @AfterEach
    void end() throws SQLException {
        if (capture != null) {
            capture.close();
        }
        other.close();
    }

    private static ChangeCapture.Connections connections() {
        return ChangeCapture.direct(
                postgres.getJdbcUrl("postgres", "postgres"), "postgres", "postgres");
    }

    private static ChangeCapture.Builder following() {
        return ChangeCapture.of(connections(), "outbox.change", "outbox_change")
                .lookEvery(Duration.ofMinutes(5))
                .longestPause(Duration.ofMillis(200));
    }

    private void run(String... statements) throws SQLException {
        try (Statement statement = other.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private long number(String sql) throws SQLException {
        try (Statement statement = other.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private void change(String key, Long version) throws SQLException {
        run(
                "insert into outbox.change (kind, key, version) values ('row', '%s', %d)"
                        .formatted(key, version));
    }

    private void startListening() {
        capture = following().start(seen::addAll);
        await().atMost(SOON).until(capture::isListening);
    }

    private List<String> keys() {
        return seen.stream().map(Change::key).toList();
    }

    @Test
    void aCommittedChangeIsHandedOverWithinASecondAndForgotten() throws SQLException {
        startListening();
        change("a", 7L);
        change("b", null);
        await().atMost(WITHIN).until(() -> keys().equals(List.of("a", "b")));
        assertThat(seen).extracting(Change::version).containsExactly(7L, 0L);
        await().atMost(SOON).until(() -> number("select count(*) from outbox.change") == 0);
        assertThat(capture.taken()).isEqualTo(2);
        assertThat(capture.failures()).isZero();
    }

    @Test
    void whatIsRolledBackIsNotHandedOver() throws SQLException {
        startListening();
        other.setAutoCommit(false);
        change("never", 1L);
        other.rollback();
        other.setAutoCommit(true);
        change("after", 1L);
        await().atMost(SOON).until(() -> !seen.isEmpty());
        assertThat(keys()).containsExactly("after");
    }

    @Test
    void aLowerIdThatCommitsLaterIsNotSkipped() throws SQLException {
        startListening();
        other.setAutoCommit(false);
        change("slow", 1L);
        try (Connection third = connections().open();
                Statement statement = third.createStatement()) {
            statement.execute("insert into outbox.change (kind, key) values ('row', 'quick')");
        }
        await().atMost(SOON).until(() -> keys().equals(List.of("quick")));
        other.commit();
        other.setAutoCommit(true);
        await().atMost(WITHIN).until(() -> keys().equals(List.of("quick", "slow")));
    }

    @Test
    void aListenerThatIsCutOffComesBackAndMissesNothing() throws SQLException {
        startListening();
        other.setAutoCommit(false);
        // In one transaction: the change is committed when the listener is already gone.
        assertThat(
                        number(
                                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                                        + " where application_name = 'change-capture'"
                                        + " and pid <> pg_backend_pid()"))
                .isEqualTo(1);
        await().atMost(SOON).until(() -> capture.failures() > 0);
        change("meanwhile", 1L);
        other.commit();
        other.setAutoCommit(true);
        await().atMost(SOON).until(() -> keys().contains("meanwhile"));
        change("afterwards", 2L);
        await().atMost(WITHIN).until(() -> keys().contains("afterwards"));
    }

    @Test
    void aLostNotificationCostsNoMoreThanTheNextLook() throws SQLException {
        capture = following().lookEvery(Duration.ofMillis(300)).start(seen::addAll);
        await().atMost(SOON).until(capture::isListening);
        run("alter table outbox.change disable trigger tell");
        change("silent", 1L);
        await().atMost(SOON).until(() -> keys().contains("silent"));
    }

    @Test
    void aReaderThatFailsSeesTheSameChangesAgain() throws SQLException {
        AtomicBoolean away = new AtomicBoolean(true);
        CountDownLatch failed = new CountDownLatch(2);
        capture =
                following()
                        .start(
                                changes -> {
                                    if (away.get()) {
                                        failed.countDown();
                                        throw new StoreAwayException("the store is away", null);
                                    }
                                    seen.addAll(changes);
                                });
        change("kept", 1L);
        await().atMost(SOON).until(() -> failed.getCount() == 0);
        assertThat(number("select count(*) from outbox.change")).isEqualTo(1);
        away.set(false);
        await().atMost(SOON).until(() -> keys().equals(List.of("kept")));
    }

    /** One thread follows; nobody else would notice its end. */
    @Test
    void nothingThatIsThrownEndsTheFollowing() throws SQLException {
        ChangeCapture.Connections real = connections();
        AtomicInteger opened = new AtomicInteger();
        AtomicInteger read = new AtomicInteger();
        capture =
                ChangeCapture.of(
                                () -> {
                                    if (opened.getAndIncrement() == 0) {
                                        throw new IllegalStateException("no driver yet");
                                    }
                                    return real.open();
                                },
                                "outbox.change",
                                "outbox_change")
                        .longestPause(Duration.ofMillis(200))
                        .start(
                                changes -> {
                                    if (read.getAndIncrement() == 0) {
                                        throw new LinkageError("half of a release");
                                    }
                                    seen.addAll(changes);
                                });
        change("kept", 1L);
        await().atMost(SOON).until(() -> keys().equals(List.of("kept")));
        assertThat(capture.failures()).isEqualTo(2);
    }

    @Test
    void whatWasThereBeforeIsTakenInBatchesByAllWhoFollow() throws SQLException {
        run(
                "insert into outbox.change (kind, key)"
                        + " select 'row', n::text from generate_series(1, 2500) n");
        capture = following().batch(100).start(seen::addAll);
        try (ChangeCapture second = following().batch(100).start(seen::addAll)) {
            await().atMost(SOON).until(() -> seen.size() >= 2500);
            await().atMost(SOON).until(() -> capture.taken() + second.taken() == 2500);
        }
        assertThat(keys()).doesNotHaveDuplicates().hasSize(2500);
    }

    @Test
    void aNameThatIsNotPlainIsRefused() {
        assertThatThrownBy(() -> ChangeCapture.of(connections(), "a; drop table b", "c"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
